//! Tauri lets WebDriver press the app's buttons when an environment variable says so. That is for the stories, which walk
//! through debug builds; what ships does not start.

use std::ffi::OsStr;

use anyhow::bail;

const VARIABLE: &str = "TAURI_WEBVIEW_AUTOMATION";

/// # Errors
/// When a build that ships is asked to let itself be driven.
pub(crate) fn refuse() -> anyhow::Result<()> {
    if is_refused(std::env::var_os(VARIABLE).as_deref(), cfg!(debug_assertions)) {
        bail!("this build does not let itself be driven by WebDriver ({VARIABLE} is set)");
    }
    Ok(())
}

/// Whether a story drives this app; never one that ships.
pub(crate) fn is_driven() -> bool {
    std::env::var_os(VARIABLE).is_some()
}

fn is_refused(said: Option<&OsStr>, debug: bool) -> bool {
    said.is_some() && !debug
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::is_refused;

    #[test]
    fn x_08_only_builds_that_do_not_ship_are_driven() {
        for said in ["true", "1", ""] {
            assert!(is_refused(Some(OsStr::new(said)), false), "{said}");
            assert!(!is_refused(Some(OsStr::new(said)), true), "{said}");
        }
        assert!(!is_refused(None, false) && !is_refused(None, true));
    }
}
