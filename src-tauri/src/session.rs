use std::sync::Arc;
use desktop::view::{DoorView, UiError};
use serde::{Deserialize, Serialize};
use tauri::AppHandle;

/// Where the Organization's page is to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "kebab-case")]
pub enum Move {
    Back,
    Forward,
    Reload,
}
pub(crate) async fn open(_: &AppHandle, _: &Arc<crate::standin::Engine>, _: &DoorView) -> Result<(), UiError> { Ok(()) }
pub(crate) fn show(_: &AppHandle, _: &str) -> Result<(), UiError> { Ok(()) }
pub(crate) fn go(_: &AppHandle, _: &str, _: Move) -> Result<(), UiError> { Ok(()) }
