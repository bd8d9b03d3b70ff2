//! How a Session begins: opened, resumed, or found again after a crash, each with its Event first.

mod ending;
mod extending;
mod kept;
mod leases;
mod pauses;
mod proving;
mod turns;
mod watchers;

use std::io;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use client::CallError;
use domain::{Clock, Digest};
use recording::{Captured, IngestPublic};
use wire::event::{Append, EventKind};

use crate::disk;
use crate::events::Events;
use crate::mask::MaskingSecret;
use crate::opening::{Gate, Granted, Opened, Place, Verified, already_taken};
use crate::refused::Refused;
use crate::revoking::Heard;
use crate::session::{Facts, Session, over};
use crate::sessions::Sessions;
use crate::tape::spool::{Sealed, Spool};
use crate::tape::{AuditSink, Tape, TapeParts};
use kept::{is_known, keep};
#[cfg(test)]
pub(crate) use leases::LEASE_EVERY;
pub use turns::Turns;

const RETRY: Duration = Duration::from_secs(1);
/// Nobody waits longer for an end to be on disk.
pub const END_KEPT: Duration = Duration::from_secs(2);

/// What the life of Sessions needs.
pub struct Life {
    pub gate: Gate,
    pub sessions: Sessions,
    pub events: Events,
    pub ingest: IngestPublic,
    pub spool: PathBuf,
    pub clock: Arc<dyn Clock>,
    pub turns: Turns,
    /// Revocations that were brought here.
    pub heard: Heard,
    /// Held by whoever takes a dormant Session: its spool is opened once.
    pub resuming: Mutex<()>,
    pub masking: Option<MaskingSecret>,
}

impl Life {
    /// Opens or resumes a Session for a connection with this certificate. When it answers, the Grant is consumed, the
    /// receipt proven and the first lease there.
    ///
    /// # Errors
    /// [`Refused`]; each is also an Event.
    pub async fn open(
        self: &Arc<Self>,
        bundle_json: &[u8],
        certificate: Digest,
        from: IpAddr,
    ) -> Result<Arc<Session>, Refused> {
        let opened = self.open_quietly(bundle_json, certificate.clone(), from).await;
        if let Err(refused) = &opened {
            let of_session = self.sessions.of_certificate(&certificate).is_some();
            self.events.opening_refused(refused.code, &certificate, of_session).await;
        }
        opened
    }

    async fn open_quietly(
        self: &Arc<Self>,
        bundle_json: &[u8],
        certificate: Digest,
        from: IpAddr,
    ) -> Result<Arc<Session>, Refused> {
        let verified = self.gate.verify(bundle_json, certificate, from).await?;
        self.events.provider_keys(verified.provider()).await;
        let _turn = self.turns.of(verified.request()).await;
        if let Some(session) = self.sessions.of_request(verified.request()) {
            return self.resume(&session, &verified).await;
        }
        let statement = verified.statement().to_owned();
        if let Some(dormant) = self.sessions.dormant_of(verified.request()) {
            let opened = self.gate.resume(verified, dormant.0).await?;
            self.note_resumed(opened.facts(), &statement).await?;
            let (spool, left) = self.wake(opened.facts())?;
            return self.begin(opened, spool, left, Place::default()).await;
        }
        disk::has_room(&self.spool).map_err(|e| no_spool(&e))?;
        let (opened, place) = match self.gate.consume(verified).await? {
            Granted::Now(opened) => (opened, Place::default()),
            Granted::Before(opened, place) => {
                // Whatever stands here about it was found by this run: it is over, or is being sealed.
                if is_known(&self.folder(opened.facts())) {
                    return Err(already_taken());
                }
                self.note_resumed(opened.facts(), &statement).await?;
                (opened, place)
            }
        };
        let folder = self.folder(opened.facts());
        let (spool, left) =
            keep(&folder, opened.facts()).and_then(|()| Spool::resume(&folder)).map_err(|e| no_spool(&e))?;
        self.begin(opened, spool, left, place).await
    }

