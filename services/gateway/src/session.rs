//! A Session that is open. It exists only after its bundle was verified, its Grant consumed and its receipt proven
//! ([`crate::opening::Opened`]), and it gives leave ([`Permit`]) only while clock and lease allow it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use domain::{Clock, Digest, Organization, Scope, SessionId, UnixSeconds};
use serde::{Deserialize, Serialize};
use statement::{Lease, Signed};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use wire::event::Receipt;
use wire::gateway::{OpenedSession, ServiceProof, SessionStatus};

use crate::authorise::{Authorised, Grant};
use crate::opening::Opened;
use crate::refusals::Refusals;
use crate::refused::Refused;
use crate::tape::Tape;
use crate::targets::Target;

/// A lease is good for this long after it came, at most.
const LEASE: Duration = Duration::from_secs(15);
/// Pages whose recorder may still send.
const MAX_PAGES: usize = 256;

/// What a Session is, as it also stands beside its spool: signed statements and addresses, nothing that was captured.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    pub session: SessionId,
    pub request: Digest,
    /// Thumbprint of the requester's Device key.
    pub device: Digest,
    pub person: String,
    pub name: String,
    pub organization: Organization,
    pub scope: Scope,
    pub opened_at: UnixSeconds,
    pub ends_at: UnixSeconds,
    pub bundle_json: String,
    pub bundle: Digest,
    pub receipt: Receipt,
}

/// An open Session.
pub struct Session {
    facts: Facts,
    targets: Vec<Arc<Target>>,
    tape: Tape,
    clock: Arc<dyn Clock>,
    deadline: Instant,
    leased_until: Mutex<Option<Instant>>,
    certificate: Mutex<Digest>,
    pages: Mutex<VecDeque<String>>,
    end: CancellationToken,
    ended_by: OnceLock<&'static str>,
    exchanges: Arc<()>,
    refusals: Mutex<Refusals>,
}

/// Leave to forward one request: the Session was alive and leased when it was given, and the request stays within the
/// Grant. Only [`Session::permit`] gives it, and nothing is forwarded without it.
pub struct Permit<'a> {
    session: &'a Session,
    authorised: Authorised,
}

impl Permit<'_> {
    #[must_use]
    pub fn session(&self) -> &Session {
        self.session
    }

    #[must_use]
    pub fn authorised(&self) -> Authorised {
        self.authorised
    }
}

impl Session {
    /// Begins, or goes on after a restart of the gateway.
    #[must_use]
    pub fn begin(opened: Opened, tape: Tape, clock: Arc<dyn Clock>) -> Self {
        let (facts, targets, certificate) = opened.into_parts();
        // The wall clock is read once; from here on monotonic time counts.
        let left = u64::try_from(facts.ends_at.saturating_sub(clock.now())).unwrap_or(0);
        Self {
            deadline: Instant::now() + Duration::from_secs(left),
            facts,
            targets,
            tape,
            clock,
            leased_until: Mutex::new(None),
            certificate: Mutex::new(certificate),
            pages: Mutex::new(VecDeque::new()),
            end: CancellationToken::new(),
            ended_by: OnceLock::new(),
            exchanges: Arc::new(()),
            refusals: Mutex::new(Refusals::begin(Instant::now())),
        }
    }

    #[must_use]
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    #[must_use]
    pub fn tape(&self) -> &Tape {
        &self.tape
    }

