//! As many frames as fit one answer.

use recording::Frame;

use crate::error::StoreError;

pub(crate) struct Page {
    from: u64,
    room: u64,
    frames: Vec<Frame>,
    next: Option<u64>,
}

impl Page {
    /// Frames from number `from` on, `room` bytes of their JSON.
    pub fn new(from: u64, room: u64) -> Self {
        Self { from, room, frames: Vec::new(), next: None }
    }

    /// The first frame that is asked for.
    pub fn from(&self) -> u64 {
        self.from
    }

    /// Takes the frames that are wanted; `false` once there is no room for one of them, where the next page begins.
    pub fn take(&mut self, frames: Vec<Frame>, wanted: &impl Fn(&Frame) -> bool) -> Result<bool, StoreError> {
        for frame in frames.into_iter().filter(|frame| frame.seq >= self.from && wanted(frame)) {
            let json = serde_json::to_vec(&frame).map_err(|_| StoreError::damaged("a frame"))?;
            let bytes = u64::try_from(json.len()).unwrap_or(u64::MAX);
            if bytes > self.room && !self.frames.is_empty() {
                self.next = Some(frame.seq);
                return Ok(false);
            }
            self.room = self.room.saturating_sub(bytes);
            self.frames.push(frame);
        }
        Ok(true)
    }

    /// The frames, and where the next page begins.
    pub fn done(self) -> (Vec<Frame>, Option<u64>) {
        (self.frames, self.next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::world::frames;

    #[test]
    fn pages_follow_each_other_without_gap_or_repetition() {
        let all = frames(3, 40);
        let (mut from, mut read, mut pages) = (0, Vec::new(), 0);
        loop {
            let mut page = Page::new(from, 600);
            for part in all.chunks(7) {
                if !page.take(part.to_vec(), &|_| true).expect("frames") {
                    break;
                }
            }
            let (frames, next) = page.done();
            read.extend(frames);
            pages += 1;
            let Some(next) = next else { break };
            from = next;
        }
        assert_eq!(read, all);
        assert!(pages > 5, "{pages}");
    }

    #[test]
    fn a_frame_longer_than_a_page_is_a_page() {
        let mut page = Page::new(1, 1);
        assert!(!page.take(frames(0, 3), &|_| true).expect("frames"));
        let (frames, next) = page.done();
        assert_eq!((frames.len(), frames[0].seq, next), (1, 1, Some(2)));
    }
}
