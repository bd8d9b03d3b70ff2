use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::PersonId;

/// Places for streams that are open: so many, and so many of one person.
#[derive(Debug)]
pub(crate) struct Streams {
    most: usize,
    per_person: usize,
    open: Mutex<HashMap<PersonId, usize>>,
}

/// One open stream's place. Given back when it is dropped.
#[derive(Debug)]
pub(crate) struct StreamPlace {
    streams: Arc<Streams>,
    person: PersonId,
}

impl Streams {
    pub(crate) fn new(most: usize, per_person: usize) -> Arc<Self> {
        Arc::new(Self { most, per_person, open: Mutex::default() })
    }

    /// A place for this person's stream, while there is one.
    pub(crate) fn take(self: &Arc<Self>, person: &PersonId) -> Option<StreamPlace> {
        let mut open = self.open();
        let theirs = open.get(person).copied().unwrap_or_default();
        if theirs >= self.per_person || open.values().sum::<usize>() >= self.most {
            return None;
        }
        open.insert(person.clone(), theirs + 1);
        Some(StreamPlace { streams: self.clone(), person: person.clone() })
    }

    fn open(&self) -> MutexGuard<'_, HashMap<PersonId, usize>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for StreamPlace {
    fn drop(&mut self) {
        let mut open = self.streams.open();
        let theirs = open.get(&self.person).copied().unwrap_or_default().saturating_sub(1);
        if theirs == 0 {
            open.remove(&self.person);
        } else {
            open.insert(self.person.clone(), theirs);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_person_cannot_take_every_place() {
        let streams = Streams::new(3, 2);
        let (mara, tomasz) = (PersonId("e-100".into()), PersonId("e-200".into()));
        let first = streams.take(&mara).expect("a place");
        let _second = streams.take(&mara).expect("a place");
        assert!(streams.take(&mara).is_none(), "her share");
        let third = streams.take(&tomasz).expect("a place");
        assert!(streams.take(&tomasz).is_none(), "all of them");
        drop(first);
        assert!(streams.take(&tomasz).is_some());
        drop(third);
        assert_eq!(streams.open().len(), 1, "nobody else is remembered");
    }
}
