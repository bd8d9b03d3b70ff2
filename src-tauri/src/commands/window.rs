use desktop::view::UiError;
use tauri::{AppHandle, State};

use super::Answer;
use crate::{
    asked,
    bell::Notifications,
    leaving,
    memory::{Memory, Theme},
};

/// The theme of all windows, now and at the next start.
#[tauri::command]
#[specta::specta]
pub async fn set_theme(app: AppHandle, theme: Theme) -> Answer<()> {
    asked::set_theme(&app, theme).map_err(|error| UiError {
        code: "not-kept".into(),
        message: format!("The theme is used now, but could not be kept: {error}."),
        next: "Make room on this computer's disk and choose it again.".into(),
    })
}

/// Which notifications are wanted on this computer.
#[tauri::command]
#[specta::specta]
pub async fn notifications(memory: State<'_, Memory>) -> Answer<Notifications> {
    Ok(memory.notifications())
}

/// Which are wanted from now on, and at the next start.
#[tauri::command]
#[specta::specta]
pub async fn set_notifications(memory: State<'_, Memory>, wanted: Notifications) -> Answer<()> {
    memory.keep_notifications(wanted).map_err(|error| UiError {
        code: "not-kept".into(),
        message: format!("It holds until you quit, but could not be kept: {error}."),
        next: "Make room on this computer's disk and choose it again.".into(),
    })
}

/// The answer to "quit?": everything that is open ends, then the app.
#[tauri::command]
#[specta::specta]
pub async fn quit(app: AppHandle) -> Answer<()> {
    leaving::quit(&app);
    Ok(())
}

/// The other answer.
#[tauri::command]
#[specta::specta]
pub async fn stay(app: AppHandle) -> Answer<()> {
    leaving::stay(&app);
    Ok(())
}
