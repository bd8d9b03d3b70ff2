//! Batches become segments.

use std::sync::Arc;

use domain::{SessionId, UnixSeconds};
use recording::{Batch, Frame, MAX_SEGMENT_BYTES, open_whole_batch, seal_originals};
use serve::ProblemResponse;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wire::event::{Append, EventKind};

use crate::audit::Audit;
use crate::error::StoreError;
use crate::problem;
use crate::segmenter::{Segmented, Segmenter};
use crate::sequencer::{Command, Fold, SealedOriginals};
use crate::store::{Loose, SessionRow};
use crate::tally::Came;

/// Batches wait no longer than this to be put into a segment, in seconds.
const LOOSE_SECONDS: i64 = 300;
/// Originals that are put away together.
const MOST_ORIGINALS: usize = 100_000;
/// Batches that are unpacked at once, and pages that are put together at once: a batch can unpack to 64 MiB.
const UNPACKED_AT_ONCE: usize = 4;

/// How much is unpacked at once, whoever asks for it.
pub(crate) struct Unpacking {
    batches: Arc<Semaphore>,
    pub pages: Semaphore,
}

impl Default for Unpacking {
    fn default() -> Self {
        Self { batches: Arc::new(Semaphore::new(UNPACKED_AT_ONCE)), pages: Semaphore::new(UNPACKED_AT_ONCE) }
    }
}

impl Unpacking {
    /// A place among the batches that are unpacked now.
    pub async fn turn(&self) -> Result<OwnedSemaphorePermit, StoreError> {
        self.batches.clone().acquire_owned().await.map_err(|_| StoreError::Stopped)
    }
}

impl Audit {
    /// Puts batches into segments once there are enough of them or they have waited long enough. Enough is what they
    /// unpack to: a batch of a few KiB can hold a segment's worth of frames.
    pub(crate) async fn fold_when_due(&self, session: &SessionId) -> Result<(), ProblemResponse> {
        let loose = self.reader.loose(session).await?;
        self.tally.is(session, loose);
        if is_enough(&loose, self.now()) {
            let row = self.reader.session(session).await?.ok_or_else(problem::no_session)?;
            self.fold(&row, false).await?;
        }
        Ok(())
    }

    /// Seals what has come; `everything` also what has come out of order.
    pub(crate) async fn fold(&self, row: &SessionRow, everything: bool) -> Result<(), ProblemResponse> {
        let _one_at_a_time = self.folding.lock().await;
        self.tally.forget(&row.session);
        let mut batches = self.reader.loose_numbers(&row.session).await?;
        batches.retain(|number| everything || *number < row.next_batch);
        if batches.is_empty() {
            return Ok(());
        }
        let (made, originals) = match self.segment(row, &batches).await {
            Ok(made) => made,
            Err(error) if error.is_full() => return Err(problem::disk_full()),
            Err(error @ StoreError::Damaged(_)) => return Err(error.into()),
            // What the disk says after a write that failed is not believed: the process ends.
            Err(error) => return self.writer.perform(Command::Fail(error)).await.map(|_| ()),
        };
        if made.repeated > 0 {
            let event = Append::new(EventKind::RecordingGap).organization(&row.organization).session(&row.session);
            self.note(event.fact("repeated-frames", made.repeated.to_string())).await?;
        }
        let fold = Fold { session: row.session.clone(), batches, entries: made.entries, originals };
        self.writer.perform(Command::Fold(Box::new(fold))).await.map(|_| ())
    }

    /// One batch after the other.
    async fn segment(
        &self,
        row: &SessionRow,
        batches: &[u64],
    ) -> Result<(Segmented, Option<SealedOriginals>), StoreError> {
        let sealed = self.reader.segments(&row.session).await?;
        let key = self.reader.recording_key(row)?;
        let mut originals = Vec::new();
        let mut segmenter = Segmenter::new(key.clone(), row.session.clone(), self.reader.objects.clone(), &sealed);
        for number in batches {
            let gone = || StoreError::damaged(format!("batch {number} of {} is gone", row.session));
            let batch = self.reader.loose_batch(&row.session, *number).await?.ok_or_else(gone)?;
            let taking = move |batch: Batch| {
                segmenter.take(&batch.frames, batch.plain_bytes).map(|()| (segmenter, batch.originals))
            };
            let (taken, beside) = self.with_whole_batch(&row.session, *number, batch, taking).await??;
            segmenter = taken;
            originals.extend(beside);
            // A gateway makes far fewer; what one that was taken over sends is not held in memory without end.
            originals.truncate(MOST_ORIGINALS);
        }
        let made = tokio::task::spawn_blocking(|| segmenter.done()).await.map_err(|_| StoreError::Stopped)??;
        tracing::debug!(session = %row.session, batches = batches.len(), most_held = made.most_held, "batches became segments");
        let first = batches.first().filter(|_| !originals.is_empty());
        let sealed = first.map(|number| {
            let sealed = seal_originals(&key, &row.session, *number, &originals)?;
            Ok::<_, StoreError>(SealedOriginals { number: *number, sealed })
        });
        Ok((made, sealed.transpose()?))
    }

    /// Opens one batch away from the event loop, in its turn, and hands its frames over.
    pub(crate) async fn with_batch<T: Send + 'static>(
        &self,
        session: &SessionId,
        number: u64,
        sealed: Vec<u8>,
        take: impl FnOnce(Vec<Frame>) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        self.with_whole_batch(session, number, sealed, |batch| take(batch.frames)).await
    }

    /// The same with what stands beside the frames, which only whoever puts it away is given.
    async fn with_whole_batch<T: Send + 'static>(
        &self,
        session: &SessionId,
        number: u64,
        sealed: Vec<u8>,
        take: impl FnOnce(Batch) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let turn = self.unpacking.turn().await?;
        let (ingest, session) = (self.ingest.clone(), session.clone());
        let opening = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let batch = open_whole_batch(&ingest, &session, number, &sealed)
                .map_err(|_| StoreError::damaged(format!("batch {number} of {session} does not open any more")))?;
            Ok(take(batch))
        });
        opening.await.map_err(|_| StoreError::Stopped)?
    }
}

/// Whether batches that wait make a segment.
pub(crate) fn is_enough(loose: &Loose, now: UnixSeconds) -> bool {
    let waited = loose.oldest.map_or(0, |at| now.saturating_sub(at));
    let full = loose.plain_bytes >= MAX_SEGMENT_BYTES || loose.sealed_bytes >= MAX_SEGMENT_BYTES / 4;
    full || waited >= LOOSE_SECONDS
}

/// Tries to fold after a batch, away from the answer; what fails now is tried after the next batch.
pub(crate) fn fold_later(audit: &Arc<Audit>, session: SessionId, came: Came) {
    if !audit.tally.may_be_enough(&session, came, audit.now()) {
        return;
    }
    let audit = audit.clone();
    tokio::spawn(async move {
        if let Err(problem) = audit.fold_when_due(&session).await {
            tracing::warn!(code = problem.code(), %session, "batches wait to be put into segments");
        }
    });
}
