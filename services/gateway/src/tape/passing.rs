//! What may pass, and when: the recording rule, as far as the tape knows it.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::{Position, Tape};

/// No byte passes while the oldest unacknowledged record is older than this.
pub const MAX_LAG: Duration = Duration::from_secs(2);
/// No byte passes while more than this is unacknowledged.
pub const MAX_UNACKNOWLEDGED: u64 = 16 * 1024 * 1024;

impl Tape {
    /// Returns when everything up to `position` is on disk.
    pub async fn durable(&self, position: Position) {
        self.is_waited_for(position);
        // An error means that the sender is gone, which `self` holds.
        let _ = self.0.durable.subscribe().wait_for(|d| *d >= position.0).await;
    }

    /// Returns when the audit service has acknowledged everything up to `position`.
    pub async fn acknowledged(&self, position: Position) {
        self.is_waited_for(position);
        let _ = self.0.acknowledged.subscribe().wait_for(|a| *a >= position.0).await;
    }

    /// Returns once bytes may pass.
    pub async fn passable(&self) {
        let mut acknowledged = self.0.acknowledged.subscribe();
        while self.is_behind() {
            let _ = tokio::time::timeout(Duration::from_millis(100), acknowledged.changed()).await;
        }
    }

    /// Whether the recording is so far behind that no byte may pass.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        self.is_refused() || self.lag() > MAX_LAG || self.state().unacknowledged_bytes > MAX_UNACKNOWLEDGED
    }

    /// Whether the audit service refused a batch for good: nothing passes any more.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.0.refused.borrow().is_some()
    }

    /// Whether the disk has no room for the recording.
    #[must_use]
    pub fn lacks_room(&self) -> bool {
        self.0.is_full.load(Ordering::Relaxed)
    }

    /// The age of the oldest record that the audit service has not acknowledged.
    #[must_use]
    pub fn lag(&self) -> Duration {
        self.state().unacknowledged.front().map_or(Duration::ZERO, |w| w.since.elapsed())
    }

    /// What stands up to here goes to disk now, and not when its time is up.
    fn is_waited_for(&self, position: Position) {
        if position != Position::NOWHERE && self.state().pending.wait_for(position.0) {
            self.0.wake.notify_one();
        }
    }

    pub(super) fn is_acknowledged(&self, up_to: u64) {
        let mut state = self.state();
        while state.unacknowledged.front().is_some_and(|w| w.up_to <= up_to) {
            if let Some(done) = state.unacknowledged.pop_front() {
                state.unacknowledged_bytes -= done.bytes;
            }
        }
        state.uploading = state.uploading.saturating_sub(1);
        let wakes = state.pending.is_waited_for();
        drop(state);
        self.0.acknowledged.send_replace(up_to);
        if wakes {
            self.0.wake.notify_one();
        }
    }
}
