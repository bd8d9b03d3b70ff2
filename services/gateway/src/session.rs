//! A Session that is open. It exists only after its bundle was verified, its Grant consumed and its receipt proven
//! ([`crate::opening::Opened`]), and it gives leave ([`Permit`]) only while clock and lease allow it.

mod leased;
mod masks;
mod pages;
mod permit;
mod proven;
mod span;
mod told;

use std::sync::atomic::AtomicI64;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use domain::{Clock, Digest, Organization, PersonId, Scope, SessionId, UnixSeconds};
use serde::{Deserialize, Serialize};
use statement::{Adoption, OpenSession};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use wire::event::Receipt;

use pages::Pages;
pub use permit::Permit;
use proven::ProvenLog;
pub use span::Extended;
use span::Span;
pub use told::over;

use crate::authorise::{Authorised, Grant};
use crate::mask::{Mask, MaskingSecret};
use crate::opening::Opened;
use crate::refusals::Refusals;
use crate::refused::Refused;
use crate::tape::Tape;
use crate::targets::Target;

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
    /// As it was opened; [`Session::ends_at`] knows what extended it since.
    pub ends_at: UnixSeconds,
    pub bundle_json: String,
    pub bundle: Digest,
    pub receipt: Receipt,
    /// What proves the policy that it was opened under; nothing for the pinned one.
    #[serde(default)]
    pub policies: Vec<Adoption>,
}

impl Facts {
    /// The Session as it was opened.
    #[must_use]
    pub fn open_session(&self) -> OpenSession {
        OpenSession {
            session: self.session.clone(),
            request: self.request.clone(),
            person: PersonId(self.person.clone()),
            device: self.device.clone(),
            organization: self.organization.clone(),
            scope: self.scope,
            opened_at: self.opened_at,
            ends_at: self.ends_at,
        }
    }
}

/// Who ended a Session by a revocation that was verified here, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ender {
    pub person: String,
    pub name: String,
    pub reason: String,
    /// SHA-256 of the revocation.
    pub revocation: Digest,
}

/// An open Session.
pub struct Session {
    facts: Facts,
    targets: Vec<Arc<Target>>,
    tape: Tape,
    clock: Arc<dyn Clock>,
    span: Span,
    leased_until: Mutex<Option<Instant>>,
    certificate: Mutex<Digest>,
    pages: Mutex<Pages>,
    /// By the target's name; for those with rules.
    masks: Vec<(String, Mask)>,
    end: CancellationToken,
    end_kept: CancellationToken,
    ended_by: OnceLock<&'static str>,
    ended_for: OnceLock<Ender>,
    exchanges: Arc<()>,
    refusals: Mutex<Refusals>,
    watchers: Mutex<Vec<String>>,
    /// The hour in which the service was shown what opened it last, in hours since 1970.
    proof_shown: AtomicI64,
    proven_log: ProvenLog,
    status_shown: AtomicI64,
}

impl Session {
    /// Begins, or goes on after a restart of the gateway.
    #[must_use]
    pub fn begin(opened: Opened, tape: Tape, clock: Arc<dyn Clock>, secret: Option<&MaskingSecret>) -> Self {
        let (facts, extensions, targets, certificate) = opened.into_parts();
        let masks = secret.map(|secret| masks::of(secret, &facts.organization.id, &targets, tape.originals()));
        let masks = masks.unwrap_or_default();
        Self {
            span: Span::begin(facts.ends_at, extensions, &*clock),
            facts,
            targets,
            tape,
            clock,
            leased_until: Mutex::new(None),
            certificate: Mutex::new(certificate),
            pages: Mutex::default(),
            masks,
            end: CancellationToken::new(),
            end_kept: CancellationToken::new(),
            ended_by: OnceLock::new(),
            ended_for: OnceLock::new(),
            exchanges: Arc::new(()),
            refusals: Mutex::new(Refusals::begin(Instant::now())),
            watchers: Mutex::default(),
            proof_shown: AtomicI64::new(-1),
            proven_log: ProvenLog::default(),
            status_shown: AtomicI64::new(-1),
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
        Ok(Permit::new(self, authorised))
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
        if self.is_expired() {
            return Some("expired");
        }
        let leased_until = *self.leased_until.lock().unwrap_or_else(PoisonError::into_inner);
        if leased_until.is_none_or(|until| Instant::now() >= until) { Some("lease-lost") } else { None }
    }

    /// Whether its time is up.
    #[must_use]
    pub fn is_expired(&self) -> bool {
        self.span.is_over(&*self.clock)
    }

    /// Ends it; the first reason stays.
    pub fn end(&self, reason: &'static str) {
        let _ = self.ended_by.set(reason);
        self.end.cancel();
    }

    /// Ends it as somebody signed; when it is over already, for another reason or by somebody else, that stays.
    pub fn end_for(&self, ender: Ender) {
        if self.ended_by().is_none() {
            let _ = self.ended_for.set(ender);
        }
        self.end("revoked");
    }

    /// Who ended it, when somebody signed that.
    #[must_use]
    pub fn ender(&self) -> Option<&Ender> {
        self.ended_for.get().filter(|_| self.ended_by() == Some("revoked"))
    }

    #[must_use]
    pub fn ended_by(&self) -> Option<&'static str> {
        self.ended_by.get().copied()
    }

    /// Returns when the Session is over: whoever moves bytes stops then.
    pub async fn over(&self) {
        self.end.cancelled().await;
    }

    /// Cancelled once the end is on disk, or in the log: no later run takes the Session for one that may go on.
    #[must_use]
    pub fn end_kept(&self) -> &CancellationToken {
        &self.end_kept
    }

    /// Returns at the Session's end by the clock, however often that moves meanwhile.
    pub async fn deadline(&self) {
        self.span.over().await;
    }

    /// When its time is up.
    #[must_use]
    pub fn ends_at(&self) -> UnixSeconds {
        self.span.ends_at()
    }

    /// What extended it, in the log's order.
    #[must_use]
    pub fn extensions(&self) -> Vec<Extended> {
        self.span.extensions()
    }

    /// Goes on until the last of these ends. What is over stays over.
    ///
    /// # Errors
    /// [`Refused`] when it is.
    pub fn extend(&self, extensions: Vec<Extended>) -> Result<(), Refused> {
        self.alive()?;
        self.span.extend(extensions);
        self.alive()
    }

    /// The Session as an extension of it has to name it.
    #[must_use]
    pub fn open_session(&self) -> OpenSession {
        OpenSession { ends_at: self.ends_at(), ..self.facts.open_session() }
    }

    /// These people watch it now.
    pub fn is_watched(&self, by: Vec<String>) {
        *self.watchers.lock().unwrap_or_else(PoisonError::into_inner) = by;
    }

    #[must_use]
    pub fn watchers(&self) -> Vec<String> {
        self.watchers.lock().unwrap_or_else(PoisonError::into_inner).clone()
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

    /// Remembers a page whose recorder may send events, and where it stands.
    pub fn add_page(&self, page: String, place: String) {
        self.pages().add(page, place, Instant::now());
    }

    /// Whether the report of this page is taken.
    #[must_use]
    pub fn hear_page(&self, page: &str) -> bool {
        self.pages().hear(page)
    }

    /// Where the pages stand that were given the recorder and did not say how they look; each once.
    #[must_use]
    pub fn silent_pages(&self, at_end: bool) -> Vec<String> {
        self.pages().silent(Instant::now(), at_end)
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
