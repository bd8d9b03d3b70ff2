//! From frames that wait to sealed batches on disk.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::SessionId;
use recording::{Frame, IngestPublic, Original};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use super::Tape;
use super::pending::{BATCH_BYTES, Due};
use super::spool::{Failed, Sealed, Spool};
use crate::disk::die;

impl Tape {
    /// Takes the waiting frames once they have to be written, in groups for batches; an empty answer at the end, and until
    /// then when to ask again if nothing wakes the writer before.
    fn take(&self) -> Result<Vec<Group>, Option<Instant>> {
        let mut state = self.state();
        match state.pending.due(Instant::now(), state.uploading) {
            _ if state.closed => {}
            Due::Now => {}
            Due::At(at) => return Err(Some(at)),
            Due::Never => return Err(None),
        }
        let mut groups: Vec<Group> = Vec::new();
        let mut bytes = u64::MAX;
        for (frame, weight) in state.pending.take() {
            if bytes >= BATCH_BYTES {
                bytes = 0;
                let (batch, next_exchange) = (state.next_batch, state.next_exchange);
                groups.push(Group { batch, next_exchange, frames: Vec::new(), originals: Vec::new() });
                state.next_batch += 1;
            }
            bytes += weight;
            if let Some(group) = groups.last_mut() {
                group.frames.push(frame);
            }
        }
        // Marks were made before their frames were put here: what any of these frames shows is among them.
        if let Some(group) = groups.first_mut() {
            group.originals = self.0.originals.take();
        }
        state.uploading += groups.len();
        Ok(groups)
    }

    /// Returns when there may be something to write.
    async fn woken(&self, at: Option<Instant>) {
        let notified = self.0.wake.notified();
        match at {
            Some(at) => drop(timeout_at(at, notified).await),
            None => notified.await,
        }
    }
}

struct Group {
    batch: u64,
    next_exchange: u64,
    frames: Vec<Frame>,
    originals: Vec<Original>,
}

/// Seals what waits and writes it to the spool, until the tape is closed.
pub(super) async fn run(
    tape: Tape,
    session: SessionId,
    ingest: IngestPublic,
    spool: Arc<Mutex<Spool>>,
    uploads: mpsc::UnboundedSender<Sealed>,
) {
    loop {
        let groups = match tape.take() {
            Ok(groups) if groups.is_empty() => return,
            Ok(groups) => groups,
            Err(at) => {
                tape.woken(at).await;
                continue;
            }
        };
        let (full, ingest, session, spool) = (tape.clone(), ingest.clone(), session.clone(), spool.clone());
        let sealed = tokio::task::spawn_blocking(move || commit(&full, &ingest, &session, groups, &spool)).await;
        let Ok(sealed) = sealed else { die("the recording's writer stopped") };
        for batch in sealed {
            let _ = uploads.send(batch);
        }
    }
}

/// Seals and writes; while frames of one commit go to disk, those of the next gather.
fn commit(
    tape: &Tape,
    ingest: &IngestPublic,
    session: &SessionId,
    groups: Vec<Group>,
    spool: &Mutex<Spool>,
) -> Vec<Sealed> {
    let sealed: Vec<Sealed> = groups
        .into_iter()
        .map(|group| Sealed {
            batch: group.batch,
            next_frame: group.frames.last().map_or(0, |f| f.seq + 1),
            next_exchange: group.next_exchange,
            bytes: recording::seal_whole_batch(ingest, session, group.batch, &group.frames, &group.originals)
                .unwrap_or_else(|error| die(&error.to_string())),
        })
        .collect();
    loop {
        let written = spool.lock().unwrap_or_else(PoisonError::into_inner).append(&sealed);
        match written {
            Ok(()) => {
                tape.0.is_full.store(false, Ordering::Relaxed);
                if let Some(last) = sealed.last() {
                    tape.0.durable.send_replace(last.next_frame);
                }
                return sealed;
            }
            // A full disk: nothing becomes durable, so nothing passes, until there is room or the Session ends.
            Err(error @ Failed::Full(_)) => {
                tape.0.is_full.store(true, Ordering::Relaxed);
                tracing::error!(%error, "the recording waits for room on the disk");
                std::thread::sleep(Duration::from_millis(500));
            }
            Err(error @ Failed::Unknown(_)) => die(&error.to_string()),
        }
    }
}
