use std::net::IpAddr;
use std::ops::RangeInclusive;

use domain::{Digest, Organization, Role, UnixSeconds};

use crate::break_glass::{check_use, verify_signed};
use crate::{
    Bundle, Decision, Directory, Enrolments, Identity, Kind, KnownKeys, Mfa, MfaPurpose, Permitted, Refusal, Request,
    SessionOpen, Signed, Terms, Trust, Unverified, Verdict, extension, seen_in,
};

/// An Approval opens within this time, in seconds.
const APPROVAL_OPENS_WITHIN: i64 = 4 * 3600;
/// A second factor at sign-in is good for asking this long, in seconds.
const SIGN_IN_FACTOR: i64 = 8 * 3600;
/// A second factor is good for opening this long, in seconds.
const OPENING_FACTOR: i64 = 15 * 60;
/// The broker attests a decision's code within this time of the signature, in seconds.
const DECISION_FACTOR: i64 = 5 * 60;

/// A statement and who signed it.
#[derive(Debug, Clone)]
pub struct Signer<B> {
    pub statement: Signed<B>,
    pub identity: Identity,
}

/// A second factor as the broker attests it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Factor {
    pub method: String,
    /// How old it was when the statement was signed, in seconds.
    pub age_seconds: i64,
    /// Where its code came from.
    pub address: Option<IpAddr>,
}

impl Factor {
    /// What is attested, at this age.
    #[must_use]
    pub fn of(attestation: &Mfa, age_seconds: i64) -> Self {
        Self { method: attestation.method.clone(), age_seconds, address: attestation.address }
    }
}

/// A bundle in which every signature, person, Device, digest, time and second factor was checked. Only
/// [`verify_open`] and [`verify_resume`] make one. It is not yet leave to enter: the gateway still asks its policy, checks [`Self::seen`]
/// against the log, and consumes the Grant.
#[derive(Debug, Clone)]
pub struct Opening {
    request: Signer<Request>,
    decisions: Vec<Signer<Decision>>,
    permitted: Option<Permitted>,
    open: Signed<SessionOpen>,
    terms: Terms,
    asked_with: Factor,
    decided_with: Vec<Factor>,
    /// What the administrators had seen who enrolled these Devices.
    enrolled_on: Vec<String>,
}

impl Opening {
    #[must_use]
    pub fn organization(&self) -> &Organization {
        &self.request.statement.body().organization
    }

    /// The narrowest of what was asked and what each approver granted.
    #[must_use]
    pub fn terms(&self) -> Terms {
        self.terms
    }

    #[must_use]
    pub fn request(&self) -> &Signer<Request> {
        &self.request
    }

    /// One for each approver; at least one, each another person. None by break-glass.
    #[must_use]
    pub fn decisions(&self) -> &[Signer<Decision>] {
        &self.decisions
    }

    /// What it was opened with in the place of decisions.
    #[must_use]
    pub fn break_glass(&self) -> Option<&Permitted> {
        self.permitted.as_ref()
    }

    /// Who signed beside the requester: each approver, or both administrators of the break-glass permission.
    pub fn countersigners(&self) -> impl Iterator<Item = &Identity> {
        let in_advance = self.permitted.iter().flat_map(|p| p.signers()).map(|s| &s.identity);
        self.decisions.iter().map(|d| &d.identity).chain(in_advance)
    }

    /// The statements that these made, compact.
    pub fn countersignatures(&self) -> impl Iterator<Item = &str> {
        let in_advance = self.permitted.iter().flat_map(|p| p.signers()).map(|s| s.statement.compact());
        self.decisions.iter().map(|d| d.statement.compact()).chain(in_advance)
    }

    /// The requester's second factor.
    #[must_use]
    pub fn asked_with(&self) -> &Factor {
        &self.asked_with
    }

    /// The second factor of each decision, in their order.
    #[must_use]
    pub fn decided_with(&self) -> &[Factor] {
        &self.decided_with
    }

    #[must_use]
    pub fn open(&self) -> &Signed<SessionOpen> {
        &self.open
    }

