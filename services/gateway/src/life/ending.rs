//! How a Session is watched, and how it ends: every stream cut, the recording sealed, the broker told.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use client::ServiceClient;
use domain::SessionId;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use wire::audit::{EndRecording, RecordingState};
use wire::event::{EventKind, Receipt};

use super::kept::{Ended, write_json};
use super::leases::tell_ended;
use super::pauses::{Change, Pauses};
use super::{Life, RETRY, about, note, until_done};
use crate::session::{Facts, Session};
use crate::tape::Tape;

/// An ended Session still answers how it ended for so long.
const REMEMBERED: Duration = Duration::from_secs(10 * 60);

impl Life {
    /// Ends the Session when it is due, and sees it to its seal.
    pub(super) async fn watch(self: Arc<Self>, session: Arc<Session>) {
        let mut pauses = Pauses::default();
        loop {
            tokio::select! {
                () = session.over() => break,
                () = session.deadline() => session.end("expired"),
                () = tokio::time::sleep(Duration::from_millis(200)) => {
                    if let Some(reason) = session.due() {
                        session.end(reason);
                    }
                    self.watch_recording(&session, &mut pauses);
                    tell_silent(&session, false);
                    self.tell_left_out(&session, false);
                }
            }
        }
        self.wind_up(&session).await;
    }

    fn watch_recording(&self, session: &Session, pauses: &mut Pauses) {
        let tape = session.tape();
        if tape.is_refused() {
            return session.end("recording-failed");
        }
        match pauses.look(tape.is_behind(), Instant::now(), self.clock.now_millis()) {
            Some(Change::Paused) => {
                let (code, words) = if tape.lacks_room() {
                    ("no-room", "the gateway's disk is full")
                } else {
                    ("not-acknowledged", "the recording fell behind")
                };
                self.events.later(about(EventKind::RecordingPaused, session.facts()).fact("code", code));
                tape.record([note("paused", words)]);
            }
            Some(Change::Resumed) => drop(tape.record([note("resumed", "the recording caught up")])),
            Some(Change::TooLong) => session.end("recording-failed"),
            None => {}
        }
    }

    async fn wind_up(&self, session: &Arc<Session>) {
        let reason = session.ended_by().unwrap_or("gateway-stopped");
        let facts = session.facts().clone();
        let span = (facts.opened_at, session.ends_at());
        let ended = Ended { by: session.ender().cloned(), ..Ended::now(reason, span, &*self.clock) };
        let noted = note_end(self.folder(&facts).join("ended.json"), &ended, session.end_kept().clone());
        let broker = tokio::spawn(tell_ended(self.gate.broker.clone(), facts.clone(), reason.to_owned()));
        // Streams were cut by the end itself; they record how far they came, and nobody waits longer than this.
        let patience = Instant::now() + Duration::from_millis(800);
        while session.is_busy() && Instant::now() < patience {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        self.tell_left_out(session, true);
        tell_silent(session, true);
        self.seal(session.tape(), &facts, ended).await;
        noted.abort();
        session.end_kept().cancel();
        let _ = broker.await;
        tokio::time::sleep(REMEMBERED).await;
        self.tell_left_out(session, true);
        self.sessions.remove(session);
    }

    /// Uploads what is left, seals, writes the Event, removes the spool; tries until it is done.
    pub(super) async fn seal(&self, tape: &Tape, facts: &Facts, ended: Ended) {
        let closed = tape.close().await;
        let end = EndRecording { reason: ended.reason.clone(), ended_at: ended.ended_at, batches: closed.batches };
        until_sealed(&self.gate.audit, &facts.session, &end).await;
        let mut event = about(EventKind::SessionEnded, facts)
            .fact("reason", ended.reason)
            .fact("ended-at", ended.ended_at.to_string());
        if let Some(by) = ended.by {
            event = event
                .fact("revocation", by.revocation.as_str())
                .personal("person", by.person)
                .personal("name", by.name)
                .personal("why", by.reason);
        }
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

    /// Whether the Session's recording still waits here.
    #[must_use]
    pub fn is_unsealed(&self, session: &Session) -> bool {
        self.folder(session.facts()).exists()
    }
}

/// Notes which pages did not say how they look: a replay shows nothing of them.
fn tell_silent(session: &Session, at_end: bool) {
    for place in session.silent_pages(at_end) {
        session.tape().record([note("page-silent", &format!("{place} did not say how it looked."))]);
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

/// Notes the end beside the spool, now or as soon as the disk takes it, and says so then.
pub(super) fn note_end(path: PathBuf, ended: &Ended, kept: CancellationToken) -> tokio::task::JoinHandle<()> {
    let first = write_json(&path, ended);
    let ended = ended.clone();
    tokio::spawn(async move {
        let mut noted = first;
        while let Err(error) = noted {
            tracing::error!(%error, "the end of a Session could not be noted on disk");
            tokio::time::sleep(RETRY).await;
            noted = write_json(&path, &ended);
        }
        kept.cancel();
    })
}
