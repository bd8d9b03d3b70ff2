//! What happened on all walks together: one on which nothing happens proves nothing.

use std::sync::atomic::{AtomicU32, Ordering};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happened {
    Opened,
    OpenedInAdvance,
    Refused,
    Used,
    Killed,
    Outlasted,
    Extended,
    UsedAfterFirstEnd,
    RevocationHeard,
    RevocationEnded,
    RevocationLogged,
    CutByBroker,
}

use Happened as H;

const ALL: [Happened; 12] = [
    H::Opened,
    H::OpenedInAdvance,
    H::Refused,
    H::Used,
    H::Killed,
    H::Outlasted,
    H::Extended,
    H::UsedAfterFirstEnd,
    H::RevocationHeard,
    H::RevocationEnded,
    H::RevocationLogged,
    H::CutByBroker,
];
static TALLY: [AtomicU32; ALL.len()] = [const { AtomicU32::new(0) }; ALL.len()];

pub fn count(what: Happened) {
    let place = ALL.iter().position(|other| *other == what).expect("it is one of all");
    TALLY[place].fetch_add(1, Ordering::Relaxed);
}

/// How often each happened so far.
pub fn so_far() -> Vec<(Happened, u32)> {
    ALL.into_iter().zip(TALLY.each_ref().map(|n| n.load(Ordering::Relaxed))).collect()
}