    /// Whether each approval, or the break-glass permission and its request, could still open at `opened_at`.
    ///
    /// # Errors
    /// [`Refusal::ApprovalLapsed`], [`Refusal::NotPermittedNow`], [`Refusal::Expired`].
    pub fn check_fresh(&self, opened_at: UnixSeconds) -> Result<(), Refusal> {
        if let Some(permitted) = &self.permitted {
            permitted.check_time(opened_at)?;
            let asked_until = self.request.statement.payload().exp;
            return if opened_at >= asked_until { Err(Refusal::Expired) } else { Ok(()) };
        }
        let mut decided = self.decisions.iter().map(|d| d.statement.payload().iat);
        let lapsed = decided.any(|at| opened_at >= at.saturating_add(APPROVAL_OPENS_WITHIN));
        if lapsed { Err(Refusal::ApprovalLapsed) } else { Ok(()) }
    }

    /// The Checkpoints that the signers had verified, as signed notes; the caller checks each against the log.
    pub fn seen(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.request.statement.payload().seen.as_str())
            .chain(self.decisions.iter().map(|d| d.statement.payload().seen.as_str()))
            .chain(self.permitted.iter().flat_map(|p| p.signers()).map(|s| s.statement.payload().seen.as_str()))
            .chain(std::iter::once(self.open.payload().seen.as_str()))
            .chain(self.enrolled_on.iter().map(String::as_str))
            .filter(|note| !note.is_empty())
    }
}

/// Verifies a whole bundle as of `now`: nothing of it is taken on trust but what `trust` pins and what the issuer
/// publishes (and, for enrolments, published before). `tls_client` is the SHA-256 of the certificate that the connection really uses.
///
/// # Errors
/// [`Refusal`] naming the first check that failed.
pub fn verify_open(
    bundle: &Bundle,
    trust: &Trust,
    provider: impl Into<KnownKeys>,
    tls_client: &Digest,
    now: UnixSeconds,
) -> Result<Opening, Refusal> {
    let opening = verify_resume(bundle, trust, provider, tls_client, now)?;
    opening.check_fresh(now)?;
    Ok(opening)
}

/// As [`verify_open`], for whoever may come back to a Session that is open: whether the approvals were fresh is left out
/// here. The caller asks [`Opening::check_fresh`] with the moment at which the log says that the Grant was opened, and
/// opens nothing anew with it.
///
/// # Errors
/// [`Refusal`] naming the first check that failed.
pub fn verify_resume(
    bundle: &Bundle,
    trust: &Trust,
    provider: impl Into<KnownKeys>,
    tls_client: &Digest,
    now: UnixSeconds,
) -> Result<Opening, Refusal> {
    let opening = verify_bundle(bundle, trust, provider, tls_client, now)?;
    if opening.request.statement.body().extends.is_some() {
        return Err(Refusal::OpensNothing);
    }
    Ok(opening)
}

/// What an opening and an extension have in common; which of the two it is, the caller asks.
pub(crate) fn verify_bundle(
    bundle: &Bundle,
    trust: &Trust,
    provider: impl Into<KnownKeys>,
    tls_client: &Digest,
    now: UnixSeconds,
) -> Result<Opening, Refusal> {
    bundle.check_bounds()?;
    let directory = Directory::new(&bundle.pk_tokens, trust, provider)?;
    let enrolments = Enrolments::derive(&bundle.enrols, &directory, trust, now);
    let request = verify_request(&bundle.request, &directory, &enrolments, trust, now)?;
    let factors = read_factors(&bundle.mfa, trust)?;
    let asked_at = request.statement.payload().iat;
    let asked_with = require_factor(&factors, &request.identity.kid, None, asked_at - SIGN_IN_FACTOR..=now, asked_at)?;

    let mut decisions: Vec<Signer<Decision>> = Vec::new();
    let mut decided_with = Vec::new();
    for compact in &bundle.decisions {
        let decision = verify_decision(compact, &request, &directory, &enrolments, trust, now)?;
        if decision.statement.body().verdict == Verdict::Deny {
            return Err(Refusal::Denied);
        }
        if decisions.iter().any(|d| d.identity.person == decision.identity.person) {
            return Err(Refusal::DecidedTwice);
        }
        let decided_at = decision.statement.payload().iat;
        decided_with.push(require_factor(
            &factors,
            &decision.identity.kid,
            Some(decision.statement.digest()),
            decided_at - DECISION_FACTOR..=decided_at + DECISION_FACTOR,
            decided_at,
        )?);
        decisions.push(decision);
    }
    let signed = bundle.break_glass.as_ref();
    let permitted = signed.map(|s| verify_signed(s, &directory, &enrolments, trust, now)).transpose()?;
    check_use(&request, permitted.as_ref())?;
    match (decisions.is_empty(), &permitted) {
        (true, None) => return Err(Refusal::NoApproval),
        (false, Some(_)) => return Err(Refusal::ApprovalAndBreakGlass),
        _ => {}
    }

    let in_advance = permitted.iter().flat_map(|p| p.signers());
    let signed: Vec<&Digest> = decisions
        .iter()
        .map(|d| d.statement.digest())
        .chain(in_advance.clone().map(|s| s.statement.digest()))
        .collect();
    let open = verify_session_open(bundle, &request, &signed, &directory, trust, tls_client, now)?;
    let opened_at = open.payload().iat;
    require_factor(&factors, open.kid(), None, opened_at - OPENING_FACTOR..=now, opened_at)?;
    let signed = decisions.iter().map(|d| d.statement.kid()).chain([request.statement.kid(), open.kid()]);
    let signed = signed.chain(in_advance.map(|s| s.statement.kid()));
    directory.check_all_signed(signed.chain(enrolments.signers()))?;
    let terms = narrowest(request.statement.body(), &decisions);
    let enrolled_on = bundle.enrols.iter().filter_map(|enrol| seen_in(enrol)).collect();
    Ok(Opening { request, decisions, permitted, open, terms, asked_with, decided_with, enrolled_on })
}

