//! What else a person did: usually, and within a day of this Session.

use std::collections::BTreeSet;

use domain::{OrgId, ReasonCategory};

use crate::Context;

/// Fewer earlier Sessions, or days with Sessions, are no custom that one could depart from.
const ENOUGH: usize = 5;
/// Sessions that say what is usual.
const USUAL: usize = 20;
const DAY: u64 = 86_400;

/// An earlier Session of the same person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earlier {
    /// From its opening to the opening of this one.
    pub seconds_before: u64,
    pub organization: OrgId,
    pub reason: Option<ReasonCategory>,
    pub exchanges: u64,
    pub refused: u64,
}

/// What is usual, and of which Sessions: of those for the same reason when there are enough, otherwise of all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Usual {
    pub(crate) exchanges: Option<u64>,
    pub(crate) same_reason: bool,
}

/// The 24 hours up to the opening of this Session; its own numbers are not in it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Day {
    pub(crate) sessions: u64,
    pub(crate) exchanges: u64,
    pub(crate) refused: u64,
    /// With this Session's own.
    pub(crate) organizations: u64,
    /// Exchanges of a day of the same person that had any Session.
    pub(crate) usual_exchanges: Option<u64>,
}

impl Context {
    pub(crate) fn usual(&self) -> Usual {
        let exchanges = |same: bool| {
            let fits = self.earlier.iter().filter(|one| !same || one.reason == Some(self.reason));
            median(fits.take(USUAL).map(|one| one.exchanges).collect())
        };
        match exchanges(true) {
            Some(usual) => Usual { exchanges: Some(usual), same_reason: true },
            None => Usual { exchanges: exchanges(false), same_reason: false },
        }
    }

    pub(crate) fn day(&self) -> Day {
        let mut organizations = BTreeSet::from([&self.organization]);
        let mut day = Day::default();
        // Newest first, so that the Sessions of one day stand beside each other.
        let mut before: Vec<(u64, u64)> = Vec::new();
        for one in &self.earlier {
            match one.seconds_before / DAY {
                0 => {
                    day.sessions += 1;
                    day.exchanges = day.exchanges.saturating_add(one.exchanges);
                    day.refused = day.refused.saturating_add(one.refused);
                    organizations.insert(&one.organization);
                }
                number => match before.last_mut() {
                    Some((last, sum)) if *last == number => *sum = sum.saturating_add(one.exchanges),
                    _ => before.push((number, one.exchanges)),
                },
            }
        }
        day.organizations = organizations.len() as u64;
        day.usual_exchanges = median(before.into_iter().map(|(_, exchanges)| exchanges).collect());
        day
    }
}

fn median(mut all: Vec<u64>) -> Option<u64> {
    all.sort_unstable();
    if all.len() < ENOUGH { None } else { all.get(all.len() / 2).copied() }
}
