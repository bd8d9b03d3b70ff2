use std::path::{Path, PathBuf};

use wire::join::TrustFile;

use crate::engine::summary_path;
use crate::fault::fault;
use crate::view::UiError;

/// Copies an Evidence file and the summary beside it.
pub(super) fn copy(from: &Path, to: Option<PathBuf>) -> Result<PathBuf, UiError> {
    let Some(to) = to else { return Ok(from.to_owned()) };
    for (from, to) in [(from, &to), (&summary_path(from), &summary_path(&to))] {
        let content = std::fs::read(from).map_err(|_| fault("file", "The evidence cannot be read.", "Try again."))?;
        keys::write_private(to, &content)?;
    }
    Ok(to)
}

pub(super) fn read(path: &Path) -> Result<String, UiError> {
    std::fs::read_to_string(path)
        .map_err(|_| fault("file", format!("{} cannot be read.", path.display()), "Check the path."))
}

/// What somebody pinned to verify evidence without any server.
pub(super) fn trust(path: &Path) -> Result<TrustFile, UiError> {
    serde_json::from_str(&read(path)?)
        .map_err(|_| fault("file", "The trust file is not one.", "Use the trust.json of the installation."))
}

/// The system's place for application data.
///
/// # Errors
/// [`UiError`] when this computer has no home folder.
pub fn data_dir() -> Result<PathBuf, UiError> {
    let home = |rest: &str| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(rest));
    let base = if cfg!(target_os = "windows") {
        std::env::var_os("LOCALAPPDATA").map(PathBuf::from)
    } else if cfg!(target_os = "macos") {
        home("Library/Application Support")
    } else {
        std::env::var_os("XDG_DATA_HOME")
            .map(PathBuf::from)
            .filter(|p| p.is_absolute())
            .or_else(|| home(".local/share"))
    };
    base.map(|b| b.join("countersign"))
        .ok_or_else(|| fault("file", "There is no home folder.", "Name a folder with --data-dir."))
}