/// Verifies an Access Request: signature, person, Device, role, bounds and policy. Its own `exp` is the time until
/// which it may be decided, and is checked against `now` only while it is undecided (see [`verify_decision`]).
///
/// # Errors
/// [`Refusal`] naming the first check that failed.
pub fn verify_request(
    compact: &str,
    directory: &Directory<'_>,
    enrolments: &Enrolments,
    trust: &Trust,
    now: UnixSeconds,
) -> Result<Signer<Request>, Refusal> {
    let (statement, identity) = directory.verify::<Request>(compact)?;
    statement.check_issued(&trust.gateway_id, now)?;
    enrolments.check_person(&identity)?;
    enrolments.check_waited(&identity, statement.payload().iat, trust.waits.ask_seconds)?;
    require_role(&identity, Role::Engineer)?;
    let body = statement.body();
    if body.scope > trust.limits.max_scope {
        return Err(Refusal::ScopeAboveBound);
    }
    if body.duration_seconds < 1 || body.duration_seconds > trust.limits.max_duration_seconds {
        return Err(Refusal::DurationOutOfBounds);
    }
    if body.policy != trust.policy {
        return Err(Refusal::OtherPolicy);
    }
    if body.break_glass.is_some() && body.extends.is_some() {
        return Err(Refusal::NoMoreByBreakGlass);
    }
    extension::check_asked(body, statement.payload().iat)?;
    Ok(Signer { statement, identity })
}

/// Verifies an Approval or a Denial of `request`: signature, person other than the requester, Device, role, the exact
/// request, terms no wider, and that it was signed while the request could still be decided.
///
/// # Errors
/// [`Refusal`] naming the first check that failed.
pub fn verify_decision(
    compact: &str,
    request: &Signer<Request>,
    directory: &Directory<'_>,
    enrolments: &Enrolments,
    trust: &Trust,
    now: UnixSeconds,
) -> Result<Signer<Decision>, Refusal> {
    let (statement, identity) = directory.verify::<Decision>(compact)?;
    statement.check_issued(&trust.gateway_id, now)?;
    enrolments.check_person(&identity)?;
    require_role(&identity, Role::Approver)?;
    if identity.person == request.identity.person {
        return Err(Refusal::SamePerson);
    }
    if identity.device == request.identity.device {
        return Err(Refusal::SameDevice);
    }
    let (body, asked) = (statement.body(), request.statement.body());
    // To deny is to stop, and waits for nothing.
    if body.verdict == Verdict::Approve {
        enrolments.check_waited(&identity, statement.payload().iat, trust.waits.approve_seconds)?;
    }
    if body.request != *request.statement.digest() {
        return Err(Refusal::OtherRequest);
    }
    if body.policy != trust.policy {
        return Err(Refusal::OtherPolicy);
    }
    let terms = body.terms;
    if terms.scope > asked.scope || terms.duration_seconds > asked.duration_seconds {
        return Err(Refusal::WiderThanAsked);
    }
    if terms.duration_seconds < 1 {
        return Err(Refusal::DurationOutOfBounds);
    }
    extension::check_granted(asked, &terms)?;
    let (asked_at, decided_at) = (request.statement.payload(), statement.payload().iat);
    if decided_at < asked_at.iat - 5 || decided_at >= asked_at.exp {
        return Err(Refusal::Expired);
    }
    Ok(Signer { statement, identity })
}

