//! How much waits of each Session to be put into a segment, as far as this process counted it. The database is asked when it
//! may be enough: asking it after each batch cost more than the batch.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::{SessionId, UnixSeconds};

use crate::segments::is_enough;
use crate::store::Loose;

/// A batch that was taken.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Came {
    pub sealed_bytes: u64,
    /// What it unpacks to.
    pub plain_bytes: u64,
}

#[derive(Default)]
pub(crate) struct Tally(Mutex<HashMap<SessionId, Loose>>);

impl Tally {
    /// Counts a batch: whether the database has to be asked. What is not known here may be enough.
    pub fn may_be_enough(&self, session: &SessionId, came: Came, now: UnixSeconds) -> bool {
        let mut known = self.known();
        let Some(loose) = known.get_mut(session) else { return true };
        loose.sealed_bytes = loose.sealed_bytes.saturating_add(came.sealed_bytes);
        loose.plain_bytes = loose.plain_bytes.saturating_add(came.plain_bytes);
        loose.oldest.get_or_insert(now);
        is_enough(loose, now)
    }

    /// What the database said.
    pub fn is(&self, session: &SessionId, loose: Loose) {
        self.known().insert(session.clone(), loose);
    }

    /// Nothing is known of it: its batches are put away, or it has ended.
    pub fn forget(&self, session: &SessionId) {
        self.known().remove(session);
    }

    fn known(&self) -> MutexGuard<'_, HashMap<SessionId, Loose>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use recording::MAX_SEGMENT_BYTES;
    use statement::sha256;

    use super::*;

    const SMALL: Came = Came { sealed_bytes: 10, plain_bytes: 100 };
    const NONE: Loose = Loose { sealed_bytes: 0, plain_bytes: 0, oldest: None };

    #[test]
    fn the_database_is_asked_when_it_may_be_enough() {
        let (tally, session) = (Tally::default(), SessionId::from(sha256("session")));
        assert!(tally.may_be_enough(&session, SMALL, 1_000), "nothing is known");
        tally.is(&session, NONE);
        assert!(!tally.may_be_enough(&session, SMALL, 1_000));
        assert!(!tally.may_be_enough(&session, SMALL, 1_299));
        assert!(tally.may_be_enough(&session, SMALL, 1_300), "the first has waited long enough");
        tally.is(&session, NONE);
        let whole = Came { sealed_bytes: 10, plain_bytes: MAX_SEGMENT_BYTES - 100 };
        assert!(!tally.may_be_enough(&session, whole, 1_000));
        assert!(tally.may_be_enough(&session, SMALL, 1_000), "they unpack to a segment");
        tally.is(&session, NONE);
        let packed = Came { sealed_bytes: MAX_SEGMENT_BYTES / 4, plain_bytes: 100 };
        assert!(tally.may_be_enough(&session, packed, 1_000));
        tally.forget(&session);
        assert!(tally.may_be_enough(&session, SMALL, 1_000));
    }
}
