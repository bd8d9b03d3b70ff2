//! How a Session begins, lives on its leases, and ends: every stream cut, the recording sealed, the broker told.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use client::{CallError, ServiceClient};
use domain::{Clock, Digest, SessionId, UnixSeconds};
use recording::{Captured, IngestPublic};
use serde::{Deserialize, Serialize};
use statement::{Lease, Trust, verify_attested};
use tokio::time::Instant;
use wire::audit::{EndRecording, RecordingState};
use wire::broker::{LeaseFor, LeaseRequest, Leases, SessionChange};
use wire::event::{Append, EventKind, Receipt};

use crate::disk;
use crate::events::Events;
use crate::opening::{Gate, Opened, Verified, already_taken};
use crate::refused::Refused;
use crate::session::{Facts, Session, over};
use crate::sessions::Sessions;
use crate::tape::spool::{Sealed, Spool};
use crate::tape::{AuditSink, Tape, TapeParts};

const LEASE_EVERY: Duration = Duration::from_secs(5);
/// The first lease has to come within this.
const FIRST_LEASE: Duration = Duration::from_secs(10);
/// A Session whose recording is behind for so long ends.
const MAX_PAUSE: Duration = Duration::from_secs(5 * 60);
/// An ended Session still answers how it ended for so long.
const REMEMBERED: Duration = Duration::from_secs(10 * 60);
const RETRY: Duration = Duration::from_secs(1);

/// What the life of Sessions needs.
pub struct Life {
    pub gate: Gate,
    pub sessions: Sessions,
    pub events: Events,
    pub ingest: IngestPublic,
    pub spool: PathBuf,
    pub clock: Arc<dyn Clock>,
    /// Held by whoever takes a dormant Session: its spool is opened once.
    pub resuming: Mutex<()>,
}

/// Beside the spool once a Session is over, until its recording is sealed.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ended {
    reason: String,
    ended_at: UnixSeconds,
}

impl Life {
    /// Opens or resumes a Session for a connection with this certificate. When it answers, the Grant is consumed, the
    /// receipt proven and the first lease there.
    ///
    /// # Errors
    /// [`Refused`]; each is also an Event.
    pub async fn open(self: &Arc<Self>, bundle_json: &[u8], certificate: Digest) -> Result<Arc<Session>, Refused> {
        let opened = self.open_quietly(bundle_json, certificate).await;
        if let Err(refused) = &opened {
            let event = Append::new(EventKind::SessionRefused).fact("code", refused.code);
            self.events.now(event).await;
        }
        opened
    }