/// Verifies one attestation of the broker.
///
/// # Errors
/// [`Refusal`] naming the first check that failed.
pub fn verify_mfa(compact: &str, trust: &Trust) -> Result<Signed<Mfa>, Refusal> {
    let attestation = verify_attested::<Mfa>(compact, trust)?;
    let body = attestation.body();
    if (body.purpose == MfaPurpose::Statement) != body.statement.is_some() {
        return Err(Refusal::Malformed("attestation"));
    }
    Ok(attestation)
}

/// Reads a statement of the broker and checks it with the attestation key that `trust` pins.
///
/// # Errors
/// [`Refusal`] naming the first check that failed.
pub fn verify_attested<B: Kind>(compact: &str, trust: &Trust) -> Result<Signed<B>, Refusal> {
    let statement = Unverified::<B>::read(compact)?.verify(&trust.attestation_key)?;
    if statement.payload().aud != trust.gateway_id {
        return Err(Refusal::WrongAudience);
    }
    Ok(statement)
}

fn verify_session_open(
    bundle: &Bundle,
    request: &Signer<Request>,
    signed: &[&Digest],
    directory: &Directory<'_>,
    trust: &Trust,
    tls_client: &Digest,
    now: UnixSeconds,
) -> Result<Signed<SessionOpen>, Refusal> {
    let (open, opener) = directory.verify::<SessionOpen>(&bundle.open)?;
    open.check_envelope(&trust.gateway_id, now)?;
    if opener.person != request.identity.person || opener.device != request.identity.device {
        return Err(Refusal::NotTheRequester);
    }
    if open.body().request != *request.statement.digest() {
        return Err(Refusal::OtherRequest);
    }
    if !open.body().decisions.iter().eq(signed.iter().copied()) {
        return Err(Refusal::OtherDecisions);
    }
    if open.body().tls_client != *tls_client {
        return Err(Refusal::OtherTlsKey);
    }
    Ok(open)
}

fn read_factors(attestations: &[String], trust: &Trust) -> Result<Vec<Signed<Mfa>>, Refusal> {
    attestations.iter().map(|a| verify_mfa(a, trust)).collect()
}

/// A second factor of this PK token's holder, for this statement (or a sign-in), attested within the time. Of several,
/// the last one before the signature counts; of one that was attested only later nobody knows how old it was, and it
/// counts as old as it may be.
fn require_factor(
    factors: &[Signed<Mfa>],
    kid: &Digest,
    statement: Option<&Digest>,
    attested: RangeInclusive<UnixSeconds>,
    signed_at: UnixSeconds,
) -> Result<Factor, Refusal> {
    let of_subject: Vec<&Signed<Mfa>> =
        factors.iter().filter(|f| f.body().subject == *kid && f.body().statement.as_ref() == statement).collect();
    if of_subject.is_empty() {
        return Err(Refusal::NoSecondFactor);
    }
    let within = *attested.start()..=attested.end().saturating_add(5);
    let fresh = of_subject.into_iter().filter(|f| within.contains(&f.payload().iat));
    let age = |f: &Signed<Mfa>| match signed_at.saturating_sub(f.payload().iat) {
        age if age >= -5 => age.max(0),
        _ => signed_at.saturating_sub(*within.start()),
    };
    let youngest = fresh.map(|f| (age(f), f)).min_by_key(|(age, _)| *age);
    let (age_seconds, factor) = youngest.ok_or(Refusal::SecondFactorTooOld)?;
    Ok(Factor::of(factor.body(), age_seconds))
}

fn require_role(who: &Identity, role: Role) -> Result<(), Refusal> {
    if who.roles.contains(&role) { Ok(()) } else { Err(Refusal::MissingRole) }
}

fn narrowest(asked: &Request, decisions: &[Signer<Decision>]) -> Terms {
    let asked = Terms { duration_seconds: asked.duration_seconds, scope: asked.scope };
    decisions.iter().fold(asked, |terms, d| {
        let granted = d.statement.body().terms;
        Terms {
            duration_seconds: terms.duration_seconds.min(granted.duration_seconds),
            scope: terms.scope.min(granted.scope),
        }
    })
}
