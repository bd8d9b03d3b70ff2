//! Batches become segments, segments become a sealed Recording.

use std::sync::Arc;

use domain::SessionId;
use recording::{Frame, MAX_SEGMENT_BYTES, Manifest, SecretKey, SegmentEntry, open_batch, open_segment, seal_segment};
use serve::ProblemResponse;
use wire::audit::EndRecording;
use wire::event::{Append, Event, EventKind, Receipt};

use crate::activity;
use crate::audit::Audit;
use crate::error::StoreError;
use crate::page::Page;
use crate::problem;
use crate::sequencer::{Command, Fold, NewSeal};
use crate::store::{Objects, Seal, SessionRow};

/// Batches wait no longer than this to be put into a segment, in seconds.
const LOOSE_SECONDS: i64 = 300;
/// Frames in one answer, in bytes of their JSON; a single frame may be longer.
const MAX_PAGE_BYTES: u64 = MAX_SEGMENT_BYTES;
/// More batches than ever came are believed up to here.
const MAX_MISSING: u64 = 10_000;
/// Times that sealing starts again because a batch came in between.
const TRIES: usize = 5;

impl Audit {
    /// Puts batches into segments once there are enough of them or they have waited long enough.
    pub(crate) async fn fold_when_due(&self, session: &SessionId) -> Result<(), ProblemResponse> {
        let (bytes, oldest) = self.reader.loose(session).await?;
        let waited = oldest.map_or(0, |at| self.now() - at);
        if bytes >= MAX_SEGMENT_BYTES / 4 || waited >= LOOSE_SECONDS {
            let row = self.reader.session(session).await?.ok_or_else(problem::no_session)?;
            self.fold(&row, false).await?;
        }
        Ok(())
    }

    /// Seals what has come; `everything` also what has come out of order.
    async fn fold(&self, row: &SessionRow, everything: bool) -> Result<(), ProblemResponse> {
        let _one_at_a_time = self.folding.lock().await;
        let mut batches = self.reader.loose_batches(&row.session).await?;
        batches.retain(|(number, _)| everything || *number < row.next_batch);
        if batches.is_empty() {
            return Ok(());
        }
        let segments = self.reader.segments(&row.session).await?;
        let first = segments.len() as u64;
        let numbers = batches.iter().map(|(number, _)| *number).collect();
        let (frames, repeated) = forward(self.open_batches(&row.session, batches)?, &segments);
        if repeated > 0 {
            let event = Append::new(EventKind::RecordingGap).organization(&row.organization).session(&row.session);
            self.note(event.fact("repeated-frames", repeated.to_string())).await?;
        }
        let (key, session) = (self.reader.recording_key(row)?, row.session.clone());
        let objects = self.reader.objects.clone();
        let sealing = tokio::task::spawn_blocking(move || seal_all(&key, &session, first, frames, &objects));
        let entries = match sealing.await.map_err(|_| problem::stopped())? {
            Ok(entries) => entries,
            Err(error) if error.is_full() => return Err(problem::disk_full()),
            // What the disk says after a write that failed is not believed: the process ends.
            Err(error) => return self.writer.perform(Command::Fail(error)).await.map(|_| ()),
        };
        let fold = Fold { session: row.session.clone(), batches: numbers, entries };
        self.writer.perform(Command::Fold(Box::new(fold))).await.map(|_| ())
    }

    fn open_batches(&self, session: &SessionId, batches: Vec<(u64, Vec<u8>)>) -> Result<Vec<Frame>, StoreError> {
        let mut frames = Vec::new();
        for (number, sealed) in batches {
            let batch = open_batch(&self.ingest, session, number, &sealed)
                .map_err(|_| StoreError::damaged(format!("batch {number} of {session} does not open any more")))?;
            frames.extend(batch);
        }
        Ok(frames)
    }

