use std::sync::atomic::{AtomicI64, Ordering};

/// Whole seconds since 1970-01-01T00:00:00Z.
pub type UnixSeconds = i64;
/// Milliseconds since 1970-01-01T00:00:00Z.
pub type UnixMillis = i64;

/// Where the wall time comes from; every rule takes `now` as a value and gets it from one of these at the edge.
pub trait Clock: Send + Sync + 'static {
    /// The wall time in milliseconds.
    fn now_millis(&self) -> UnixMillis;

    /// The wall time in whole seconds.
    fn now(&self) -> UnixSeconds {
        self.now_millis().div_euclid(1000)
    }
}

/// The computer's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where the computer's clock is read")]
    fn now_millis(&self) -> UnixMillis {
        std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX))
    }
}

/// A clock that a test sets.
#[derive(Debug, Default)]
pub struct FixedClock(AtomicI64);

impl FixedClock {
    /// A clock that stands at `now` (seconds).
    #[must_use]
    pub fn at(now: UnixSeconds) -> Self {
        Self(AtomicI64::new(now * 1000))
    }

    /// Moves the clock by `seconds`, forwards or backwards.
    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now_millis(&self) -> UnixMillis {
        self.0.load(Ordering::SeqCst)
    }
}
