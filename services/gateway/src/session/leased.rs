//! How long a lease of the broker is good for here.

use std::sync::PoisonError;
use std::time::Duration;

use domain::UnixSeconds;
use statement::{Lease, Signed};
use tokio::time::Instant;

use super::Session;

/// A lease is good for this long after it came, at most. Every stream is cut within 15 s of the last that came: what is left of
/// them is for looking at it and for a computer that is busy.
const LEASE: Duration = Duration::from_secs(13);

impl Session {
    /// Takes a lease that the broker signed for exactly this Session.
    pub fn take_lease(&self, lease: &Signed<Lease>) -> bool {
        let now = self.clock.now();
        let body = lease.body();
        let mine = body.session == self.facts.session && body.request == self.facts.request;
        if !mine || lease.check_envelope(&lease.payload().aud, now).is_err() {
            return false;
        }
        let until = Instant::now() + left(lease.payload().exp, now);
        *self.leased_until.lock().unwrap_or_else(PoisonError::into_inner) = Some(until);
        true
    }
}

/// By this computer's clock, which may be another than the one that it was issued by.
fn left(until: UnixSeconds, now: UnixSeconds) -> Duration {
    Duration::from_secs(u64::try_from(until.saturating_sub(now)).unwrap_or(0)).min(LEASE)
}

#[cfg(test)]
mod tests {
    use statement::Kind as _;

    use super::*;
    use crate::life::LEASE_EVERY;
    use crate::log::MAX_SKEW_MILLIS;

    #[test]
    fn a_lease_outlasts_one_answer_that_does_not_come_with_every_clock_that_is_allowed() {
        let (issued, off) = (1_764_000_000, MAX_SKEW_MILLIS / 1000);
        for now in issued - off..=issued + off {
            let left = left(issued + Lease::MAX_LIFE_SECONDS, now);
            assert!(left >= 2 * LEASE_EVERY, "{} s off: {left:?}", now - issued);
            assert!(left <= LEASE, "{} s off: {left:?}", now - issued);
        }
    }
}
