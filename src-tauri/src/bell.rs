//! The system's own notifications, for somebody who looks elsewhere. One leads to a page when it is chosen, and does
//! nothing else: nobody signs, denies or opens from it.

#[cfg(target_os = "linux")]
mod bus;
mod quiet;
mod wanted;
mod words;

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use desktop::{
    Engine,
    view::{Notice, SetupStep},
};
use domain::{Clock as _, SystemClock};
use jiff::tz::TimeZone;
use tauri::{AppHandle, Manager, WebviewWindow};
use tauri_specta::Event as _;

#[cfg(test)]
pub(crate) use quiet::QuietHours;
pub(crate) use wanted::Notifications;

use crate::{asked::Asked, memory::Memory, windows};
use words::Told;

/// Of one thing no second one comes sooner.
const REST_SECONDS: i64 = 5 * 60;
const PAUSE_SECONDS: i64 = 60 * 60;

/// What was said and when, and until when nothing is.
#[derive(Default)]
pub(crate) struct Bell {
    kept: Mutex<Kept>,
    #[cfg(target_os = "linux")]
    bus: bus::Bus,
}

#[derive(Default)]
struct Kept {
    /// Who was told.
    person: String,
    /// When; what is said once was said at the end of time.
    said: BTreeMap<String, i64>,
    quiet_until: i64,
}

impl Bell {
    /// Until when nothing is said, in seconds; in the past when something is.
    pub(crate) fn quiet_until(&self) -> i64 {
        self.kept().quiet_until
    }

    /// Says nothing for an hour, or everything again when it was quiet.
    pub(crate) fn pause_or_go_on(&self) {
        let now = SystemClock.now_millis() / 1000;
        let mut kept = self.kept();
        kept.quiet_until = if kept.quiet_until > now { 0 } else { now + PAUSE_SECONDS };
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    /// Whoever signs in behind somebody else has been told nothing yet.
    fn is_for(&mut self, person: &str) {
        if self.person != person {
            if !self.person.is_empty() {
                self.said.clear();
            }
            person.clone_into(&mut self.person);
        }
    }

    /// What of it is said now.
    fn heard(&mut self, mut all: Vec<Told>, wanted: Notifications, now: i64, zone: &TimeZone) -> Vec<Told> {
        wanted.quiet.hold_back(&mut all, now, zone);
        all.retain(|told| self.says(told, wanted, now));
        all
    }

    /// What stands in a list that is looked at is not said later.
    fn seen(&mut self, all: &[Told]) {
        self.said.extend(all.iter().filter(|told| told.list.is_some()).map(|told| (told.about.clone(), i64::MAX)));
    }

    /// Whether this is said now; then it was. What nobody wants to hear counts as said: it is not made up for later.
    fn says(&mut self, told: &Told, wanted: Notifications, now: i64) -> bool {
        self.said.retain(|_, at| now.saturating_sub(*at) < REST_SECONDS);
        let list = told.list.map(|name| format!("list {name}"));
        let rests =
            self.said.contains_key(&told.about) || list.as_ref().is_some_and(|list| self.said.contains_key(list));
        if rests || (now < self.quiet_until && !told.urgent) {
            return false;
        }
        self.said.insert(told.about.clone(), if told.once { i64::MAX } else { now });
        self.said.extend(list.map(|list| (list, now)));
        wanted.want(told.kind)
    }
}

/// Says what the notice is about, unless a window of ours is looked at: its page says the same.
pub(crate) async fn ring(app: &AppHandle, engine: &Engine, notice: &Notice) {
    let Ok(state) = engine.state().await else { return };
    let now_ms = SystemClock.now_millis();
    let server = (now_ms + i64::from(state.clock_offset_ms)) / 1000;
    let mut all = words::of_state(&state);
    all.extend(engine.doors().iter().filter_map(|door| words::of_door(door, server)));
    if state.step == SetupStep::Ready {
        all.extend(words::of_reveals(&engine.known_reveals(), server));
    }
    if let Notice::Requests { id, text } = notice
        && !text.is_empty()
    {
        if id.is_empty() {
            all.push(words::of_break_glass(text));
        } else if let Ok(request) = engine.request(id).await {
            all.extend(words::of_request(&request));
        }
    }
    if let Some(person) = &state.person {
        app.state::<Bell>().kept().is_for(&person.person);
    }
    let shown = app.webview_windows();
    let is_looked_at = |window: &WebviewWindow| window.is_focused().unwrap_or(false);
    if shown.get(windows::MAIN).is_some_and(is_looked_at) {
        app.state::<Bell>().kept().seen(&all);
    }
    if all.is_empty() || shown.values().any(is_looked_at) {
        return;
    }
    let wanted = app.state::<Memory>().notifications();
    let heard = app.state::<Bell>().kept().heard(all, wanted, now_ms / 1000, &TimeZone::system());
    for told in heard {
        say(app, told).await;
    }
}

/// What a chosen notification does.
fn show(app: &AppHandle, page: &str) {
    windows::show_main(app);
    let _ = Asked::Page { page: page.to_owned() }.emit(app);
}

#[cfg(target_os = "linux")]
async fn say(app: &AppHandle, told: Told) {
    let handle = app.clone();
    app.state::<Bell>().bus.say(told, std::sync::Arc::new(move |page| show(&handle, page))).await;
}

#[cfg(not(target_os = "linux"))]
async fn say(_: &AppHandle, _: Told) {}

#[cfg(test)]
mod tests;