    /// The terms that requests are measured against.
    #[must_use]
    pub fn grant(&self) -> Grant<'_> {
        Grant { organization: &self.facts.organization, scope: self.facts.scope }
    }

    #[must_use]
    pub fn targets(&self) -> &[Arc<Target>] {
        &self.targets
    }

    /// The service behind this host name.
    #[must_use]
    pub fn target(&self, host: &str) -> Option<&Arc<Target>> {
        let host = host.strip_suffix(":443").unwrap_or(host);
        self.targets.iter().find(|t| t.hosts.iter().any(|h| h == host))
    }

    /// Gives leave for one authorised request.
    ///
    /// # Errors
    /// [`Refused`] when the Session is over or its lease has run out.
    pub fn permit(&self, authorised: Authorised) -> Result<Permit<'_>, Refused> {
        self.alive()?;
        Ok(Permit { session: self, authorised })
    }

    /// Whether anything may be done in the Session.
    ///
    /// # Errors
    /// [`Refused`] saying why not.
    pub fn alive(&self) -> Result<(), Refused> {
        if let Some(reason) = self.due() {
            self.end(reason);
        }
        match self.ended_by() {
            Some(reason) => Err(over(reason, &self.facts.organization)),
            None => Ok(()),
        }
    }

    /// Why the Session has to end now, if it has to. The wall clock can only end it early.
    #[must_use]
    pub fn due(&self) -> Option<&'static str> {
        let now = Instant::now();
        if now >= self.deadline || self.clock.now() >= self.facts.ends_at {
            return Some("expired");
        }
        let leased_until = *self.leased_until.lock().unwrap_or_else(PoisonError::into_inner);
        if leased_until.is_none_or(|until| now >= until) { Some("lease-lost") } else { None }
    }

    /// Takes a lease that the broker signed for exactly this Session.
    pub fn take_lease(&self, lease: &Signed<Lease>) -> bool {
        let now = self.clock.now();
        let body = lease.body();
        let mine = body.session == self.facts.session && body.request == self.facts.request;
        if !mine || lease.check_envelope(&lease.payload().aud, now).is_err() {
            return false;
        }
        let left = Duration::from_secs(u64::try_from(lease.payload().exp - now).unwrap_or(0)).min(LEASE);
        *self.leased_until.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + left);
        true
    }

    /// Ends it; the first reason stays.
    pub fn end(&self, reason: &'static str) {
        let _ = self.ended_by.set(reason);
        self.end.cancel();
    }

    #[must_use]
    pub fn ended_by(&self) -> Option<&'static str> {
        self.ended_by.get().copied()
    }

    /// Returns when the Session is over: whoever moves bytes stops then.
    pub async fn over(&self) {
        self.end.cancelled().await;
    }

    /// Returns at the Session's end by the clock.
    pub async fn deadline(&self) {
        tokio::time::sleep_until(self.deadline).await;
    }

    /// Held by whoever still has something to record.
    #[must_use]
    pub fn exchange_guard(&self) -> Arc<()> {
        self.exchanges.clone()
    }

    /// Whether somebody still has something to record.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        Arc::strong_count(&self.exchanges) > 1
    }

    /// Counts a refusal; whether it becomes an Event of its own.
    pub fn count_refusal(&self) -> bool {
        self.refusals.lock().unwrap_or_else(PoisonError::into_inner).count(Instant::now())
    }

    /// How many refusals were left out of the log, once their minute is over or `at_once`.
    pub fn take_left_out(&self, at_once: bool) -> Option<u32> {
        self.refusals.lock().unwrap_or_else(PoisonError::into_inner).take_left_out(Instant::now(), at_once)
    }

    #[must_use]
    pub fn certificate(&self) -> Digest {
        self.certificate.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The same Device comes back with a new certificate; the old one is good for nothing any more.
    pub fn rebind(&self, certificate: Digest) {
        *self.certificate.lock().unwrap_or_else(PoisonError::into_inner) = certificate;
    }

    /// Remembers a page whose recorder may send events.
    pub fn add_page(&self, page: String) {
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        if pages.len() == MAX_PAGES {
            pages.pop_front();
        }
        pages.push_back(page);
    }

    #[must_use]
    pub fn knows_page(&self, page: &str) -> bool {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner).iter().any(|p| p == page)
    }

    /// What a service may verify for itself.
    #[must_use]
    pub fn proof(&self) -> ServiceProof {
        ServiceProof {
            bundle_json: self.facts.bundle_json.clone(),
            receipt: self.facts.receipt.clone(),
            opened_at: self.facts.opened_at,
        }
    }

    #[must_use]
    pub fn opened(&self) -> OpenedSession {
        let facts = &self.facts;
        OpenedSession {
            session: facts.session.clone(),
            organization: facts.organization.clone(),
            scope: facts.scope,
            opened_at: facts.opened_at,
            ends_at: facts.ends_at,
            hosts: self.targets.iter().flat_map(|t| t.hosts.clone()).collect(),
            start: self.targets.first().map(|t| t.start_for(&facts.organization.id)).unwrap_or_default(),
            receipt: facts.receipt.clone(),
        }
    }

    #[must_use]
    pub fn status(&self) -> SessionStatus {
        SessionStatus {
            session: self.facts.session.clone(),
            open: self.ended_by().is_none(),
            ended_by: self.ended_by().map(str::to_owned),
            now: self.clock.now_millis(),
            ends_at: self.facts.ends_at,
            recording_lag: u32::try_from(self.tape.lag().as_millis()).unwrap_or(u32::MAX),
            paused: self.ended_by().is_none() && self.tape.is_behind(),
        }
    }
}

/// What is told when a Session is over.
#[must_use]
pub fn over(reason: &str, organization: &Organization) -> Refused {
    let name = &organization.name;
    let title = match reason {
        "expired" => format!("Your time in {name} is over."),
        "lease-lost" => format!("Your session in {name} lost its connection to the broker and ended."),
        "recording-failed" => format!("Your session in {name} ended because it could not be recorded."),
        "gateway-stopped" => format!("Your session in {name} ended because the gateway stopped."),
        _ => format!("Your session in {name} is over."),
    };
    Refused::new(403, "session-over", title, "Everything up to here is kept. Ask for access again in Countersign.")
}
