//! The session window: our bar above, the Organization's page below, nothing of ours ever over it.
//!
//! The page's webview is named in no capability, is incognito, and reaches the network through the door alone.

mod tenant;
mod window;

use desktop::view::UiError;
use serde::{Deserialize, Serialize};
use tauri::{AppHandle, Manager};

use tenant::TenantView as _;
pub(crate) use window::{ended, open};

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

/// Moves the Organization's page in its own history.
pub(crate) fn go(app: &AppHandle, session: &str, to: Move) -> Result<(), UiError> {
    let webview = app.get_webview(&tenant_label(session)).ok_or_else(no_window)?;
    tenant::PLATFORM.go(&webview, to).map_err(no_answer)
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
