use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use wire::event::{Append, EventKind};

/// Counts that may wait for the audit service.
const MOST: usize = 10_000;

/// Refusals that left no Event when they were given, because there was nothing to write them with: they are counted, and
/// the counts are written as soon as that is possible.
#[derive(Debug, Default)]
pub(crate) struct Unwritten(Mutex<Owed>);

#[derive(Debug, Default)]
struct Owed {
    counts: BTreeMap<String, u32>,
    appends: VecDeque<Append>,
}

impl Unwritten {
    /// So many refusals with this code.
    pub(crate) fn count(&self, code: &str, more: u32) {
        let mut owed = self.owed();
        let count = owed.counts.entry(code.to_owned()).or_default();
        *count = count.saturating_add(more);
    }

    /// An Event about so many refusals. Where too many wait, only the number is kept.
    pub(crate) fn owe(&self, append: Append, refusals: u32) {
        if self.owed().appends.len() >= MOST {
            return self.count("repeated", refusals);
        }
        self.owed().appends.push_back(append);
    }

    /// What is to be written next.
    pub(crate) fn next(&self) -> Option<Append> {
        let mut owed = self.owed();
        if owed.appends.is_empty() {
            let counts = std::mem::take(&mut owed.counts);
            owed.appends.extend(counts.into_iter().map(|(code, count)| {
                Append::new(EventKind::CallRefused).fact("code", code).fact("count", count.to_string())
            }));
        }
        owed.appends.front().cloned()
    }

    /// [`Self::next`] was written.
    pub(crate) fn written(&self) {
        self.owed().appends.pop_front();
    }

    fn owed(&self) -> MutexGuard<'_, Owed> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_wait_their_turn_and_are_not_lost() {
        let unwritten = Unwritten::default();
        assert_eq!(unwritten.next(), None);
        unwritten.count("busy", 1);
        unwritten.count("busy", 2);
        let busy = unwritten.next().expect("an Event");
        assert_eq!((busy.facts["code"].as_str(), busy.facts["count"].as_str()), ("busy", "3"));
        unwritten.count("busy", 1);
        assert_eq!(unwritten.next(), Some(busy), "until it is written");
        unwritten.written();
        assert_eq!(unwritten.next().expect("an Event").facts["count"], "1");
        unwritten.written();
        assert_eq!(unwritten.next(), None);
        for _ in 0..MOST + 3 {
            unwritten.owe(Append::new(EventKind::CallRefused), 5);
        }
        for _ in 0..MOST {
            assert!(unwritten.next().is_some_and(|append| append.facts.is_empty()));
            unwritten.written();
        }
        assert_eq!(unwritten.next().expect("the rest").facts["count"], "15");
    }
}