    /// The frames from number `from` on that are `wanted`, in order, as many as fit a page, and where the next page begins.
    /// No more than a page, one segment and what still waits is held at once.
    pub(crate) async fn frames(
        &self,
        row: &SessionRow,
        from: u64,
        wanted: impl Fn(&Frame) -> bool + Send + Sync + 'static,
    ) -> Result<(Vec<Frame>, Option<u64>), ProblemResponse> {
        // In this order: what is put into a segment in between is found twice, and once taken away; never missed.
        let loose = self.reader.loose_batches(&row.session).await?;
        let seal = self.seal(&row.session).await?;
        let entries = self.reader.segments(&row.session).await?;
        if seal.is_some_and(|seal| seal.manifest.segments != entries) {
            return Err(StoreError::damaged(format!("the segments of {} are not the manifest's", row.session)).into());
        }
        let (waiting, _) = forward(self.open_batches(&row.session, loose)?, &entries);
        let (key, session) = (self.reader.recording_key(row)?, row.session.clone());
        let objects = self.reader.objects.clone();
        let reading = tokio::task::spawn_blocking(move || {
            let mut page = Page::new(from, MAX_PAGE_BYTES);
            for entry in entries.iter().filter(|entry| entry.first_frame.saturating_add(entry.frames) > from) {
                if !page.take(open_one(&key, &session, entry, &objects)?, &wanted)? {
                    return Ok(page.done());
                }
            }
            page.take(waiting, &wanted)?;
            Ok::<_, StoreError>(page.done())
        });
        Ok(reading.await.map_err(|_| problem::stopped())??)
    }

    /// How the Recording was sealed, held to what the log says of it.
    pub(crate) async fn seal(&self, session: &SessionId) -> Result<Option<Seal>, StoreError> {
        let Some(seal) = self.reader.seal(session).await? else { return Ok(None) };
        let wrong = || StoreError::damaged(format!("the manifest of {session} is not the log's"));
        let leaf = self.reader.leaf(seal.index).await?.ok_or_else(wrong)?;
        let event: Event = serde_json::from_str(&leaf).map_err(|_| wrong())?;
        let digest = seal.manifest.digest()?.to_string();
        let right = event.session.as_ref() == Some(session) && event.facts.get("manifest") == Some(&digest);
        if right { Ok(Some(seal)) } else { Err(wrong()) }
    }

    /// The numbers below the last batch that never came.
    pub(crate) async fn missing_batches(&self, session: &SessionId) -> Result<Vec<u64>, ProblemResponse> {
        let numbers = self.reader.batch_numbers(session).await?;
        Ok(missing(&numbers, 0))
    }

    /// Seals the Recording. Once it is sealed, asking again gives the same entry's receipt.
    pub(crate) async fn end(&self, session: &SessionId, end: &EndRecording) -> Result<Receipt, ProblemResponse> {
        for _ in 0..TRIES {
            let row = self.reader.session(session).await?.ok_or_else(problem::no_session)?;
            if let Some(seal) = self.seal(session).await? {
                return self.receipt(seal.index).await;
            }
            match self.try_to_end(&row, end).await {
                Err(problem) if problem.code() == problem::folded_already().code() => {}
                result => return result,
            }
        }
        Err(problem::folded_already())
    }

    async fn try_to_end(&self, row: &SessionRow, end: &EndRecording) -> Result<Receipt, ProblemResponse> {
        self.fold(row, true).await?;
        let numbers = self.reader.batch_numbers(&row.session).await?;
        if end.batches > numbers.last().map_or(0, |n| n + 1).saturating_add(MAX_MISSING) {
            return Err(problem::malformed("The Recording would lack more batches than a Session makes."));
        }
        let row = self.reader.session(&row.session).await?.ok_or_else(problem::no_session)?;
        let segments = self.reader.segments(&row.session).await?;
        let manifest = Manifest {
            session: row.session.clone(),
            frames: segments.iter().map(|s| s.frames).sum(),
            segments,
            exchanges: row.exchanges,
            missing_batches: missing(&numbers, end.batches),
        };
        let event = |kind| Append::new(kind).organization(&row.organization).session(&row.session);
        let sealed = event(EventKind::RecordingSealed)
            .fact("manifest", manifest.digest().map_err(StoreError::Seal)?.to_string())
            .fact("reason", &end.reason)
            .fact("frames", manifest.frames.to_string())
            .fact("exchanges", manifest.exchanges.to_string())
            .fact("writes", row.writes.to_string())
            .fact("refused", row.refused.to_string())
            .fact("activity", activity::shown(&row.activity))
            .fact("missing-batches", manifest.missing_batches.len().to_string());
        let gap = (!manifest.missing_batches.is_empty())
            .then(|| event(EventKind::RecordingGap).fact("batches", in_words(&manifest.missing_batches)));
        let seal = NewSeal {
            organization: row.organization.clone(),
            manifest,
            batches: numbers.len() as u64,
            ended_at: end.ended_at,
            reason: end.reason.clone(),
            event: sealed,
            gap,
        };
        self.writer.perform(Command::Seal(Box::new(seal))).await?.receipt()
    }
}

