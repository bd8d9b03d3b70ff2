//! Who watches which Session now, and which Sessions a gateway has open. None of it outlives the process: a watch ends when
//! its watcher falls silent, and whoever comes back begins another one, with an entry of its own.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::{PersonId, SessionId, UnixSeconds};
use serve::ProblemResponse;
use tokio::sync::watch;
use tokio::time::Instant;
use wire::watching::{Watched, WatchedSession, Watcher};

use crate::problem;

/// A watcher who has not asked for this long watches no more.
const WATCHER_SILENT: Duration = Duration::from_secs(5);
/// A gateway that has not named a Session for this long does not have it open: no byte passes there by then.
const GATEWAY_SILENT: Duration = Duration::from_secs(10);
/// Sessions that one person watches at once.
const MOST_OF_ONE: usize = 16;

pub(crate) struct Watches {
    state: Mutex<State>,
    came: watch::Sender<()>,
    started: Instant,
}

#[derive(Default)]
struct State {
    /// By the number of the entry that began it.
    watches: BTreeMap<u64, Watch>,
    /// When a gateway last named it.
    open: HashMap<SessionId, Instant>,
}

/// Somebody who watches.
pub(crate) struct NewWatch {
    pub session: SessionId,
    pub person: PersonId,
    pub name: String,
    pub since: UnixSeconds,
}

struct Watch {
    of: NewWatch,
    asked: Instant,
    /// The gateway that has the Session open knows of it.
    told: bool,
}

impl Watches {
    pub fn begin(now: Instant) -> Self {
        Self { state: Mutex::default(), came: watch::Sender::new(()), started: now }
    }

    /// Whether somebody may begin one more.
    pub fn check_room(&self, person: &PersonId, now: Instant) -> Result<(), ProblemResponse> {
        let of_one = self.state(now).watches.values().filter(|w| w.of.person == *person).count();
        if of_one < MOST_OF_ONE { Ok(()) } else { Err(problem::too_many_watches()) }
    }

    /// Behind its entry in the log.
    pub fn add(&self, entry: u64, of: NewWatch, now: Instant) {
        self.state(now).watches.insert(entry, Watch { of, asked: now, told: false });
    }

    /// The watcher asks: the watch goes on.
    pub fn ask(&self, entry: u64, session: &SessionId, person: &PersonId, now: Instant) -> Result<(), ProblemResponse> {
        let mut state = self.state(now);
        let own = |w: &&mut Watch| w.of.session == *session && w.of.person == *person;
        let watch = state.watches.get_mut(&entry).filter(own).ok_or_else(problem::no_watch)?;
        watch.asked = now;
        Ok(())
    }

    /// Whether the watch may be given anything: the gateway was told of it, or nobody is inside.
    pub fn may_see(&self, entry: u64, now: Instant) -> bool {
        let state = self.state(now);
        let Some(watch) = state.watches.get(&entry) else { return false };
        watch.told
            || (!state.open.contains_key(&watch.of.session)
                && now.saturating_duration_since(self.started) >= GATEWAY_SILENT)
    }

    /// Whether a gateway has this Session open.
    pub fn is_inside(&self, session: &SessionId, now: Instant) -> bool {
        self.state(now).open.contains_key(session)
    }

    /// A gateway names what it has open, and is told who watches.
    pub fn tell(&self, open: Vec<SessionId>, now: Instant) -> Watched {
        let mut state = self.state(now);
        let mut watched: Vec<WatchedSession> = Vec::new();
        for session in open {
            let mut watchers = Vec::new();
            for watch in state.watches.values_mut().filter(|w| w.of.session == session) {
                watch.told = true;
                watchers.push(Watcher { name: watch.of.name.clone(), since: watch.of.since });
            }
            if !watchers.is_empty() {
                watched.push(WatchedSession { session: session.clone(), watchers });
            }
            state.open.insert(session, now);
        }
        drop(state);
        if !watched.is_empty() {
            self.came();
        }
        Watched { sessions: watched }
    }

    /// Something changed that a watcher may be waiting for.
    pub fn came(&self) {
        self.came.send_replace(());
    }

    /// Wakes with each such change from now on.
    pub fn changes(&self) -> watch::Receiver<()> {
        self.came.subscribe()
    }

    fn state(&self, now: Instant) -> MutexGuard<'_, State> {
        // Nothing panics while the lock is held, so a poisoned one still guards a whole state.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.watches.retain(|_, watch| now.saturating_duration_since(watch.asked) < WATCHER_SILENT);
        state.open.retain(|_, named| now.saturating_duration_since(*named) < GATEWAY_SILENT);
        state
    }
}

#[cfg(test)]
mod tests;
