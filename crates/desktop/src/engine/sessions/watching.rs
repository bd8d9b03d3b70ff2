//! Watching a Session that runs: what came is shown once it is in order, and remembered, so that the sealed Recording can be held
//! to what was shown.

use std::collections::HashMap;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use client::{AuditClient, CallError};
use domain::SessionId;
use recording::Frame;
use wire::broker::LocalCode;
use wire::event::EventKind;
use wire::watching::Part;

use super::session_id;
use crate::engine::{Engine, Inner};
use crate::fault::{call, fault};
use crate::joined::Joined;
use crate::replay::{BOUNDS, Replay};
use crate::view::{UiError, WatchedView};

/// Frames of one Session that are remembered, 48 bytes each.
const MOST_SEEN: usize = 500_000;

const RUNNING: &str =
    "Live: nothing in the log answers for these frames yet. They are held to the sealed Recording afterwards.";

/// What was shown of a running Session, by the frames' numbers.
#[derive(Clone, Default)]
pub(in crate::engine) struct Seen(HashMap<u64, [u8; 32]>);

/// A watch of this computer.
pub(in crate::engine) struct Watching {
    /// The number of its entry in the log.
    entry: u64,
    next: u64,
    replay: Replay,
}

impl Watching {
    /// By an entry that was proven.
    pub(super) fn of(entry: u64) -> Self {
        Self { entry, next: 0, replay: Replay::new(BOUNDS) }
    }
}

impl Engine {
    /// Begins to watch a Session that runs. It stands in the log, and the person inside sees it, before anything comes.
    ///
    /// # Errors
    /// [`UiError`]: `own-session`, `not-running`, `missing-role`.
    pub async fn watch_session(&self, id: &str) -> Result<WatchedView, UiError> {
        let id = session_id(id)?;
        let (joined, audit) = self.inner.audit().await?;
        let detail = audit.session(&id).await.map_err(call("the audit service"))?;
        self.inner.opening(&joined, &id, &detail).await?;
        let entry = self.inner.begin_watch(&joined, &audit, &id).await?;
        let watching = Watching::of(entry);
        self.inner.live().watching.insert(id.clone(), Arc::new(tokio::sync::Mutex::new(watching)));
        self.inner.live().seen.insert(id.clone(), Arc::default());
        self.watched(id.as_str()).await
    }

    /// What came since; answered within about a second.
    ///
    /// # Errors
    /// [`UiError`]: `not-watched`; `does-not-match` when what came cannot be true: then nothing of it is shown, and the watch is
    /// over.
    pub async fn watched(&self, id: &str) -> Result<WatchedView, UiError> {
        let id = session_id(id)?;
        let watching = self.inner.live().watching.get(&id).cloned().ok_or_else(not_watched)?;
        // One question at a time: the next goes on where this one ended.
        let mut watching = watching.lock().await;
        let (joined, audit) = self.inner.audit_as_known().await?;
        let outcome = self.inner.ask(&joined, &audit, &id, &mut watching).await;
        if outcome.as_ref().is_err_and(|error| error.code == "does-not-match") {
            self.inner.live().watching.remove(&id);
            self.inner.report(LocalCode::RecordingAltered, None, None);
        }
        outcome
    }

    /// Watches it no more. What was shown is remembered until the sealed Recording was held to it.
    ///
    /// # Errors
    /// [`UiError`] when this is no Session's id.
    pub fn stop_watching(&self, id: &str) -> Result<(), UiError> {
        let id = session_id(id)?;
        self.inner.live().watching.remove(&id);
        Ok(())
    }
}

impl Inner {
    /// The entry that the log got first, once it is proven.
    pub(super) async fn begin_watch(
        &self,
        joined: &Joined,
        audit: &AuditClient,
        id: &SessionId,
    ) -> Result<u64, UiError> {
        let receipt = audit.watch(id).await.map_err(call("the audit service"))?;
        let (event, _) = joined.log.prove(&receipt).await?;
        if event.kind != EventKind::SessionWatched || event.session.as_ref() != Some(id) {
            return Err(fault("other-receipt", "The audit service's receipt is not of this watch.", "Tell security."));
        }
        Ok(receipt.index)
    }

