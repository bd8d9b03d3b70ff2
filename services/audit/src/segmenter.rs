//! Frames come in batch by batch, segments go out: no more is held at once than one segment and one batch.

use domain::SessionId;
use recording::{Frame, SecretKey, Segment, SegmentEntry};

use crate::error::StoreError;
use crate::store::Objects;

pub(crate) struct Segmenter {
    key: SecretKey,
    session: SessionId,
    objects: Objects,
    number: u64,
    /// The next frame's number is at least this.
    next: u64,
    run: Segment,
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
            run: Segment::default(),
            made: Segmented::default(),
        }
    }

    /// Takes the frames of one batch, which unpacked to so many bytes. Each segment that it fills is on disk when this returns.
    pub fn take(&mut self, frames: &[Frame], came: u64) -> Result<(), StoreError> {
        self.made.most_held = self.made.most_held.max(self.run.bytes().saturating_add(came));
        for frame in frames {
            if frame.seq < self.next {
                self.made.repeated += 1;
                continue;
            }
            if let Some(full) = self.run.push(frame)? {
                self.seal(&full)?;
            }
            self.next = frame.seq.saturating_add(1);
        }
        Ok(())
    }

    /// Seals what is left.
    pub fn done(mut self) -> Result<Segmented, StoreError> {
        let run = std::mem::take(&mut self.run);
        if !run.is_empty() {
            self.seal(&run)?;
        }
        Ok(self.made)
    }

    fn seal(&mut self, run: &Segment) -> Result<(), StoreError> {
        let (sealed, entry) = run.seal(&self.key, &self.session, self.number)?;
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
