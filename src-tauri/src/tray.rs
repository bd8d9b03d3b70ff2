//! The tray: a menu and nothing else, since not every desktop tells of clicks.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use desktop::{
    Engine,
    view::{AppState, DoorView, Link, LogVerdict, SetupStep},
};
use domain::{Clock as _, SystemClock};
use tauri::{
    AppHandle, Manager,
    menu::{Menu, MenuItem, PredefinedMenuItem},
    tray::TrayIconBuilder,
};
use tauri_specta::Event as _;
use tokio::sync::Notify;

use crate::{asked::Asked, bell::Bell, lasting, leaving, session, windows};

const ID: &str = "countersign";
const EVERY: Duration = Duration::from_secs(15);
/// Between two looks, whatever happens.
const REST: Duration = Duration::from_secs(1);

/// One line of the menu; without an `id` it cannot be chosen, and one without words is a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    id: String,
    text: String,
}

/// What the menu shows at the moment, and whether something changed since.
#[derive(Default)]
pub(crate) struct Tray {
    shown: Mutex<Vec<Line>>,
    changed: Notify,
}

impl Tray {
    /// Something that the menu shows may be different now.
    pub(crate) fn nudge(&self) {
        self.changed.notify_one();
    }
}

/// Puts the tray up where the desktop has one, and keeps it up to date.
pub(crate) fn start(app: &AppHandle, folder: PathBuf) {
    let app = app.clone();
    // The system's tray library is loaded at run time, and its absence is a panic there: the app works without a tray.
    let built = catch_unwind(AssertUnwindSafe(|| build(&app, folder)));
    if matches!(built, Ok(Ok(()))) {
        tauri::async_runtime::spawn(async move {
            loop {
                update(&app).await;
                tokio::time::sleep(REST).await;
                let _ = tokio::time::timeout(EVERY, app.state::<Tray>().changed.notified()).await;
            }
        });
    }
}

async fn update(app: &AppHandle) {
    let engine = app.state::<Engine>().inner().clone();
    let Ok(state) = engine.state().await else { return };
    let waiting = waiting(&engine, &state).await;
    let now_ms = SystemClock.now_millis() + i64::from(state.clock_offset_ms);
    let quiet = app.state::<Bell>().quiet_until() > SystemClock.now_millis() / 1000;
    let lines = lines(&state, &engine.doors(), waiting, quiet, now_ms / 1000);
    let same = {
        let tray = app.state::<Tray>();
        let mut shown = tray.shown.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *shown, lines.clone()) == lines
    };
    if let (false, Some(tray)) = (same, app.tray_by_id(ID)) {
        let _ = menu(app, &lines).and_then(|menu| tray.set_menu(Some(menu)));
    }
}

async fn waiting(engine: &Engine, state: &AppState) -> usize {
    let decides = |role: &String| role == "approver" || role == "administrator";
    let decides = state.person.as_ref().is_some_and(|person| person.roles.iter().any(decides));
    if state.step != SetupStep::Ready || !decides {
        return 0;
    }
    engine.requests("inbox").await.map_or(0, |inbox| inbox.iter().filter(|one| one.decidable).count())
}

fn build(app: &AppHandle, folder: PathBuf) -> tauri::Result<()> {
    let mut tray = TrayIconBuilder::with_id(ID)
        .tooltip("Countersign")
        .temp_dir_path(folder)
        .show_menu_on_left_click(true)
        .menu(&Menu::new(app)?)
        .on_menu_event(|app, event| choose(app, event.id().as_ref()));
    if let Some(icon) = app.default_window_icon() {
        tray = tray.icon(icon.clone());
    }
    tray.build(app).map(drop)
}

fn choose(app: &AppHandle, id: &str) {
    match id.split_once(':') {
        Some(("session", session)) => {
            let (app, session) = (app.clone(), session.to_owned());
            tauri::async_runtime::spawn(async move {
                let engine = app.state::<Engine>().inner().clone();
                let _ = session::bring(&app, &engine, &session).await;
            });
        }
        Some(("page", page)) => {
            windows::show_main(app);
            let _ = Asked::Page { page: page.to_owned() }.emit(app);
        }
        _ if id == "quit" => leaving::ask(app),
        _ if id == "bell" => {
            app.state::<Bell>().pause_or_go_on();
            app.state::<Tray>().nudge();
        }
        _ => windows::show_main(app),
    }
}

fn menu(app: &AppHandle, lines: &[Line]) -> tauri::Result<Menu<tauri::Wry>> {
    let menu = Menu::new(app)?;
    for line in lines {
        if line.text.is_empty() {
            menu.append(&PredefinedMenuItem::separator(app)?)?;
        } else {
            menu.append(&MenuItem::with_id(app, &line.id, &line.text, !line.id.is_empty(), None::<&str>)?)?;
        }
    }
    Ok(menu)
}

fn lines(state: &AppState, doors: &[DoorView], waiting: usize, quiet: bool, now: i64) -> Vec<Line> {
    let line = |id: &str, text: String| Line { id: id.to_owned(), text };
    let mut lines = vec![line("", trust(state)), line("", String::new())];
    let open: Vec<_> = doors.iter().filter(|door| door.ended_by.is_empty()).collect();
    for door in &open {
        let text = format!("{}, {}", door.organization.name, left(door, now));
        lines.push(line(&format!("session:{}", door.session), text));
    }
    if !open.is_empty() {
        lines.push(line("", String::new()));
    }
    if state.step == SetupStep::Ready {
        lines.push(line("page:request", "Request access".into()));
        if waiting > 0 {
            lines.push(line("page:approvals", format!("Approvals ({waiting})")));
        }
    }
    let bell = if quiet { "Notifications are paused. Go on" } else { "Pause notifications for 1 hour" };
    lines.push(line("bell", bell.into()));
    lines.push(line("open", "Open Countersign".into()));
    lines.push(line("quit", if open.is_empty() { "Quit" } else { "Quit and end my sessions" }.into()));
    lines
}

fn trust(state: &AppState) -> String {
    match (state.step, state.status.log.verdict, state.status.audit) {
        (_, LogVerdict::Broken, _) => "The log does not match",
        (SetupStep::Ready, _, Link::Unreachable) => "Audit service unreachable",
        (SetupStep::Ready, LogVerdict::Intact, Link::Connected) => "Log intact, audit connected",
        (SetupStep::Ready, LogVerdict::Intact, _) => "Log intact",
        (SetupStep::Ready, LogVerdict::Waiting, _) => "Log not checked yet",
        _ => "Not signed in",
    }
    .to_owned()
}

fn left(door: &DoorView, now: i64) -> String {
    if door.paused {
        return "paused".into();
    }
    let seconds = (i64::from(door.ends_at) - now).max(0);
    format!("{} left", lasting::said((seconds + 59) / 60))
}

#[cfg(test)]
mod tests;
