//! Frames are read from segments, and from the batches that are in none yet.

use std::sync::Arc;

use domain::SessionId;
use recording::{Frame, MAX_SEGMENT_BYTES, SecretKey, SegmentEntry, open_segment};
use serve::ProblemResponse;

use crate::audit::Audit;
use crate::error::StoreError;
use crate::page::Page;
use crate::problem;
use crate::segmenter::behind;
use crate::store::{Objects, SessionRow};

/// Frames in one answer, in bytes of their JSON; a single frame may be longer.
const MAX_PAGE_BYTES: u64 = MAX_SEGMENT_BYTES;
/// Times that reading starts again because batches were put into segments meanwhile.
const TRIES: usize = 5;

type Reading<W> = (Page, Arc<W>);

impl Audit {
    /// The number behind every frame that came.
    pub(crate) async fn next_frame(&self, session: &SessionId) -> Result<u64, StoreError> {
        let mut next = 0;
        for number in self.reader.loose_numbers(session).await? {
            if let Some(batch) = self.reader.loose_batch(session, number).await? {
                let last = |frames: Vec<Frame>| frames.last().map_or(0, |frame| frame.seq.saturating_add(1));
                next = self.with_batch(session, number, batch, last).await?.max(next);
            }
        }
        // Behind the batches: what was put into a segment meanwhile is found there.
        Ok(behind(&self.reader.segments(session).await?).max(next))
    }

    /// The frames from number `from` on that are `wanted`, in order, as many as fit a page, and where the next page begins.
    /// No more than a page and one segment or batch is held at once.
    pub(crate) async fn frames(
        &self,
        row: &SessionRow,
        from: u64,
        wanted: impl Fn(&Frame) -> bool + Send + Sync + 'static,
    ) -> Result<(Vec<Frame>, Option<u64>), ProblemResponse> {
        let _turn = self.unpacking.pages.acquire().await.map_err(|_| problem::stopped())?;
        let wanted = Arc::new(wanted);
        for _ in 0..TRIES {
            if let Some(page) = self.try_frames(row, (Page::new(from, MAX_PAGE_BYTES), wanted.clone())).await? {
                return Ok(page.done());
            }
        }
        Err(problem::folded_already())
    }

    /// `None` when batches were put into segments while it read.
    async fn try_frames<W: Fn(&Frame) -> bool + Send + Sync + 'static>(
        &self,
        row: &SessionRow,
        reading: Reading<W>,
    ) -> Result<Option<Page>, ProblemResponse> {
        let loose = self.reader.loose_numbers(&row.session).await?;
        let seal = self.seal(&row.session).await?;
        let entries = self.reader.segments(&row.session).await?;
        if seal.is_some_and(|seal| seal.manifest.segments != entries) {
            return Err(StoreError::damaged(format!("the segments of {} are not the manifest's", row.session)).into());
        }
        let mut next = behind(&entries);
        let ((mut page, wanted), mut room) = self.in_segments(row, entries.clone(), reading).await?;
        for number in loose {
            if !room {
                break;
            }
            let Some(batch) = self.reader.loose_batch(&row.session, number).await? else {
                // Put into a segment: before those were read, or since?
                if self.reader.segments(&row.session).await? == entries {
                    continue;
                }
                return Ok(None);
            };
            let wanted = wanted.clone();
            let taking = move |mut frames: Vec<Frame>| {
                frames.retain(|frame| frame.seq >= next);
                let next = frames.last().map_or(next, |frame| frame.seq.saturating_add(1));
                page.take(frames, &*wanted).map(|room| (page, room, next))
            };
            (page, room, next) = self.with_batch(&row.session, number, batch, taking).await??;
        }
        Ok(Some(page))
    }

    async fn in_segments<W: Fn(&Frame) -> bool + Send + Sync + 'static>(
        &self,
        row: &SessionRow,
        entries: Vec<SegmentEntry>,
        (mut page, wanted): Reading<W>,
    ) -> Result<(Reading<W>, bool), ProblemResponse> {
        let (key, session) = (self.reader.recording_key(row)?, row.session.clone());
        let objects = self.reader.objects.clone();
        let from = page.from();
        let reading = tokio::task::spawn_blocking(move || {
            for entry in entries.iter().filter(|entry| entry.first_frame.saturating_add(entry.frames) > from) {
                if !page.take(open_one(&key, &session, entry, &objects)?, &*wanted)? {
                    return Ok(((page, wanted), false));
                }
            }
            Ok::<_, StoreError>(((page, wanted), true))
        });
        Ok(reading.await.map_err(|_| problem::stopped())??)
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
