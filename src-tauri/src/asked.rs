use serde::{Deserialize, Serialize};
use tauri::{AppHandle, Manager};
use tauri_specta::Event;

use crate::memory::{Memory, Theme};

/// What the shell asks of the app's own pages.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type, Event)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Asked {
    /// Show this page: a link, or the tray.
    Page { page: String },
    /// This Session's window was asked to close: end the Session, or keep it running?
    Close { session: String },
    /// The app was asked to quit while Sessions are open.
    Quit { sessions: u32 },
    /// The theme is another one now.
    Theme { theme: Theme },
}

/// The theme of every window, and of each one later.
pub(crate) fn set_theme(app: &AppHandle, theme: Theme) -> std::io::Result<()> {
    app.state::<Memory>().keep_theme(theme)?;
    app.set_theme(theme.of_window());
    let _ = Asked::Theme { theme }.emit(app);
    Ok(())
}
