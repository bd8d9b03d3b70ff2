//! The session window: our bar above, the Organization's page below, nothing of ours ever over it.
//!
//! The page's webview is named in no capability, is incognito, and reaches the network through the door alone.

mod addresses;
mod standing;
mod stopped;
mod tenant;
mod window;

use desktop::{
    Engine,
    view::{DoorView, UiError},
};
use serde::{Deserialize, Serialize};
use tauri::{AppHandle, Manager, Webview};

pub(crate) use addresses::Addresses;
pub(crate) use standing::Standing;
use tenant::TenantView as _;
pub(crate) use window::open;

/// The bar's first row; it grows from there when it has more to say.
const BAR_HEIGHT: u32 = 52;
/// More is never given to the bar: the Organization's page stays in view.
const BAR_HIGHEST: u32 = 200;

/// Where the Organization's page is to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "kebab-case")]
pub enum Move {
    Back,
    Forward,
    Reload,
}

/// Brings the session's window to the front.
pub(crate) fn show(app: &AppHandle, session: &str) -> Result<(), UiError> {
    let window = app.get_window(&window_label(session)).ok_or_else(no_window)?;
    window.show().and_then(|()| window.unminimize()).and_then(|()| window.set_focus()).map_err(no_answer)
}

/// As [`show`]; a Session whose window is gone gets another one.
pub(crate) async fn bring(app: &AppHandle, engine: &Engine, session: &str) -> Result<(), UiError> {
    let door = engine.doors().into_iter().find(|door| door.session == session && door.ended_by.is_empty());
    match door {
        Some(door) => open(app, engine, &door).await,
        None => show(app, session),
    }
}

/// Puts the window of the bar that asks away; its Session goes on.
pub(crate) fn put_away(bar: &Webview) -> Result<(), UiError> {
    let session = of_bar(bar)?;
    bar.app_handle().get_window(&window_label(session)).ok_or_else(no_window)?.hide().map_err(no_answer)
}

/// Closes the window of the bar that asks, once its Session is over.
pub(crate) fn close(bar: &Webview) -> Result<(), UiError> {
    let session = of_bar(bar)?;
    let open = |door: &DoorView| door.session == session && door.ended_by.is_empty();
    if bar.state::<Engine>().doors().iter().any(open) {
        return Err(UiError {
            code: "session-open".into(),
            message: "The session is still open, so its window stays.".into(),
            next: "End the session, or put its window away.".into(),
        });
    }
    bar.app_handle().get_window(&window_label(session)).ok_or_else(no_window)?.destroy().map_err(no_answer)
}

/// Makes the bar as high as what it says; the page below makes room. With that a bar that was opened again is there.
pub(crate) fn fit(bar: &Webview, height: u32) -> Result<(), UiError> {
    let session = of_bar(bar)?;
    if bar.state::<Standing>().bar_speaks(session) {
        stopped::show(bar.app_handle().clone(), session.to_owned());
    }
    tenant::PLATFORM.fit(bar, height.clamp(BAR_HEIGHT, BAR_HIGHEST)).map_err(no_answer)
}

/// Moves the Organization's page in its own history.
pub(crate) fn go(app: &AppHandle, session: &str, to: Move) -> Result<(), UiError> {
    let webview = app.get_webview(&tenant_label(session)).ok_or_else(no_window)?;
    if to == Move::Reload && app.state::<Standing>().has_page_stopped(session) {
        return stopped::load_again(app, session, &webview).map_err(no_answer);
    }
    tenant::PLATFORM.go(&webview, to).map_err(no_answer)
}

/// The window shows what the Session does: while it is paused the Organization's page is away, and when it is over the
/// page is gone. The bar has the window then, and says why. Without a bar there is no page either.
pub(crate) fn follow(app: &AppHandle, door: &DoorView) {
    let (Some(tenant), Some(bar)) =
        (app.get_webview(&tenant_label(&door.session)), app.get_webview(&bar_label(&door.session)))
    else {
        return;
    };
    let over = !door.ended_by.is_empty();
    let alone = app.state::<Standing>().while_page_is_away(&door.session, |away| {
        let _ = match (over, door.paused || away) {
            (true, _) => tenant.close(),
            (false, true) => tenant.hide(),
            (false, false) => tenant.show(),
        };
        over || door.paused || away
    });
    let _ = tenant::PLATFORM.fill(&bar, alone);
    if over {
        app.state::<Addresses>().forget(&door.session);
        app.state::<Standing>().forget(&door.session);
    }
}

fn of_bar(bar: &Webview) -> Result<&str, UiError> {
    bar.label().strip_prefix("bar-").ok_or_else(no_window)
}

fn window_label(session: &str) -> String {
    format!("session-{session}")
}

fn bar_label(session: &str) -> String {
    format!("bar-{session}")
}

fn tenant_label(session: &str) -> String {
    format!("tenant-{session}")
}

fn no_window() -> UiError {
    UiError {
        code: "no-window".into(),
        message: "This session has no window on this computer.".into(),
        next: "Open the session from Access.".into(),
    }
}

fn no_answer(error: impl std::fmt::Display) -> UiError {
    UiError {
        code: "window".into(),
        message: format!("The session window did not answer: {error}. The session itself is not affected."),
        next: "Try again, or end the session from Access.".into(),
    }
}
