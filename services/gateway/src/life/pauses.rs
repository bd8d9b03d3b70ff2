use std::time::Duration;

use domain::UnixMillis;
use tokio::time::Instant;

/// A Session whose recording is behind for so long ends.
pub const MAX_PAUSE: Duration = Duration::from_secs(5 * 60);

/// What changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    Paused,
    Resumed,
    /// It was behind for too long.
    TooLong,
}

/// How long the recording of a Session has been behind.
#[derive(Debug, Default)]
pub struct Pauses {
    since: Option<(Instant, UnixMillis)>,
}

impl Pauses {
    /// What the recording being behind, or not, changes now. Monotonic time counts; the wall clock can only make it
    /// shorter.
    pub fn look(&mut self, behind: bool, now: Instant, wall: UnixMillis) -> Option<Change> {
        match (behind, self.since) {
            (true, None) => {
                self.since = Some((now, wall));
                Some(Change::Paused)
            }
            (true, Some((since, wall_since))) => {
                let most = i64::try_from(MAX_PAUSE.as_millis()).unwrap_or(i64::MAX);
                let long = now.duration_since(since) >= MAX_PAUSE || wall.saturating_sub(wall_since) >= most;
                long.then_some(Change::TooLong)
            }
            (false, Some(_)) => {
                self.since = None;
                Some(Change::Resumed)
            }
            (false, None) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn five_minutes_behind_are_the_end_by_either_clock() {
        let began = Instant::now();
        let mut pauses = Pauses::default();
        assert_eq!(pauses.look(false, began, 0), None);
        assert_eq!(pauses.look(true, began, 0), Some(Change::Paused));
        assert_eq!(pauses.look(true, began + 4 * MINUTE, 0), None);
        assert_eq!(pauses.look(false, began + 4 * MINUTE, 0), Some(Change::Resumed));
        assert_eq!(pauses.look(true, began + 5 * MINUTE, 300_000), Some(Change::Paused), "it counts anew");
        assert_eq!(pauses.look(true, began + 9 * MINUTE, 300_000), None);
        assert_eq!(pauses.look(true, began + 10 * MINUTE, 300_000), Some(Change::TooLong));
        assert_eq!(pauses.look(true, began + 9 * MINUTE, 599_999), None);
        assert_eq!(pauses.look(true, began + 9 * MINUTE, 600_000), Some(Change::TooLong));
        assert_eq!(pauses.look(true, began + 9 * MINUTE, 0), None, "a clock that goes backwards makes it no longer");
    }
}
