//! From a verified bundle to a consumed Grant: anew, or found again at the audit service by whoever lost the answer.

use client::CallError;
use domain::{Digest, SessionId, UnixSeconds};
use statement::sha256;
use wire::audit::{OpenRecording, TakenGrant};
use wire::break_glass::is_counted;
use wire::broker::{LeaseRequest, Leases};
use wire::event::{Event, EventKind, Receipt};
use wire::extension::LoggedExtension;

use super::words::{already_taken, not_reliable, refused};
use super::{Gate, Opened, Verified};
use crate::log::{LogError, Proven};
use crate::refused::Refused;
use crate::session::{Extended, Facts};

/// How the Grant came to be consumed.
pub enum Granted {
    /// By this call.
    Now(Opened),
    /// By an earlier call whose answer never became a Session here. The clock has run since then.
    Before(Opened, Place),
}

/// Where a recording goes on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Place {
    pub batch: u64,
    pub frame: u64,
}

impl Gate {
    /// Consumes the Grant at the audit service and proves that it was consumed for exactly this. One that an earlier
    /// call consumed is found again there, for the same Device and with the same end.
    ///
    /// # Errors
    /// [`Refused`], also when another Device or a Session that is over took it.
    pub async fn consume(&self, verified: Verified) -> Result<Granted, Refused> {
        // An approval that has lapsed opens nothing, nor one under a policy that was replaced; what it opened in time may be
        // gone on with.
        if verified.check_now().is_err() {
            return self.take_up(verified).await;
        }
        self.broker_is_there().await?;
        let ends_at = verified.now + verified.opening.terms().duration_seconds;
        let call = OpenRecording {
            bundle_json: verified.bundle_json.clone(),
            tls_client: verified.certificate.clone(),
            opened_at: verified.now,
            ends_at,
            target: verified.targets.first().map(|t| t.name.clone()).unwrap_or_default(),
            policy: verified.policies.current().policy.digest().clone(),
        };
        let receipt: Receipt = match self.audit.post_json("/v1/recordings", &call).await {
            Ok(receipt) => receipt,
            Err(CallError::Refused(problem)) if problem.code == "already-taken" => return self.take_up(verified).await,
            Err(CallError::Refused(problem)) if problem.code == "recording-sealed" => return Err(already_taken()),
            Err(CallError::Refused(problem)) if problem.status < 500 => {
                tracing::warn!(code = problem.code, "the audit service refused an opening");
                let title = "The audit service does not accept this opening.";
                return Err(refused(403, "audit-refused", title, &problem.detail));
            }
            Err(error) => return Err(not_reliable(&LogError::Call(error))),
        };
        let proven = self.log.prove(receipt, &verified.head).await.map_err(|e| not_reliable(&e))?;
        let session = SessionId::from(verified.opening.open().digest().clone());
        check_receipt(&proven, &session, &verified, ends_at)?;
        let (opened_at, bundle_json) = (verified.now, verified.bundle_json.clone());
        let begun = Begun { session, opened_at, ends_at, bundle_json, receipt: proven.receipt().clone() };
        let facts = facts(&verified, begun);
        Ok(Granted::Now(verified.opened(facts, Vec::new())))
    }

    /// The Grant is taken and no Session of this gateway has it: what the audit service knows of it is held against
    /// the log and against what was signed.
    async fn take_up(&self, verified: Verified) -> Result<Granted, Refused> {
        let Some(taken) = self.taken(verified.request()).await? else {
            verified.check_now()?;
            return Err(already_taken());
        };
        let recording = taken.recording;
        if recording.sealed || recording.device != *verified.device() || recording.request != *verified.request() {
            return Err(already_taken());
        }
        let place = Place { batch: recording.next_batch, frame: taken.next_frame };
        let begun = Begun {
            session: recording.session,
            opened_at: recording.opened_at,
            ends_at: recording.ends_at,
            bundle_json: taken.bundle_json,
            receipt: recording.opened,
        };
        let facts = facts(&verified, begun);
        Ok(Granted::Before(self.resume_with(verified, facts, taken.extensions).await?, place))
    }

    /// What the audit service knows of a Grant that was taken.
    pub(super) async fn taken(&self, request: &Digest) -> Result<Option<TakenGrant>, Refused> {
        match self.audit.get_json(&format!("/v1/grants/{request}")).await {
            Ok(taken) => Ok(Some(taken)),
            Err(CallError::Refused(problem)) if problem.status == 404 => Ok(None),
            Err(error) => Err(not_reliable(&LogError::Call(error))),
        }
    }

    /// Goes on with a Session that was opened before: same request, same Device, the clock as it was. What extended it
    /// since, the audit service says.
    ///
    /// # Errors
    /// [`Refused`] when it is another Device's, or its receipt does not hold.
    pub async fn resume(&self, verified: Verified, facts: Facts) -> Result<Opened, Refused> {
        let taken = self.taken(&facts.request).await?.ok_or_else(already_taken)?;
        self.resume_with(verified, facts, taken.extensions).await
    }

