use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use desktop::view::DoorView;

use crate::stopping::Stops;

/// A bar that says nothing for as long does not come back.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// Of each session window, whether its bar and its page are there. A bar is there again once it said how high it is: it
/// shows what it has to show by then.
#[derive(Default)]
pub(crate) struct Standing(Mutex<HashMap<String, Window>>);

#[derive(Default)]
struct Window {
    bar: Bar,
    bar_stops: Stops,
    page_stopped: bool,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Bar {
    #[default]
    There,
    Gone(Instant),
    /// Its page loads. What is heard of it before that was said by the one that stopped.
    Coming(Instant),
}

impl Standing {
    /// The bar is away from here on. Answers whether it is opened again.
    pub(super) fn bar_stopped(&self, session: &str, now: Instant) -> bool {
        let mut all = self.all();
        let window = all.entry(session.to_owned()).or_default();
        window.bar = Bar::Gone(now);
        window.bar_stops.again(now)
    }

    pub(super) fn bar_loads(&self, session: &str) {
        if let Some(window) = self.all().get_mut(session)
            && let Bar::Gone(since) = window.bar
        {
            window.bar = Bar::Coming(since);
        }
    }

    /// The bar said something. Answers whether it was away until now.
    pub(super) fn bar_speaks(&self, session: &str) -> bool {
        let mut all = self.all();
        let Some(window) = all.get_mut(session).filter(|window| matches!(window.bar, Bar::Coming(_))) else {
            return false;
        };
        window.bar = Bar::There;
        true
    }

    /// Whether the bar has been away for too long.
    pub(super) fn bar_is_late(&self, session: &str, now: Instant) -> bool {
        self.all().get(session).is_some_and(|window| match window.bar {
            Bar::There => false,
            Bar::Gone(since) | Bar::Coming(since) => now.saturating_duration_since(since) >= PATIENCE,
        })
    }

    pub(super) fn page_stopped(&self, session: &str) {
        self.all().entry(session.to_owned()).or_default().page_stopped = true;
    }

    /// The page loads. Answers whether it had stopped.
    pub(super) fn page_loads(&self, session: &str) -> bool {
        self.all().get_mut(session).is_some_and(|window| std::mem::take(&mut window.page_stopped))
    }

    pub(super) fn has_page_stopped(&self, session: &str) -> bool {
        self.all().get(session).is_some_and(|window| window.page_stopped)
    }

    /// Tells `act` whether the Organization's page may not be shown: there is no bar above it, or there is no page. Nothing
    /// changes meanwhile, so that what is asked of the window is asked in the order in which things happen. `act` waits for
    /// nobody.
    pub(super) fn while_page_is_away<T>(&self, session: &str, act: impl FnOnce(bool) -> T) -> T {
        let all = self.all();
        act(all.get(session).is_some_and(|window| window.bar != Bar::There || window.page_stopped))
    }

    pub(super) fn forget(&self, session: &str) {
        self.all().remove(session);
    }

    /// The same doors, with what their windows know of the pages.
    pub(crate) fn in_doors(&self, mut doors: Vec<DoorView>) -> Vec<DoorView> {
        for door in &mut doors {
            door.page_stopped = self.has_page_stopped(&door.session);
        }
        doors
    }

    fn all(&self) -> MutexGuard<'_, HashMap<String, Window>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{PATIENCE, Standing};

    fn is_page_away(standing: &Standing, session: &str) -> bool {
        standing.while_page_is_away(session, |away| away)
    }

    #[test]
    fn without_a_bar_there_is_no_page_until_the_new_bar_speaks() {
        let (standing, now) = (Standing::default(), Instant::now());
        assert!(!is_page_away(&standing, "s") && !standing.bar_speaks("s"), "nothing happened yet");
        assert!(standing.bar_stopped("s", now));
        assert!(is_page_away(&standing, "s"));
        assert!(!standing.bar_speaks("s"), "that was still the old one");
        standing.bar_loads("s");
        assert!(is_page_away(&standing, "s"), "a page that loads shows nothing yet");
        assert!(standing.bar_speaks("s"));
        assert!(!is_page_away(&standing, "s") && !standing.bar_speaks("s"));
        assert!(!is_page_away(&standing, "other"));
    }

    #[test]
    fn a_bar_that_is_silent_or_stops_again_and_again_is_not_waited_for() {
        let (standing, now) = (Standing::default(), Instant::now());
        let (soon, late) = (now + PATIENCE - Duration::from_secs(1), now + PATIENCE);
        assert!(standing.bar_stopped("s", now));
        assert!(!standing.bar_is_late("s", soon) && standing.bar_is_late("s", late));
        standing.bar_loads("s");
        assert!(standing.bar_is_late("s", late), "it says nothing");
        assert!(standing.bar_stopped("s", soon));
        assert!(!standing.bar_is_late("s", late), "the second one has its own time");
        standing.bar_loads("s");
        assert!(standing.bar_speaks("s") && !standing.bar_is_late("s", late + PATIENCE));
        assert!(!standing.bar_stopped("s", late), "three times within a minute");
        standing.forget("s");
        assert!(standing.bar_stopped("s", late), "another window");
    }

    #[test]
    fn a_page_that_stopped_is_away_until_another_loads() {
        let standing = Standing::default();
        standing.page_stopped("s");
        assert!(is_page_away(&standing, "s") && standing.has_page_stopped("s"));
        assert!(standing.page_loads("s"));
        assert!(!is_page_away(&standing, "s") && !standing.page_loads("s"));
    }
}
