use std::sync::{Mutex, PoisonError};

/// What was used for more bytes than this is not kept.
pub(crate) const SMALL: usize = 256 * 1024;
/// So many are kept: as many as work at once on a small computer, whatever number of Sessions there is.
const MOST: usize = 4;

/// Things that are costly to make and can be used again.
pub(crate) struct Kept<T>(Mutex<Vec<T>>);

impl<T> Kept<T> {
    pub const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    pub fn take(&self) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    /// Keeps it for the next one, unless it was used for much or there are enough.
    pub fn put_back(&self, one: T, used_for: usize) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if used_for <= SMALL && kept.len() < MOST {
            kept.push(one);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_and_small_ones_are_kept() {
        let kept = Kept::new();
        kept.put_back(0, SMALL + 1);
        assert_eq!(kept.take(), None);
        (0..10).for_each(|n| kept.put_back(n, SMALL));
        assert_eq!(std::iter::from_fn(|| kept.take()).count(), MOST);
    }
}
