//! How many refusals of one Session become Events: so many a minute one by one, the rest as a count.

use std::time::Duration;

use tokio::time::Instant;

/// Refusals of one Session that become an Event each, in a minute.
const A_MINUTE: u32 = 60;
const MINUTE: Duration = Duration::from_secs(60);

/// The count of one Session.
#[derive(Debug)]
pub struct Refusals {
    since: Instant,
    told: u32,
    left_out: u32,
}

impl Refusals {
    /// None so far.
    #[must_use]
    pub fn begin(now: Instant) -> Self {
        Self { since: now, told: 0, left_out: 0 }
    }

    /// Counts one; whether it becomes an Event of its own. Ask [`Self::take_left_out`] first.
    pub fn count(&mut self, now: Instant) -> bool {
        if now.duration_since(self.since) >= MINUTE {
            (self.since, self.told) = (now, 0);
        }
        if self.told < A_MINUTE {
            self.told += 1;
            return true;
        }
        self.left_out = self.left_out.saturating_add(1);
        false
    }

    /// How many were left out, once their minute is over or `at_once`.
    pub fn take_left_out(&mut self, now: Instant, at_once: bool) -> Option<u32> {
        let due = self.left_out > 0 && (at_once || now.duration_since(self.since) >= MINUTE);
        due.then(|| std::mem::take(&mut self.left_out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixty_a_minute_are_told_and_the_rest_is_counted_once() {
        let began = Instant::now();
        let mut refusals = Refusals::begin(began);
        let told = (0..1_000).filter(|_| refusals.count(began)).count();
        assert_eq!(told, 60);
        assert_eq!(refusals.take_left_out(began + Duration::from_secs(59), false), None);
        assert_eq!(refusals.take_left_out(began + Duration::from_secs(60), false), Some(940));
        assert_eq!(refusals.take_left_out(began + Duration::from_secs(60), true), None);
        assert!(refusals.count(began + Duration::from_secs(60)));
        for _ in 0..60 {
            refusals.count(began + Duration::from_secs(61));
        }
        assert_eq!(refusals.take_left_out(began + Duration::from_secs(62), true), Some(1));
    }
}
