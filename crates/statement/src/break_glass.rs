//! Break-glass: two administrators sign in advance who may open what in an emergency, so that nobody has to be found then. The
//! use is signed by whom they name; the four eyes are theirs.

use domain::{Digest, Role, UnixSeconds};
use serde::{Deserialize, Serialize};

use crate::administrators::{Wrong, verify_both};
use crate::{ADMINISTRATORS_WAIT, BreakGlass, Directory, Enrolments, KnownKeys, Refusal, Request, Signer, Trust};

/// More enrolments than these no permission needs.
const MAX_ENROLS: usize = 128;
/// A permission ends this long after it was signed at the latest, in seconds.
const LONGEST: i64 = 90 * 24 * 3600;

/// What two administrators signed: each the same permission, each with a code for exactly their statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SignedBreakGlass {
    /// `break-glass` statements of different administrators, in the order in which they were signed.
    pub statements: Vec<String>,
    /// The broker's attestation of the code for each of them, in the same order.
    pub mfa: Vec<String>,
}

/// A break-glass permission with everything that proves it. Compact forms only; nothing in it is believed because of who
/// carried it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BreakGlassPermission {
    pub signed: SignedBreakGlass,
    /// The chain of `enrol` statements down to first administrators, in any order.
    pub enrols: Vec<String>,
    /// PK tokens of everybody who signed anything above.
    pub pk_tokens: Vec<String>,
}

/// A permission in which everything was checked that does not depend on its use.
#[derive(Debug, Clone)]
pub struct Permitted {
    id: Digest,
    signers: Vec<Signer<BreakGlass>>,
}

impl Permitted {
    /// What a request names it by.
    #[must_use]
    pub fn id(&self) -> &Digest {
        &self.id
    }

    #[must_use]
    pub fn body(&self) -> &BreakGlass {
        let first = self.signers.first().unwrap_or_else(|| unreachable!("a permission has two signers"));
        first.statement.body()
    }

    /// The administrators: two different people, in the order in which they signed.
    #[must_use]
    pub fn signers(&self) -> &[Signer<BreakGlass>] {
        &self.signers
    }

    /// When the first of the signatures can no longer be countersigned.
    #[must_use]
    pub fn signable_until(&self) -> UnixSeconds {
        self.signers.iter().map(|s| s.statement.payload().exp).min().unwrap_or_default()
    }

    /// Whether it permits to open at this moment.
    ///
    /// # Errors
    /// [`Refusal::NotPermittedNow`].
    pub fn check_time(&self, at: UnixSeconds) -> Result<(), Refusal> {
        let BreakGlass { from, until, .. } = self.body();
        if (*from..*until).contains(&at) { Ok(()) } else { Err(Refusal::NotPermittedNow) }
    }
}

/// Verifies a permission as it is filed: before anybody uses it, and long after.
///
/// # Errors
/// [`Refusal`] naming the first check that failed.
pub fn verify_permission(
    permission: &BreakGlassPermission,
    trust: &Trust,
    provider: impl Into<KnownKeys>,
    now: UnixSeconds,
) -> Result<Permitted, Refusal> {
    if permission.enrols.len() > MAX_ENROLS {
        return Err(Refusal::TooLarge);
    }
    let directory = Directory::new(&permission.pk_tokens, trust, provider)?;
    let enrolments = Enrolments::derive(&permission.enrols, &directory, trust, now);
    let permitted = verify_signed(&permission.signed, &directory, &enrolments, trust, now)?;
    let signed = permitted.signers.iter().map(|s| s.statement.kid());
    directory.check_all_signed(signed.chain(enrolments.signers()))?;
    Ok(permitted)
}

/// The one check of what two administrators signed, for whoever files it and for whoever opens with it.
pub(crate) fn verify_signed(
    signed: &SignedBreakGlass,
    directory: &Directory<'_>,
    enrolments: &Enrolments,
    trust: &Trust,
    now: UnixSeconds,
) -> Result<Permitted, Refusal> {
    let wrong = Wrong {
        differ: Refusal::PermissionsDiffer,
        too_few: Refusal::TooFewAdministrators,
        malformed: Refusal::Malformed("break-glass"),
    };
    let statements = (&signed.statements[..], &signed.mfa[..]);
    let signers = verify_both(statements, directory, trust, now, wrong, |signer| check(signer, enrolments, trust))?;
    Ok(Permitted { id: signers[0].statement.body().id(), signers: signers.into() })
}

/// Verifies one administrator's statement, before the other one has signed: with the keys of today, and while it is fresh.
///
/// # Errors
/// [`Refusal`] naming the first check that failed.
pub fn verify_break_glass(
    compact: &str,
    directory: &Directory<'_>,
    enrolments: &Enrolments,
    trust: &Trust,
    now: UnixSeconds,
) -> Result<Signer<BreakGlass>, Refusal> {
    let (statement, identity) = directory.verify::<BreakGlass>(compact)?;
    statement.check_envelope(&trust.gateway_id, now)?;
    let signer = Signer { statement, identity };
    check(&signer, enrolments, trust)?;
    Ok(signer)
}

fn check(signer: &Signer<BreakGlass>, enrolments: &Enrolments, trust: &Trust) -> Result<(), Refusal> {
    let Signer { statement, identity } = signer;
    let signed_at = statement.payload().iat;
    enrolments.check_waited(identity, signed_at, ADMINISTRATORS_WAIT)?;
    if !identity.roles.contains(&Role::Administrator) {
        return Err(Refusal::MissingRole);
    }
    let body = statement.body();
    if body.persons.contains(&identity.person) {
        return Err(Refusal::NamesItsSigner);
    }
    if body.scope > trust.limits.max_scope {
        return Err(Refusal::ScopeAboveBound);
    }
    if body.duration_seconds > trust.limits.max_duration_seconds {
        return Err(Refusal::DurationOutOfBounds);
    }
    if body.until > signed_at.saturating_add(LONGEST) {
        return Err(Refusal::LivesTooLong);
    }
    Ok(())
}

/// A request is opened with the permission that it names and with none besides, by a person, in an Organization and on terms
/// that it permits.
///
/// # Errors
/// [`Refusal`] naming the first check that failed.
pub fn check_use(request: &Signer<Request>, permitted: Option<&Permitted>) -> Result<(), Refusal> {
    let asked = request.statement.body();
    if asked.break_glass.as_ref() != permitted.map(Permitted::id) {
        return Err(Refusal::OtherPermission);
    }
    let Some(permitted) = permitted else { return Ok(()) };
    let (body, who) = (permitted.body(), &request.identity);
    if !body.persons.contains(&who.person) {
        return Err(Refusal::PersonNotNamed);
    }
    if permitted.signers.iter().any(|s| s.identity.device == who.device) {
        return Err(Refusal::SameDevice);
    }
    if !body.organizations.contains(&asked.organization) {
        return Err(Refusal::OrganizationNotNamed);
    }
    if asked.scope > body.scope || asked.duration_seconds > body.duration_seconds {
        return Err(Refusal::WiderThanPermitted);
    }
    permitted.check_time(request.statement.payload().iat)
}
