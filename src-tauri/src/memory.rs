//! What the windows remember from one start to the next: the theme, which notifications are wanted, and the main window's size. Nothing in it is secret
//! and nothing in it decides anything; a file that cannot be read is one that was never written.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde::{Deserialize, Serialize};

use crate::bell::Notifications;

const FILE: &str = "window.json";
/// The smallest main window.
pub(crate) const SMALLEST: (f64, f64) = (960.0, 600.0);
const FIRST: (f64, f64) = (1280.0, 800.0);
const LARGEST: f64 = 8192.0;

/// Light, dark, or as the system has it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "kebab-case")]
pub enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    /// For the windows that the system draws.
    pub(crate) const fn of_window(self) -> Option<tauri::Theme> {
        match self {
            Self::System => None,
            Self::Light => Some(tauri::Theme::Light),
            Self::Dark => Some(tauri::Theme::Dark),
        }
    }

    /// What stands in the address of a page, so that its first picture has the theme already.
    pub(crate) const fn of_page(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    theme: Theme,
    notifications: Notifications,
    width: f64,
    height: f64,
}

impl Default for Kept {
    fn default() -> Self {
        Self { theme: Theme::default(), notifications: Notifications::default(), width: FIRST.0, height: FIRST.1 }
    }
}

/// The file of one profile.
pub(crate) struct Memory {
    path: PathBuf,
    kept: Mutex<Kept>,
}

impl Memory {
    pub(crate) fn open(folder: &Path) -> Self {
        let path = folder.join(FILE);
        let kept = fs::read(&path).ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default();
        Self { path, kept: Mutex::new(kept) }
    }

    pub(crate) fn theme(&self) -> Theme {
        self.kept().theme
    }

    pub(crate) fn keep_theme(&self, theme: Theme) -> io::Result<()> {
        self.kept().theme = theme;
        self.write()
    }

    pub(crate) fn notifications(&self) -> Notifications {
        self.kept().notifications
    }

    pub(crate) fn keep_notifications(&self, notifications: Notifications) -> io::Result<()> {
        self.kept().notifications = notifications;
        self.write()
    }

    /// Width and height, in logical pixels.
    pub(crate) fn size(&self) -> (f64, f64) {
        let kept = *self.kept();
        (within(kept.width, SMALLEST.0), within(kept.height, SMALLEST.1))
    }

    /// Remembers the size; [`Self::write`] keeps it.
    pub(crate) fn note_size(&self, width: f64, height: f64) {
        let mut kept = self.kept();
        (kept.width, kept.height) = (width, height);
    }

    pub(crate) fn write(&self) -> io::Result<()> {
        let text = serde_json::to_vec(&*self.kept())?;
        let fresh = self.path.with_extension("json.new");
        fs::write(&fresh, text)?;
        fs::rename(fresh, &self.path)
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn within(length: f64, smallest: f64) -> f64 {
    if length.is_finite() { length.clamp(smallest, LARGEST) } else { smallest }
}

#[cfg(test)]
mod tests {
    use super::{FIRST, Memory, Notifications, SMALLEST, Theme};
    use crate::bell::QuietHours;

    #[test]
    fn the_theme_and_the_size_are_there_at_the_next_start() {
        let folder = tempfile::tempdir().expect("a folder");
        let memory = Memory::open(folder.path());
        assert_eq!((memory.theme(), memory.size()), (Theme::System, FIRST));
        memory.keep_theme(Theme::Dark).expect("it is kept");
        memory.note_size(1440.0, 900.0);
        memory.write().expect("it is kept");
        let later = Memory::open(folder.path());
        assert_eq!((later.theme(), later.size()), (Theme::Dark, (1440.0, 900.0)));
    }

    #[test]
    fn which_notifications_are_wanted_is_there_at_the_next_start() {
        let folder = tempfile::tempdir().expect("a folder");
        let memory = Memory::open(folder.path());
        assert_eq!(memory.notifications(), Notifications::default());
        let quiet = QuietHours { from: 22 * 60, until: 7 * 60 };
        let chosen = Notifications { decided: false, ended: false, quiet, ..Notifications::default() };
        memory.keep_notifications(chosen).expect("it is kept");
        memory.keep_theme(Theme::Light).expect("it is kept");
        let later = Memory::open(folder.path());
        assert_eq!((later.notifications(), later.theme()), (chosen, Theme::Light));
        // A file of an earlier version, or one that leaves some out, turns nothing off.
        for text in [
            r#"{"theme":"dark"}"#,
            r#"{"notifications":{}}"#,
            r#"{"notifications":{"waits":"no"}}"#,
            "{",
            r#"{"notifications":{"quiet":{"from":-1}}}"#,
        ] {
            std::fs::write(folder.path().join("window.json"), text).expect("a file");
            assert_eq!(Memory::open(folder.path()).notifications(), Notifications::default(), "{text}");
        }
    }

    #[test]
    fn a_file_that_says_nonsense_changes_nothing_that_matters() {
        let folder = tempfile::tempdir().expect("a folder");
        for text in ["", "{", "[]", r#"{"theme":"pink"}"#, r#"{"width":"wide"}"#] {
            std::fs::write(folder.path().join("window.json"), text).expect("a file");
            assert_eq!(Memory::open(folder.path()).size(), FIRST, "{text}");
        }
        std::fs::write(folder.path().join("window.json"), r#"{"theme":"dark","width":1,"height":1e300}"#)
            .expect("a file");
        let memory = Memory::open(folder.path());
        assert_eq!((memory.theme(), memory.size()), (Theme::Dark, (SMALLEST.0, 8192.0)));
    }
}