    async fn resume_with(
        &self,
        verified: Verified,
        facts: Facts,
        extensions: Vec<LoggedExtension>,
    ) -> Result<Opened, Refused> {
        if facts.device != *verified.device() {
            return Err(already_taken());
        }
        let proven = self.log.prove(facts.receipt.clone(), &verified.head).await.map_err(|e| not_reliable(&e))?;
        let of_this = is_of(proven.event(), &facts) && is_counted(proven.event(), &verified.opening);
        if !(of_this && is_asked_by(&verified, &facts)) {
            return Err(not_as_kept());
        }
        verified.check_fresh(facts.opened_at)?;
        let extensions = self.verify_listed(facts.open_session(), extensions).await?;
        Ok(verified.opened(facts, extensions))
    }

    async fn broker_is_there(&self) -> Result<(), Refused> {
        let nothing = LeaseRequest { sessions: Vec::new() };
        self.broker.post_json::<_, Leases>("/v1/leases", &nothing).await.map(drop).map_err(|error| {
            tracing::warn!(%error, "no leases from the broker");
            refused(
                503,
                "broker-unreachable",
                "The broker does not answer.",
                "Nothing was opened and the approval is still good. Try again in a minute.",
            )
        })
    }
}

impl Verified {
    /// Whether it could open anything anew.
    fn check_now(&self) -> Result<(), Refused> {
        self.check_fresh(self.now)?;
        self.check_in_force()
    }

    fn opened(self, facts: Facts, extensions: Vec<Extended>) -> Opened {
        Opened { facts, extensions, targets: self.targets, certificate: self.certificate }
    }
}

/// The receipt is about this bundle, this certificate and these times, and about nothing else.
fn check_receipt(
    proven: &Proven,
    session: &SessionId,
    verified: &Verified,
    ends_at: UnixSeconds,
) -> Result<(), Refused> {
    let event = proven.event();
    let fact = |name: &str| event.facts.get(name).map(String::as_str);
    let right = event.kind == EventKind::SessionOpened
        && event.session.as_ref() == Some(session)
        && event.organization.as_ref() == Some(&verified.opening.organization().id)
        && fact("bundle") == Some(sha256(&verified.bundle_json).as_str())
        && fact("tls-client") == Some(verified.certificate.as_str())
        && fact("opened-at") == Some(verified.now.to_string().as_str())
        && fact("ends-at") == Some(ends_at.to_string().as_str())
        && event.statements.contains(verified.request())
        && is_counted(event, &verified.opening);
    if right { Ok(()) } else { Err(not_reliable(&LogError::Broken("the receipt is about something else"))) }
}

/// What was kept of an opening is what the log says about it. Neither our disk nor the audit service's store is believed.
fn is_of(event: &Event, facts: &Facts) -> bool {
    let fact = |name: &str| event.facts.get(name).map(String::as_str);
    let scope = serde_json::to_value(facts.scope).ok();
    event.kind == EventKind::SessionOpened
        && event.session.as_ref() == Some(&facts.session)
        && event.organization.as_ref() == Some(&facts.organization.id)
        && fact("bundle") == Some(facts.bundle.as_str())
        && facts.bundle == sha256(&facts.bundle_json)
        && fact("opened-at") == Some(facts.opened_at.to_string().as_str())
        && fact("ends-at") == Some(facts.ends_at.to_string().as_str())
        && fact("scope").is_none_or(|word| scope.as_ref().and_then(|s| s.as_str()) == Some(word))
        && event.statements.contains(&facts.request)
}

/// What was kept names the person, the Organization, the Scope and the time that the signatures name.
fn is_asked_by(verified: &Verified, facts: &Facts) -> bool {
    let opening = &verified.opening;
    let (who, terms) = (&opening.request().identity, opening.terms());
    facts.request == *verified.request()
        && facts.organization == *opening.organization()
        && facts.scope == terms.scope
        && facts.person == who.person.0
        && facts.name == who.name
        && (1..=terms.duration_seconds).contains(&(facts.ends_at - facts.opened_at))
}

/// When an opening happened, and what proves it.
struct Begun {
    session: SessionId,
    opened_at: UnixSeconds,
    ends_at: UnixSeconds,
    bundle_json: String,
    receipt: Receipt,
}

fn facts(verified: &Verified, begun: Begun) -> Facts {
    let opening = &verified.opening;
    let who = &opening.request().identity;
    Facts {
        session: begun.session,
        request: verified.request().clone(),
        device: who.device.clone(),
        person: who.person.0.clone(),
        name: who.name.clone(),
        organization: opening.organization().clone(),
        scope: opening.terms().scope,
        opened_at: begun.opened_at,
        ends_at: begun.ends_at,
        bundle: sha256(&begun.bundle_json),
        bundle_json: begun.bundle_json,
        receipt: begun.receipt,
        policies: verified.adoptions(),
    }
}

fn not_as_kept() -> Refused {
    tracing::error!("what is kept of a Session is not what the log says of it");
    refused(
        503,
        "session-file-broken",
        "What the gateway kept of this session is not what the audit log says of it.",
        "Tell your administrators; ask for access again.",
    )
}
