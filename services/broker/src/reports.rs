use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::{PersonId, UnixSeconds};

/// Reports of one person are counted over this time, in seconds.
const WINDOW_SECONDS: i64 = 60;
/// Reports of one person that get an entry each, in a window.
const PER_PERSON: u32 = 20;
/// People who are counted apart; of more, nothing is taken.
const PEOPLE: usize = 10_000;

/// Keeps reports of desktops from filling the log: each person's first ones in a minute get an entry each, the rest are
/// counted, and the person's next entry says how many they were.
#[derive(Debug, Default)]
pub(crate) struct Reports(Mutex<HashMap<PersonId, Window>>);

#[derive(Debug, Clone, Copy)]
struct Window {
    began: UnixSeconds,
    entries: u32,
    /// Without an entry, since the last one.
    counted: u32,
}

/// What becomes of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Report {
    /// It gets an entry, which says that so many before it had none.
    Entry { counted: u32 },
    /// It is counted.
    Counted,
    /// Too many people report at once.
    Full,
}

impl Reports {
    pub(crate) fn take(&self, person: &PersonId, now: UnixSeconds) -> Report {
        let mut windows = self.windows();
        if windows.len() >= PEOPLE && !windows.contains_key(person) {
            return Report::Full;
        }
        let window = windows.entry(person.clone()).or_insert(Window { began: now, entries: 0, counted: 0 });
        if !is_in(window, now) {
            (window.began, window.entries) = (now, 0);
        }
        if window.entries >= PER_PERSON {
            window.counted = window.counted.saturating_add(1);
            return Report::Counted;
        }
        window.entries += 1;
        Report::Entry { counted: std::mem::take(&mut window.counted) }
    }

    /// The entry was not written: what it would have said is not lost.
    pub(crate) fn put_back(&self, person: &PersonId, counted: u32) {
        if let Some(window) = self.windows().get_mut(person) {
            window.counted = window.counted.saturating_add(counted);
        }
    }

    /// Forgets the windows that are over; whose reports among them were only counted, and how many.
    pub(crate) fn over(&self, now: UnixSeconds) -> Vec<(PersonId, u32)> {
        let mut unlogged = Vec::new();
        self.windows().retain(|person, window| {
            let stays = is_in(window, now);
            if !stays && window.counted > 0 {
                unlogged.push((person.clone(), window.counted));
            }
            stays
        });
        unlogged
    }

    fn windows(&self) -> MutexGuard<'_, HashMap<PersonId, Window>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A clock that went backwards ends a window too.
fn is_in(window: &Window, now: UnixSeconds) -> bool {
    (0..WINDOW_SECONDS).contains(&(now - window.began))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_entry_is_counted_in_the_next() {
        let reports = Reports::default();
        let (mara, tomasz) = (PersonId("e-100".into()), PersonId("e-200".into()));
        let taken: Vec<_> = (0..50).map(|_| reports.take(&mara, 100)).collect();
        assert_eq!(taken.iter().filter(|r| **r == Report::Entry { counted: 0 }).count(), 20);
        assert_eq!(taken.iter().filter(|r| **r == Report::Counted).count(), 30);
        assert_eq!(reports.take(&tomasz, 100), Report::Entry { counted: 0 }, "others are not silenced by it");
        assert_eq!(reports.take(&mara, 160), Report::Entry { counted: 30 });
        reports.put_back(&mara, 30);
        assert_eq!(reports.take(&mara, 161), Report::Entry { counted: 30 });
        assert_eq!(reports.over(161), []);
        for _ in 0..25 {
            reports.take(&mara, 162);
        }
        assert_eq!(reports.over(300), [(mara.clone(), 7)]);
        assert_eq!(reports.over(300), []);
    }

    #[test]
    fn memory_is_bounded() {
        let reports = Reports::default();
        for n in 0..PEOPLE {
            assert_ne!(reports.take(&PersonId(format!("e-{n}")), 100), Report::Full);
        }
        assert_eq!(reports.take(&PersonId("one more".into()), 100), Report::Full);
        reports.over(160);
        assert_ne!(reports.take(&PersonId("one more".into()), 160), Report::Full);
    }
}