    async fn open_quietly(self: &Arc<Self>, bundle_json: &[u8], certificate: Digest) -> Result<Arc<Session>, Refused> {
        let verified = self.gate.verify(bundle_json, certificate).await?;
        self.events.provider_keys(verified.provider()).await;
        if let Some(session) = self.sessions.of_request(verified.request()) {
            return self.resume(&session, &verified).await;
        }
        if let Some(dormant) = self.sessions.dormant_of(verified.request()) {
            let statement = verified.statement().to_owned();
            let opened = self.gate.resume(verified, dormant.0).await?;
            let (spool, left) = self.wake(opened.facts())?;
            let session = self.start(opened, spool, left);
            self.events.later(resumed(&session, &statement));
            return self.first_lease(session).await;
        }
        let opened = self.gate.consume(verified).await?;
        let folder = self.folder(opened.facts());
        let spool = keep(&folder, opened.facts()).and_then(|()| Spool::create(&folder)).map_err(|e| no_spool(&e))?;
        let session = self.start(opened, spool, Vec::new());
        self.first_lease(session).await
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

    /// Writes how many refusals were left out of the log, when it is time.
    pub fn tell_left_out(&self, session: &Session, at_once: bool) {
        if let Some(count) = session.take_left_out(at_once) {
            let event = about(EventKind::ExchangeRefused, session.facts());
            self.events.later(event.fact("code", "many-more").fact("count", count.to_string()));
        }
    }

    /// A connection was lost and the same Device comes back.
    async fn resume(&self, session: &Arc<Session>, verified: &Verified) -> Result<Arc<Session>, Refused> {
        if session.facts().device != *verified.device() {
            return Err(already_taken());
        }
        session.alive()?;
        self.events.now(resumed(session, verified.statement())).await;
        session.rebind(verified.certificate().clone());
        Ok(session.clone())
    }

    fn start(self: &Arc<Self>, opened: Opened, spool: Spool, left: Vec<Sealed>) -> Arc<Session> {
        let tape = self.tape(opened.facts(), spool, left);
        Arc::new(Session::begin(opened, tape, self.clock.clone()))
    }

    fn tape(&self, facts: &Facts, spool: Spool, left: Vec<Sealed>) -> Tape {
        Tape::start(TapeParts {
            session: facts.session.clone(),
            ingest: self.ingest.clone(),
            spool: Arc::new(Mutex::new(spool)),
            left,
            sink: AuditSink::new(self.gate.audit.clone(), facts.session.clone()),
            clock: self.clock.clone(),
        })
    }

    /// No byte passes before the broker has leased the Session.
    async fn first_lease(self: &Arc<Self>, session: Arc<Session>) -> Result<Arc<Session>, Refused> {
        let facts = session.facts();
        let change = SessionChange::Opened {
            request: facts.request.clone(),
            session: facts.session.clone(),
            ends_at: facts.ends_at,
        };
        let until = Instant::now() + FIRST_LEASE;
        while Instant::now() < until {
            let told = tell(&self.gate.broker, &change).await;
            if told.is_ok()
                && renew(&self.gate.broker, &self.gate.trust, std::slice::from_ref(&session)).await.is_ok()
                && session.due().is_none()
            {
                break;
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        self.sessions.add(session.clone());
        tokio::spawn(self.clone().watch(session.clone()));
        session.alive()?;
        Ok(session)
    }

    /// Asks for leases of everything that is open, for ever.
    pub async fn keep_leases(self: Arc<Self>) {
        let mut every = tokio::time::interval(LEASE_EVERY);
        every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            every.tick().await;
            let open = self.sessions.open();
            if open.is_empty() {
                continue;
            }
            let asked = renew(&self.gate.broker, &self.gate.trust, &open);
            match tokio::time::timeout(LEASE_EVERY, asked).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!(%error, "leases could not be renewed"),
                Err(_) => tracing::warn!("the broker takes too long for leases"),
            }
        }
    }

    /// Ends the Session when it is due, and sees it to its seal.
    async fn watch(self: Arc<Self>, session: Arc<Session>) {
        let mut behind_since: Option<Instant> = None;
        loop {
            tokio::select! {
                () = session.over() => break,
                () = session.deadline() => session.end("expired"),
                () = tokio::time::sleep(Duration::from_millis(200)) => {
                    if let Some(reason) = session.due() {
                        session.end(reason);
                    }
                    self.watch_recording(&session, &mut behind_since);
                    self.tell_left_out(&session, false);
                }
            }
        }
        self.wind_up(&session).await;
    }

    fn watch_recording(&self, session: &Session, behind_since: &mut Option<Instant>) {
        if session.tape().is_refused() {
            return session.end("recording-failed");
        }
        match (session.tape().is_behind(), *behind_since) {
            (true, None) => {
                *behind_since = Some(Instant::now());
                self.events.later(about(EventKind::RecordingPaused, session.facts()));
                session.tape().record([note("paused", "the recording fell behind")]);
            }
            (true, Some(since)) if since.elapsed() >= MAX_PAUSE => session.end("recording-failed"),
            (false, Some(_)) => {
                *behind_since = None;
                session.tape().record([note("resumed", "the recording caught up")]);
            }
            _ => {}
        }
    }

    async fn wind_up(&self, session: &Arc<Session>) {
        let reason = session.ended_by().unwrap_or("gateway-stopped");
        let facts = session.facts().clone();
        let ended =
            Ended { reason: reason.to_owned(), ended_at: self.clock.now().min(facts.ends_at).max(facts.opened_at) };
        let noted = note_end(self.folder(&facts).join("ended.json"), &ended);
        let broker = tokio::spawn(tell_until_told(self.gate.broker.clone(), ended_change(&facts, reason)));
        // Streams were cut by the end itself; they record how far they came, and nobody waits longer than this.
        let patience = Instant::now() + Duration::from_millis(800);
        while session.is_busy() && Instant::now() < patience {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        self.tell_left_out(session, true);
        self.seal(session.tape(), &facts, ended).await;
        noted.abort();
        let _ = broker.await;
        tokio::time::sleep(REMEMBERED).await;
        self.tell_left_out(session, true);
        self.sessions.remove(session);
    }

    /// Uploads what is left, seals, writes the Event, removes the spool; tries until it is done.
    async fn seal(&self, tape: &Tape, facts: &Facts, ended: Ended) {
        let closed = tape.close().await;
        let end = EndRecording { reason: ended.reason.clone(), ended_at: ended.ended_at, batches: closed.batches };
        until_sealed(&self.gate.audit, &facts.session, &end).await;
        let mut event = about(EventKind::SessionEnded, facts)
            .fact("reason", ended.reason)
            .fact("ended-at", ended.ended_at.to_string());
        if let Some(code) = &closed.refused {
            event = event.fact("upload", code);
        }
        until_done("write the end of a Session", || self.gate.audit.append(&event)).await;
        let folder = self.folder(facts);
        let put_away = match closed.refused {
            None => std::fs::remove_dir_all(folder),
            // What was never taken stays for those who look into it, where no later run takes it up again.
            Some(_) => std::fs::rename(&folder, folder.with_extension("refused")),
        };
        if let Err(error) = put_away {
            tracing::warn!(%error, "a spool could not be put away");
        }
    }

    /// Takes up what an earlier run left: Sessions that were over are sealed, others wait for their Device until
    /// their time is up.
    ///
    /// # Errors
    /// Of the file system.
    pub fn recover(self: &Arc<Self>) -> io::Result<()> {
        for entry in std::fs::read_dir(&self.spool)? {
            let folder = entry?.path();
            if !folder.is_dir() {
                continue;
            }
            let facts = match read_json::<Facts>(&folder.join("session.json")) {
                Ok(facts) => facts,
                Err(error) => {
                    tracing::error!(%error, folder = %folder.display(), "a spool without its facts is left alone");
                    continue;
                }
            };
            if self.folder(&facts) != folder {
                continue;
            }
            let ended = self.how_it_ended(&folder, &facts);
            if ended.is_none() && self.clock.now() < facts.ends_at {
                self.sessions.add_dormant(facts.clone());
            }
            tokio::spawn(self.clone().finish(facts, ended));
        }
        Ok(())
    }

    /// None while the Session may go on: only when nothing at all says that it is over.
    fn how_it_ended(&self, folder: &Path, facts: &Facts) -> Option<Ended> {
        match read_json::<Ended>(&folder.join("ended.json")) {
            Ok(ended) => Some(ended),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                tracing::error!(%error, "how a Session ended cannot be read; it is over");
                let ended_at = self.clock.now().min(facts.ends_at).max(facts.opened_at);
                Some(Ended { reason: "gateway-stopped".into(), ended_at })
            }
        }
    }

    async fn finish(self: Arc<Self>, facts: Facts, ended: Option<Ended>) {
        let ended = match ended {
            Some(ended) => ended,
            None => {
                while self.clock.now() < facts.ends_at {
                    tokio::time::sleep(RETRY).await;
                    if self.sessions.dormant_of(&facts.request).is_none() {
                        return;
                    }
                }
                let was_dormant = {
                    let _one = self.resuming.lock().unwrap_or_else(PoisonError::into_inner);
                    self.sessions.take_dormant(&facts.request).is_some()
                };
                if !was_dormant && self.sessions.of_request(&facts.request).is_some() {
                    return;
                }
                Ended { reason: "gateway-stopped".into(), ended_at: facts.ends_at }
            }
        };
        let noted = note_end(self.folder(&facts).join("ended.json"), &ended);
        let (spool, left) = match Spool::resume(&self.folder(&facts)) {
            Ok(resumed) => resumed,
            Err(error) => return tracing::error!(%error, "a spool cannot be read"),
        };
        let broker = tokio::spawn(tell_until_told(self.gate.broker.clone(), ended_change(&facts, &ended.reason)));
        let tape = self.tape(&facts, spool, left);
        self.seal(&tape, &facts, ended).await;
        noted.abort();
        let _ = broker.await;
    }

    /// Whether the Session's recording still waits here.
    #[must_use]
    pub fn is_unsealed(&self, session: &Session) -> bool {
        self.folder(session.facts()).exists()
    }

    fn folder(&self, facts: &Facts) -> PathBuf {
        self.spool.join(facts.session.as_str())
    }
}

/// An Event about a Session.
#[must_use]
pub fn about(kind: EventKind, facts: &Facts) -> Append {
    Append::new(kind).organization(&facts.organization.id).session(&facts.session)
}

fn resumed(session: &Session, statement: &str) -> Append {
    about(EventKind::SessionResumed, session.facts()).statement(statement)
}

/// A frame about the gateway itself.
#[must_use]
pub fn note(code: &str, detail: &str) -> Captured {
    Captured::Note { code: code.to_owned(), detail: detail.to_owned() }
}

async fn renew(broker: &ServiceClient, trust: &Trust, sessions: &[Arc<Session>]) -> Result<(), CallError> {
    let asked =
        sessions.iter().map(|s| LeaseFor { session: s.facts().session.clone(), request: s.facts().request.clone() });
    let answer: Leases = broker.post_json("/v1/leases", &LeaseRequest { sessions: asked.collect() }).await?;
    for compact in &answer.leases {
        match verify_attested::<Lease>(compact, trust) {
            Ok(lease) => {
                if !sessions.iter().any(|s| s.take_lease(&lease)) {
                    tracing::warn!("a lease is for none of the Sessions, or stale");
                }
            }
            Err(refusal) => tracing::warn!(%refusal, "a lease is not believed"),
        }
    }
    Ok(())
}

async fn tell(broker: &ServiceClient, change: &SessionChange) -> Result<(), CallError> {
    broker.post_json("/v1/session-changes", change).await
}

async fn tell_until_told(broker: ServiceClient, change: SessionChange) {
    until_done("tell the broker", || tell(&broker, &change)).await;
}

fn ended_change(facts: &Facts, reason: &str) -> SessionChange {
    SessionChange::Ended { request: facts.request.clone(), session: facts.session.clone(), reason: reason.to_owned() }
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

/// Tries until the recording is sealed: by this call, or by an earlier one whose answer was lost.
async fn until_sealed(audit: &ServiceClient, session: &SessionId, end: &EndRecording) {
    let path = format!("/v1/recordings/{session}");
    let mut pause = Duration::from_millis(100);
    loop {
        let error = match audit.post_json::<_, Receipt>(&format!("{path}/end"), end).await {
            Ok(_) => return,
            Err(error) if error.code() == Some("recording-sealed") => return,
            Err(error) => error,
        };
        tracing::error!(%error, %session, "a recording is not sealed yet");
        let refused = error.status().is_some();
        if refused && audit.get_json::<RecordingState>(&path).await.is_ok_and(|state| state.sealed) {
            return;
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(30));
    }
}

/// Notes the end beside the spool: now, or as soon as the disk takes it.
fn note_end(path: PathBuf, ended: &Ended) -> tokio::task::JoinHandle<()> {
    let first = write_json(&path, ended);
    let ended = ended.clone();
    tokio::spawn(async move {
        let mut noted = first;
        while let Err(error) = noted {
            tracing::error!(%error, "the end of a Session could not be noted on disk");
            tokio::time::sleep(RETRY).await;
            noted = write_json(&path, &ended);
        }
    })
}

fn keep(folder: &Path, facts: &Facts) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    write_json(&folder.join("session.json"), facts)?;
    std::fs::File::open(folder.parent().unwrap_or(folder))?.sync_all()
}

fn write_json(path: &Path, value: &impl Serialize) -> io::Result<()> {
    disk::replace(path, &serde_json::to_vec(value)?)
}

fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> io::Result<T> {
    Ok(serde_json::from_slice(&std::fs::read(path)?)?)
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
