use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use domain::{Digest, UnixSeconds};

/// Refusals of one source are counted over this time, in seconds.
const WINDOW_SECONDS: i64 = 60;
/// Refusals of one Device that get an entry each, in a window.
const PER_DEVICE: u32 = 300;
/// Refusals of nobody in particular that get an entry each, in a window.
const ANONYMOUS: u32 = 120;
/// Sources that are counted apart; more share one count.
const SOURCES: usize = 10_000;

/// Keeps refused calls from filling the log: each source's first ones in a minute get an entry each, the rest are counted,
/// and the count gets an entry when the minute is over.
#[derive(Debug, Default)]
pub(crate) struct Floods(Mutex<HashMap<Option<Digest>, Window>>);

#[derive(Debug, Clone, Copy)]
struct Window {
    began: UnixSeconds,
    refused: u32,
}

impl Floods {
    /// Whether a refusal of this source (a Device, or nobody in particular) gets its own entry.
    pub(crate) fn admits(&self, source: Option<&Digest>, now: UnixSeconds) -> bool {
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let source = source.filter(|s| windows.len() < SOURCES || windows.contains_key(&Some((*s).clone())));
        let most = if source.is_some() { PER_DEVICE } else { ANONYMOUS };
        let window = windows.entry(source.cloned()).or_insert(Window { began: now, refused: 0 });
        window.refused = window.refused.saturating_add(1);
        window.refused <= most
    }

    /// Forgets the windows that are over; the sources of those that overflowed, and by how much.
    pub(crate) fn over(&self, now: UnixSeconds) -> Vec<(Option<Digest>, u32)> {
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut unlogged = Vec::new();
        windows.retain(|source, window| {
            // A clock that went backwards ends a window too.
            if (0..WINDOW_SECONDS).contains(&(now - window.began)) {
                return true;
            }
            let most = if source.is_some() { PER_DEVICE } else { ANONYMOUS };
            if window.refused > most {
                unlogged.push((source.clone(), window.refused - most));
            }
            false
        });
        unlogged
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_overflows_is_counted() {
        let floods = Floods::default();
        let device = statement::sha256("device");
        let admitted = (0..1000).filter(|_| floods.admits(None, 100)).count();
        assert_eq!(admitted, 120);
        assert!(floods.admits(Some(&device), 100), "others are not silenced by it");
        assert_eq!(floods.over(159), []);
        assert_eq!(floods.over(160), [(None, 880)]);
        assert!(floods.admits(None, 161));
        assert_eq!(floods.over(300), []);
    }
}
