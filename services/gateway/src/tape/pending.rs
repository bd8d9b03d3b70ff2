//! Frames that are on no disk yet, and when they have to be. What nobody waits for waits a moment, so that a request and its
//! answer are one batch; and while the audit service is behind, batches grow instead of getting more.

use std::time::Duration;

use recording::Frame;
use tokio::time::Instant;

/// Frames of about this many bytes make a batch.
pub(super) const BATCH_BYTES: u64 = 1024 * 1024;
/// What nobody waits for (a read that was forwarded) is written after this at the latest.
const UNHURRIED: Duration = Duration::from_millis(10);
/// While the audit service is behind, what somebody waits for is written after this at the latest.
const GATHERED: Duration = Duration::from_millis(4);
/// The audit service is behind while so many batches are not with it.
const BEHIND: usize = 3;

/// The frames, each with about how many bytes it takes.
#[derive(Default)]
pub(super) struct Pending {
    frames: Vec<(Frame, u64)>,
    bytes: u64,
    since: Option<Instant>,
    /// Somebody waits for frames below this number.
    awaited: u64,
}

/// When they have to be written.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// There are none.
    Never,
    At(Instant),
    Now,
}

impl Pending {
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Whether there are enough to be written whoever waits.
    pub fn is_a_batch(&self) -> bool {
        self.bytes >= BATCH_BYTES
    }

    pub fn push(&mut self, frame: Frame, weight: u64, now: Instant) {
        self.since.get_or_insert(now);
        self.bytes += weight;
        self.frames.push((frame, weight));
    }

    /// Somebody waits for the frames below this number: whether that is news for any of these.
    pub fn wait_for(&mut self, frame: u64) -> bool {
        let is_news = frame > self.awaited;
        self.awaited = self.awaited.max(frame);
        is_news && self.is_waited_for()
    }

    pub fn is_waited_for(&self) -> bool {
        self.frames.first().is_some_and(|(first, _)| first.seq < self.awaited)
    }

    pub fn due(&self, now: Instant, uploading: usize) -> Due {
        let Some(since) = self.since else { return Due::Never };
        let at = match (self.is_waited_for(), uploading < BEHIND) {
            _ if self.is_a_batch() => return Due::Now,
            (true, true) => return Due::Now,
            (true, false) => since + GATHERED,
            (false, _) => since + UNHURRIED,
        };
        if at <= now { Due::Now } else { Due::At(at) }
    }

    pub fn take(&mut self) -> Vec<(Frame, u64)> {
        (self.bytes, self.since) = (0, None);
        std::mem::take(&mut self.frames)
    }
}

#[cfg(test)]
mod tests {
    use recording::Captured;

    use super::*;

    fn pending(frames: std::ops::Range<u64>, now: Instant) -> Pending {
        let mut pending = Pending::default();
        for seq in frames {
            let content = Captured::Note { code: "n".into(), detail: String::new() };
            pending.push(Frame { seq, at: 0, content }, 160, now);
        }
        pending
    }

    #[test]
    fn what_nobody_waits_for_waits_a_moment_and_no_longer() {
        let now = Instant::now();
        assert_eq!(Pending::default().due(now, 0), Due::Never);
        let pending = pending(5..6, now);
        assert_eq!(pending.due(now, 0), Due::At(now + UNHURRIED));
        assert_eq!(pending.due(now + UNHURRIED, 9), Due::Now, "whatever the audit service does");
    }

    #[test]
    fn what_somebody_waits_for_is_written_at_once_unless_the_audit_service_is_behind() {
        let now = Instant::now();
        let mut pending = pending(5..7, now);
        assert!(!pending.wait_for(5), "that was written before");
        assert_eq!(pending.due(now, 0), Due::At(now + UNHURRIED));
        assert!(pending.wait_for(6) && !pending.wait_for(6));
        assert_eq!(pending.due(now, BEHIND - 1), Due::Now);
        assert_eq!(pending.due(now, BEHIND), Due::At(now + GATHERED));
        assert_eq!(pending.due(now + GATHERED, BEHIND), Due::Now);
        assert_eq!(pending.take().len(), 2);
        assert_eq!(pending.due(now, 0), Due::Never);
    }

    #[test]
    fn a_whole_batch_waits_for_nobody() {
        let now = Instant::now();
        let mut pending = pending(0..1, now);
        let content = Captured::Note { code: "n".into(), detail: String::new() };
        pending.push(Frame { seq: 1, at: 0, content }, BATCH_BYTES, now);
        assert_eq!(pending.due(now, BEHIND), Due::Now);
    }
}
