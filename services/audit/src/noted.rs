//! How many refusals are written down in one minute, and the count of the rest, which is written down afterwards.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::{PersonId, UnixSeconds};
use serve::Service;
use wire::event::{Append, EventKind};

/// Refusals of one person or service that are written down in one minute; the rest are only counted.
const NOTED_PER_MINUTE: u32 = 30;
/// The same for calls that nobody can be named for, all together.
const NOBODYS_PER_MINUTE: u32 = 6;

/// Who was refused.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Whom {
    Nobody,
    Person(PersonId),
    /// By the name in its certificate.
    Service(&'static str),
}

/// The refusals of this minute, and those of earlier ones that are still to be counted in the log.
#[derive(Debug, Default)]
pub(crate) struct Noted(Mutex<Minute>);

#[derive(Debug, Default)]
struct Minute {
    number: i64,
    refused: HashMap<Whom, u32>,
    owed: BTreeMap<Whom, u32>,
}

impl Whom {
    pub fn service(service: Service) -> Self {
        Self::Service(service.name())
    }

    /// The Event with who it was.
    pub fn signed(&self, event: Append) -> Append {
        match self {
            Self::Nobody => event,
            Self::Person(person) => event.personal("person", person.to_string()),
            Self::Service(name) => event.fact("service", *name),
        }
    }

    fn share(&self) -> u32 {
        if *self == Self::Nobody { NOBODYS_PER_MINUTE } else { NOTED_PER_MINUTE }
    }
}

impl Noted {
    /// Whether one more refusal gets an entry of its own; if not, it is counted.
    pub fn may(&self, whom: &Whom, now: UnixSeconds) -> bool {
        let mut minute = self.minute(now);
        let refused = minute.refused.entry(whom.clone()).or_default();
        *refused = refused.saturating_add(1);
        *refused <= whom.share()
    }

    /// The refusals of minutes that are over and that have no entry. Each is given out once.
    pub fn owed(&self, now: UnixSeconds) -> BTreeMap<Whom, u32> {
        std::mem::take(&mut self.minute(now).owed)
    }

    /// These could not be written down either.
    pub fn owe(&self, whom: Whom, count: u32, now: UnixSeconds) {
        self.minute(now).add(whom, count);
    }

    fn minute(&self, now: UnixSeconds) -> MutexGuard<'_, Minute> {
        // Nothing panics while the lock is held, so a poisoned one still guards a whole state.
        let mut minute = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if minute.number != now / 60 {
            minute.number = now / 60;
            for (whom, refused) in std::mem::take(&mut minute.refused) {
                let over = refused.saturating_sub(whom.share());
                if over > 0 {
                    minute.add(whom, over);
                }
            }
        }
        minute
    }
}

impl Minute {
    fn add(&mut self, whom: Whom, count: u32) {
        let owed = self.owed.entry(whom).or_default();
        *owed = owed.saturating_add(count);
    }
}

/// The entry for refusals that have none of their own.
pub(crate) fn repeated(whom: &Whom, count: u32) -> Append {
    whom.signed(Append::new(EventKind::CallRefused).fact("code", "repeated").fact("count", count.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_gets_no_entry_is_counted_once_the_minute_is_over() {
        let noted = Noted::default();
        let gateway = Whom::service(Service::Gateway);
        assert_eq!((0..40).filter(|_| noted.may(&gateway, 600)).count(), 30);
        assert_eq!((0..40).filter(|_| noted.may(&Whom::Nobody, 600)).count(), 6);
        assert!(noted.owed(659).is_empty(), "the minute is not over");
        assert!(noted.may(&gateway, 660));
        assert_eq!(noted.owed(660), BTreeMap::from([(Whom::Nobody, 34), (gateway.clone(), 10)]));
        assert!(noted.owed(720).is_empty());
        noted.owe(gateway.clone(), 10, 720);
        assert_eq!(noted.owed(720), BTreeMap::from([(gateway, 10)]));
    }
}
