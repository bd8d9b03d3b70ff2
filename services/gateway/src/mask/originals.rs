//! What the marks of one Session stand for, until the next batch takes it. Nothing of it is written anywhere but sealed to a
//! key that this gateway does not have.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use recording::Original;

/// So many originals of one Session are kept, and so many bytes of them; the others are gone, as without them.
const MOST: usize = 20_000;
const MOST_BYTES: usize = 2 * 1024 * 1024;

#[derive(Default)]
pub struct Originals(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    seen: HashSet<String>,
    bytes: usize,
    waiting: Vec<Original>,
}

impl Originals {
    /// The first value with this mark.
    pub fn keep(&self, mark: &str, rule: &str, value: &str) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.seen.contains(mark) || kept.seen.len() == MOST || kept.bytes + value.len() > MOST_BYTES {
            return;
        }
        kept.bytes += value.len();
        kept.seen.insert(mark.to_owned());
        kept.waiting.push(Original { mark: mark.to_owned(), rule: rule.to_owned(), value: value.to_owned() });
    }

    /// Those that no batch has yet.
    #[must_use]
    pub fn take(&self) -> Vec<Original> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner).waiting)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_kept_once_and_no_more_than_fit() {
        let originals = Originals::default();
        for value in ["Mara", "mara ", "Mara"] {
            originals.keep("0011223344556677", "name", value);
        }
        let taken = originals.take();
        assert_eq!((taken.len(), taken[0].value.as_str()), (1, "Mara"));
        assert!(!format!("{taken:?}").contains("Mara"), "no log says what it was");
        originals.keep("0011223344556677", "name", "Mara");
        assert!(originals.take().is_empty(), "it went with an earlier batch");
        originals.keep("long", "name", &"x".repeat(MOST_BYTES));
        (0..MOST + 5).for_each(|n| originals.keep(&format!("{n:016x}"), "name", "x"));
        assert_eq!(originals.take().len(), MOST - 1);
    }
}
