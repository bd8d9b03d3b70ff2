//! Frames come in batch by batch, segments go out: no more is held at once than one segment and one batch.

use domain::SessionId;
use recording::{Frame, MAX_SEGMENT_BYTES, SecretKey, SegmentEntry, seal_segment};

use crate::error::StoreError;
use crate::store::Objects;

pub(crate) struct Segmenter {
    key: SecretKey,
    session: SessionId,
    objects: Objects,
    number: u64,
    /// The next frame's number is at least this.
    next: u64,
    run: Vec<Frame>,
    /// What `run` is, as JSON.
    bytes: u64,
    made: Segmented,
}

/// What came of the batches.
#[derive(Debug, Default)]
pub(crate) struct Segmented {
    pub entries: Vec<SegmentEntry>,
    /// Frames that had been there before: a gateway counts on and never back.
    pub repeated: u64,
    /// The most that was held at once, in bytes of frames as JSON.
    pub most_held: u64,
}

impl Segmenter {
    /// Goes on behind what is sealed.
    pub fn new(key: SecretKey, session: SessionId, objects: Objects, sealed: &[SegmentEntry]) -> Self {
        Self {
            key,
            session,
            objects,
            number: sealed.len() as u64,
            next: behind(sealed),
            run: Vec::new(),
            bytes: 0,
            made: Segmented::default(),
        }
    }

    /// Takes one batch. Each segment that it fills is on disk when this returns.
    pub fn take(&mut self, frames: Vec<Frame>) -> Result<(), StoreError> {
        let lengths = frames.iter().map(length).collect::<Result<Vec<u64>, _>>()?;
        let came = lengths.iter().fold(0, |sum: u64, length| sum.saturating_add(*length));
        self.made.most_held = self.made.most_held.max(self.bytes.saturating_add(came));
        for (frame, length) in frames.into_iter().zip(lengths) {
            if frame.seq < self.next {
                self.made.repeated += 1;
                continue;
            }
            let follows = self.run.last().is_some_and(|last| last.seq.checked_add(1) == Some(frame.seq));
            if !follows || self.bytes.saturating_add(length) > MAX_SEGMENT_BYTES {
                self.seal()?;
            }
            self.next = frame.seq.saturating_add(1);
            self.bytes = self.bytes.saturating_add(length);
            self.run.push(frame);
        }
        Ok(())
    }

    /// Seals what is left.
    pub fn done(mut self) -> Result<Segmented, StoreError> {
        self.seal()?;
        Ok(self.made)
    }

    fn seal(&mut self) -> Result<(), StoreError> {
        let run = std::mem::take(&mut self.run);
        self.bytes = 0;
        if run.is_empty() {
            return Ok(());
        }
        let (sealed, entry) = seal_segment(&self.key, &self.session, self.number, &run)?;
        self.objects.put(&entry.sealed, &sealed)?;
        self.made.entries.push(entry);
        self.number += 1;
        Ok(())
    }
}

/// The number behind the last frame that is in a segment.
pub(crate) fn behind(sealed: &[SegmentEntry]) -> u64 {
    sealed.last().map_or(0, |s| s.first_frame.saturating_add(s.frames))
}

/// What frames are as JSON, in bytes: what they are counted by.
pub(crate) fn unpacked(frames: &[Frame]) -> Result<u64, StoreError> {
    frames.iter().try_fold(0_u64, |sum, frame| Ok(sum.saturating_add(length(frame)?)))
}

/// Counted without being written anywhere.
fn length(frame: &Frame) -> Result<u64, StoreError> {
    let mut counter = Counter(0);
    serde_json::to_writer(&mut counter, frame).map_err(|_| StoreError::damaged("a frame"))?;
    Ok(counter.0)
}

struct Counter(u64);

impl std::io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 = self.0.saturating_add(bytes.len() as u64);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