    pub(super) async fn ask(
        &self,
        joined: &Joined,
        audit: &AuditClient,
        id: &SessionId,
        watching: &mut Watching,
    ) -> Result<WatchedView, UiError> {
        let part = match audit.watched(id, watching.entry, watching.next).await {
            // It fell silent here, or the audit service was restarted: another entry, and it goes on.
            Err(error) if error.code() == Some("no-watch") => {
                watching.entry = self.begin_watch(joined, audit, id).await?;
                audit.watched(id, watching.entry, watching.next).await
            }
            answer => answer,
        };
        let Part { lines, next, untold, over } = part.map_err(|error: CallError| call("the audit service")(error))?;
        let frames = in_order(&lines, watching.next, next).ok_or_else(not_in_order)?;
        if let Some(seen) = self.live().seen.get_mut(id) {
            Arc::make_mut(seen).take(&frames, &lines);
        }
        missing(watching, &frames);
        watching.replay.take(&frames).map_err(|_| too_long())?;
        watching.next = next;
        Ok(WatchedView { part: watching.replay.part(RUNNING), untold, over })
    }
}

impl Seen {
    fn take(&mut self, frames: &[Frame], lines: &str) {
        for (frame, line) in frames.iter().zip(lines.split_inclusive('\n')) {
            if self.0.len() < MOST_SEEN {
                self.0.insert(frame.seq, sum(line.as_bytes()));
            }
        }
    }

    /// Holds one segment of the sealed Recording to what was shown: how many of its frames were; nothing when one is another.
    pub(in crate::engine) fn held(&self, first_frame: u64, text: &[u8]) -> Option<usize> {
        let lines = (first_frame..).zip(text.split_inclusive(|b| *b == b'\n'));
        let mut shown = lines.filter_map(|(seq, line)| Some((self.0.get(&seq)?, line)));
        shown.try_fold(0, |held, (seen, line)| (*seen == sum(line)).then_some(held + 1))
    }

    pub(in crate::engine) fn count(&self) -> usize {
        self.0.len()
    }
}

fn sum(line: &[u8]) -> [u8; 32] {
    let mut sum = [0; 32];
    sum.copy_from_slice(digest(&SHA256, line).as_ref());
    sum
}

/// The frames, when each comes after the one before it and the last one is where the next question begins.
fn in_order(lines: &str, from: u64, next: u64) -> Option<Vec<Frame>> {
    let mut behind = from;
    let mut frames = Vec::new();
    for line in lines.split_inclusive('\n') {
        let frame: Frame = serde_json::from_str(line).ok().filter(|_| line.ends_with('\n'))?;
        if frame.seq < behind {
            return None;
        }
        behind = frame.seq.checked_add(1)?;
        frames.push(frame);
    }
    (behind == next).then_some(frames)
}

/// Numbers that were left out are said.
fn missing(watching: &mut Watching, frames: &[Frame]) {
    let mut next = watching.next;
    for frame in frames {
        if frame.seq > next {
            watching.replay.missing(&format!("Frames {next} to {} never came.", frame.seq - 1));
        }
        next = frame.seq.saturating_add(1);
    }
}

fn not_watched() -> UiError {
    fault("not-watched", "This Session is not watched on this computer.", "Begin to watch it.")
}

fn not_in_order() -> UiError {
    fault(
        "does-not-match",
        "What came of this Session is not in order, comes twice, or is not made of frames.",
        "Nothing of it is shown, and you watch it no more. Tell security.",
    )
}

fn too_long() -> UiError {
    fault(
        "recording-too-large",
        "This Session is longer than this computer can hold at once.",
        "Stop watching it; open the Recording once it is sealed.",
    )
}
