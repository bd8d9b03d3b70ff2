use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use domain::{Clock, UnixMillis};
use tokio::time::Instant;

use crate::ledger::{Ledger, LedgerError};

/// Further than this from the audit service's clock, nothing is decided here, in milliseconds.
const MOST_MILLIS: i64 = 5_000;

/// Whether this computer's clock can be believed: the audit service's, asked now and then, is the measure.
#[derive(Debug)]
pub(crate) struct Clocks {
    fresh_for: Duration,
    seen: Mutex<Option<Seen>>,
}

/// What the audit service's clock said.
#[derive(Debug, Clone, Copy)]
struct Seen {
    theirs: UnixMillis,
    /// When the answer was here. The service read its clock at most `took` before.
    at: Instant,
    took: Duration,
}

impl Clocks {
    /// A look at the other clock is good for this long.
    pub(crate) fn new(fresh_for: Duration) -> Self {
        Self { fresh_for, seen: Mutex::default() }
    }

    /// Whether both clocks agree. A disagreement is looked at again before it counts.
    pub(crate) async fn agree(&self, ledger: &dyn Ledger, clock: &dyn Clock) -> Result<bool, LedgerError> {
        let known = *self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if known.is_some_and(|seen| seen.at.elapsed() < self.fresh_for && seen.agrees_with(clock.now_millis())) {
            return Ok(true);
        }
        let asked = Instant::now();
        let theirs = ledger.time().await?;
        let seen = Seen { theirs, at: Instant::now(), took: asked.elapsed() };
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(seen);
        Ok(seen.agrees_with(clock.now_millis()))
    }
}

impl Seen {
    fn agrees_with(&self, ours: UnixMillis) -> bool {
        let ahead = ours.saturating_sub(self.theirs).saturating_sub(millis(self.at.elapsed()));
        (-MOST_MILLIS..=MOST_MILLIS.saturating_add(millis(self.took))).contains(&ahead)
    }
}

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_no_delay_explains_is_a_disagreement() {
        let seen = |took| Seen { theirs: 1_000_000, at: Instant::now(), took: Duration::from_millis(took) };
        for (ours, took, agrees) in [
            (1_000_000, 0, true),
            (1_005_000, 0, true),
            (1_007_000, 0, false),
            (996_000, 0, true),
            (994_999, 0, false),
            (1_006_000, 1_000, true),
            (994_999, 1_000, false),
            (i64::MIN, 0, false),
            (i64::MAX, 0, false),
        ] {
            assert_eq!(seen(took).agrees_with(ours), agrees, "{ours} {took}");
        }
        let ago = Instant::now().checked_sub(Duration::from_secs(60)).expect("a minute ago");
        let before = Seen { at: ago, ..seen(0) };
        assert!(before.agrees_with(1_060_000) && !before.agrees_with(1_000_000), "their clock goes on");
    }
}