/// Opens what was sealed and holds it to its entry.
fn open_one(
    key: &SecretKey,
    session: &SessionId,
    entry: &SegmentEntry,
    objects: &Objects,
) -> Result<Vec<Frame>, StoreError> {
    let name = || format!("segment {} of {session}", entry.number);
    let sealed = objects.get(&entry.sealed)?.ok_or_else(|| StoreError::damaged(format!("{} is gone", name())))?;
    open_segment(key, session, entry, &sealed).map_err(|error| StoreError::damaged(format!("{}: {error}", name())))
}

/// Segments of at most 16 MiB, and a new one wherever frames are missing; each is on disk when this returns.
fn seal_all(
    key: &SecretKey,
    session: &SessionId,
    first: u64,
    frames: Vec<Frame>,
    objects: &Objects,
) -> Result<Vec<SegmentEntry>, StoreError> {
    let mut entries = Vec::new();
    for (number, run) in (first..).zip(runs(frames)) {
        let (sealed, entry) = seal_segment(key, session, number, &run)?;
        objects.put(&entry.sealed, &sealed)?;
        entries.push(entry);
    }
    Ok(entries)
}

/// The frames in rising order behind what is sealed, and how many there were that had been there before: a gateway
/// counts on and never back.
fn forward(frames: Vec<Frame>, sealed: &[SegmentEntry]) -> (Vec<Frame>, usize) {
    let mut next = sealed.last().map_or(0, |s| s.first_frame.saturating_add(s.frames));
    let all = frames.len();
    let mut kept = Vec::with_capacity(all);
    for frame in frames {
        if frame.seq >= next {
            next = frame.seq.saturating_add(1);
            kept.push(frame);
        }
    }
    let repeated = all - kept.len();
    (kept, repeated)
}

fn runs(frames: Vec<Frame>) -> Vec<Vec<Frame>> {
    let mut runs: Vec<Vec<Frame>> = Vec::new();
    let mut bytes = 0;
    for frame in frames {
        let length = serde_json::to_vec(&frame).map_or(0, |json| json.len() as u64);
        let follows = |run: &Vec<Frame>| run.last().is_some_and(|last| last.seq.checked_add(1) == Some(frame.seq));
        match runs.last_mut() {
            Some(run) if follows(run) && bytes + length <= MAX_SEGMENT_BYTES => run.push(frame),
            _ => {
                bytes = 0;
                runs.push(vec![frame]);
            }
        }
        bytes += length;
    }
    runs
}

/// `numbers` is in order.
fn missing(numbers: &[u64], said: u64) -> Vec<u64> {
    let end = numbers.last().map_or(0, |n| n + 1).max(said);
    let mut came = numbers.iter().peekable();
    (0..end).filter(|n| came.next_if_eq(&n).is_none()).collect()
}

/// `3, 5-7` and so on, as much as a fact holds.
fn in_words(numbers: &[u64]) -> String {
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    for n in numbers {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == *n => *last = *n,
            _ => ranges.push((*n, *n)),
        }
    }
    let words = ranges.iter().map(|(a, b)| if a == b { a.to_string() } else { format!("{a}-{b}") });
    let mut text: String = words.collect::<Vec<_>>().join(", ");
    if text.len() > 900 {
        text.truncate(900);
        text.push_str(" and more");
    }
    text
}

/// Tries to fold after a batch, away from the answer; what fails now is tried after the next batch.
pub(crate) fn fold_later(audit: &Arc<Audit>, session: SessionId) {
    let audit = audit.clone();
    tokio::spawn(async move {
        if let Err(problem) = audit.fold_when_due(&session).await {
            tracing::warn!(code = problem.code(), %session, "batches wait to be put into segments");
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_never_came_is_named() {
        assert_eq!(missing(&[0, 1, 3, 7], 9), [2, 4, 5, 6, 8]);
        assert_eq!(missing(&[], 2), [0, 1]);
        assert_eq!(missing(&[0, 1], 0), [0_u64; 0]);
        assert_eq!(in_words(&[2, 4, 5, 6, 8]), "2, 4-6, 8");
        assert!(in_words(&(0..1000).map(|n| n * 2).collect::<Vec<_>>()).len() < 1000);
    }
}
