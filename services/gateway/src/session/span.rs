//! How long a Session lasts. Its end moves, and only ever away.

use std::time::Duration;

use domain::{Clock, Digest, UnixSeconds};
use statement::Adoption;
use tokio::sync::watch;
use tokio::time::Instant;
use wire::extension::LoggedExtension;

/// An extension that was verified here and that the log has.
#[derive(Debug, Clone)]
pub struct Extended {
    /// SHA-256 of its own request JWS.
    pub request: Digest,
    pub ends_at: UnixSeconds,
    pub logged: LoggedExtension,
    /// What proves the policy that it was signed under; nothing for the pinned one.
    pub policies: Vec<Adoption>,
}

/// From now to the end.
pub(super) struct Span(watch::Sender<Until>);

#[derive(Clone)]
struct Until {
    ends_at: UnixSeconds,
    deadline: Instant,
    extensions: Vec<Extended>,
}

impl Span {
    pub fn begin(ends_at: UnixSeconds, extensions: Vec<Extended>, clock: &dyn Clock) -> Self {
        // The wall clock is read once; from here on monotonic time counts.
        let left = ends_at.saturating_mul(1000).saturating_sub(clock.now_millis());
        let (ago, ahead) = (u64::try_from(left.saturating_neg()), u64::try_from(left));
        let now = Instant::now();
        let over = now.checked_sub(Duration::from_millis(ago.unwrap_or(0))).unwrap_or(now);
        let deadline = over + Duration::from_millis(ahead.unwrap_or(0));
        let span = Self(watch::Sender::new(Until { ends_at, deadline, extensions: Vec::new() }));
        span.extend(extensions);
        span
    }

    /// Until the last of these ends: no extension shortens what another one gave.
    pub fn extend(&self, extensions: Vec<Extended>) {
        self.0.send_modify(|until| {
            let last = extensions.iter().map(|e| e.ends_at).max();
            let more = last.unwrap_or(until.ends_at).saturating_sub(until.ends_at).max(0);
            until.ends_at += more;
            until.deadline += Duration::from_secs(u64::try_from(more).unwrap_or(0));
            // Whoever signed for what counts already can still be revoked, whatever is listed later.
            let known: Vec<Digest> = until.extensions.iter().map(|e| e.request.clone()).collect();
            until.extensions.extend(extensions.into_iter().filter(|e| !known.contains(&e.request)));
        });
    }

    /// The wall clock can only end it early.
    pub fn is_over(&self, clock: &dyn Clock) -> bool {
        let until = self.0.borrow();
        Instant::now() >= until.deadline || clock.now() >= until.ends_at
    }

    pub async fn over(&self) {
        let mut moved = self.0.subscribe();
        loop {
            let deadline = moved.borrow_and_update().deadline;
            tokio::select! {
                () = tokio::time::sleep_until(deadline) => return,
                changed = moved.changed() => if changed.is_err() { return },
            }
        }
    }

    pub fn ends_at(&self) -> UnixSeconds {
        self.0.borrow().ends_at
    }

    pub fn extensions(&self) -> Vec<Extended> {
        self.0.borrow().extensions.clone()
    }
}

#[cfg(test)]
mod tests {
    use domain::FixedClock;
    use wire::event::Receipt;

    use super::*;

    fn until(ends_at: UnixSeconds) -> Extended {
        let receipt = Receipt { index: 0, leaf: String::new(), inclusion: vec![], checkpoint: String::new() };
        let logged = LoggedExtension { bundle_json: String::new(), receipt };
        Extended { request: statement::sha256(ends_at.to_be_bytes()), ends_at, logged, policies: Vec::new() }
    }

    #[tokio::test]
    async fn the_end_moves_away_and_never_back() {
        let span = Span::begin(1_060, Vec::new(), &FixedClock::at(1_000));
        span.extend(vec![until(1_090)]);
        span.extend(vec![until(1_090), until(1_070)]);
        assert_eq!((span.ends_at(), span.extensions().len()), (1_090, 2));
        span.extend(vec![until(1_040)]);
        assert_eq!((span.ends_at(), span.extensions().len()), (1_090, 3), "none is forgotten");
        assert!(!span.is_over(&FixedClock::at(1_089)));
        assert!(span.is_over(&FixedClock::at(1_090)), "the wall clock ends it too");
        let left = span.0.borrow().deadline.duration_since(Instant::now());
        assert!((89..=90).contains(&left.as_secs()), "{left:?}");
    }

    #[tokio::test]
    async fn whoever_waits_for_the_end_waits_for_the_last_one() {
        let clock = FixedClock::at(1_000);
        let span = Span::begin(1_001, Vec::new(), &clock);
        let began = Instant::now();
        let moving = async {
            tokio::time::sleep(Duration::from_millis(500)).await;
            span.extend(vec![until(1_002)]);
            tokio::time::sleep(Duration::from_millis(1_000)).await;
            assert!(!span.is_over(&clock), "behind the first end");
        };
        tokio::join!(span.over(), moving);
        let waited = began.elapsed();
        assert!(waited >= Duration::from_secs(2) && waited < Duration::from_millis(3_000), "{waited:?}");
        assert!(span.is_over(&clock));
    }

    #[tokio::test]
    async fn what_is_begun_again_after_its_first_end_counts_from_the_last() {
        let span = Span::begin(1_060, vec![until(1_120)], &FixedClock::at(1_119));
        assert!(!span.is_over(&FixedClock::at(1_119)));
        let began = Instant::now();
        span.over().await;
        assert!(began.elapsed() >= Duration::from_millis(900) && began.elapsed() < Duration::from_secs(2));
    }
}
