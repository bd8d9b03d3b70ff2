//! Behind which batch a Recording that runs was read already. Batches are opened to see which frames are in them: whoever asks
//! for what came since is not to open all that came before again.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::SessionId;

/// Places that are remembered of each Session: of the newest readers.
const PLACES: usize = 16;

/// Batches below `batch` hold nothing from `frame` on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    frame: u64,
    batch: u64,
}

#[derive(Default)]
pub(crate) struct ReadUpTo(Mutex<HashMap<SessionId, VecDeque<Place>>>);

impl ReadUpTo {
    /// No batch below this one holds anything from this frame on.
    pub fn first_batch(&self, session: &SessionId, frame: u64) -> u64 {
        let known = self.known();
        let places = known.get(session).into_iter().flatten();
        places.filter(|place| place.frame <= frame).map(|place| place.batch).max().unwrap_or(0)
    }

    /// Somebody read all batches below `batch`: `frame` is behind the last of what is in them.
    pub fn is(&self, session: &SessionId, frame: u64, batch: u64) {
        let (mut known, place) = (self.known(), Place { frame, batch });
        let places = known.entry(session.clone()).or_default();
        if places.back() == Some(&place) {
            return;
        }
        if places.len() == PLACES {
            places.pop_front();
        }
        places.push_back(place);
    }

    /// Only these run.
    pub fn retain(&self, runs: impl Fn(&SessionId) -> bool) {
        self.known().retain(|session, _| runs(session));
    }

    fn known(&self) -> MutexGuard<'_, HashMap<SessionId, VecDeque<Place>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use statement::sha256;

    use super::*;

    #[test]
    fn nobody_is_led_behind_what_he_has_not_read() {
        let (read, session, other) = (ReadUpTo::default(), sha256("one").into(), sha256("other").into());
        assert_eq!(read.first_batch(&session, 9), 0);
        read.is(&session, 10, 3);
        read.is(&session, 20, 5);
        for (frame, batch) in [(9, 0), (10, 3), (19, 3), (20, 5), (u64::MAX, 5)] {
            assert_eq!(read.first_batch(&session, frame), batch, "{frame}");
        }
        assert_eq!(read.first_batch(&other, 20), 0);
        (0..40).for_each(|n| read.is(&session, 100 + n, 10 + n));
        assert_eq!((read.first_batch(&session, 99), read.first_batch(&session, 139)), (0, 49));
        assert_eq!(read.known()[&session].len(), PLACES);
        read.retain(|session| *session == other);
        assert_eq!(read.first_batch(&session, 139), 0);
    }
}