    /// Takes a dormant Session with its spool. Between two that come together, the one who takes it goes on; when the
    /// spool cannot be opened, it stays dormant and may be tried again.
    fn wake(&self, facts: &Facts) -> Result<(Spool, Vec<Sealed>), Refused> {
        let _one = self.resuming.lock().unwrap_or_else(PoisonError::into_inner);
        self.sessions.dormant_of(&facts.request).ok_or_else(already_taken)?;
        let resumed = Spool::resume(&self.folder(facts)).map_err(|e| no_spool(&e))?;
        self.sessions.take_dormant(&facts.request).ok_or_else(already_taken)?;
        Ok(resumed)
    }

    /// A connection was lost and the same Device comes back.
    async fn resume(&self, session: &Arc<Session>, verified: &Verified) -> Result<Arc<Session>, Refused> {
        if session.facts().device != *verified.device() {
            return Err(already_taken());
        }
        verified.check_fresh(session.facts().opened_at)?;
        session.alive()?;
        self.note_resumed(session.facts(), verified.statement()).await?;
        session.alive()?;
        session.rebind(verified.certificate().clone());
        Ok(session.clone())
    }

    /// Nothing goes on before the log says that it does.
    async fn note_resumed(&self, facts: &Facts, statement: &str) -> Result<(), Refused> {
        self.events.first(&about(EventKind::SessionResumed, facts).statement(statement)).await
    }

    async fn begin(
        self: &Arc<Self>,
        opened: Opened,
        spool: Spool,
        left: Vec<Sealed>,
        place: Place,
    ) -> Result<Arc<Session>, Refused> {
        let tape = self.tape(opened.facts(), spool, left, place);
        self.first_lease(Arc::new(Session::begin(opened, tape, self.clock.clone(), self.masking.as_ref()))).await
    }

    fn tape(&self, facts: &Facts, spool: Spool, left: Vec<Sealed>, place: Place) -> Tape {
        Tape::start(TapeParts {
            session: facts.session.clone(),
            ingest: self.ingest.clone(),
            spool: Arc::new(Mutex::new(spool)),
            left,
            place,
            sink: AuditSink::new(self.gate.audit.clone(), facts.session.clone()),
            clock: self.clock.clone(),
        })
    }

    /// Tells of a refused call or connection. Strangers' certificates are their own making: they share one count.
    pub fn refused(&self, code: &'static str, certificate: Option<&Digest>) {
        let of_session = certificate.is_some_and(|c| self.sessions.of_certificate(c).is_some());
        self.events.refused(code, certificate, of_session);
    }

    /// Writes how many refusals were left out of the log, when it is time.
    pub fn tell_left_out(&self, session: &Session, at_once: bool) {
        if let Some(count) = session.take_left_out(at_once) {
            let event = about(EventKind::ExchangeRefused, session.facts());
            self.events.later(event.fact("code", "many-more").fact("count", count.to_string()));
        }
    }
}

/// An Event about a Session.
#[must_use]
pub fn about(kind: EventKind, facts: &Facts) -> Append {
    Append::new(kind).organization(&facts.organization.id).session(&facts.session)
}

/// A frame about the gateway itself.
#[must_use]
pub fn note(code: &str, detail: &str) -> Captured {
    Captured::Note { code: code.to_owned(), detail: detail.to_owned() }
}

/// Tries until it is done or refused for good.
async fn until_done<T, F: Future<Output = Result<T, CallError>>>(what: &str, mut call: impl FnMut() -> F) {
    let mut pause = Duration::from_millis(100);
    loop {
        match call().await {
            Ok(_) => return,
            Err(error) if error.status().is_some_and(|s| (400..500).contains(&s) && s != 429) => {
                return tracing::error!(%error, what, "refused");
            }
            Err(error) => tracing::warn!(%error, what, "not yet"),
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(5));
    }
}

fn no_spool(error: &io::Error) -> Refused {
    tracing::error!(%error, "the spool cannot be used");
    Refused::new(
        503,
        "no-spool",
        "The gateway cannot keep a recording now.",
        "Tell your administrators; its disk is full or cannot be written.",
    )
}

/// For a connection whose Session is over.
#[must_use]
pub fn is_over(session: &Session) -> Refused {
    over(session.ended_by().unwrap_or("expired"), &session.facts().organization)
}
