//! The TypeScript that the UI is written against, made from the commands and the view types.

use std::path::{Path, PathBuf};

use desktop::view::Notice;
use serde::{Deserialize, Serialize};
use specta_typescript::Typescript;
use tauri_specta::{Builder, Event, collect_events};

use crate::asked::Asked;

/// The engine's [`Notice`] as an event of the windows.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type, Event)]
pub struct Noticed(pub Notice);

/// Where the generated file stands.
#[must_use]
pub fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui/src/generated/bindings.ts")
}

/// Commands and events with their types.
#[must_use]
pub fn surface() -> Builder<tauri::Wry> {
    Builder::new().disable_serde_phases().commands(crate::commands::all()).events(collect_events![Noticed, Asked])
}

/// Writes the bindings to `path`.
///
/// # Errors
/// When a type has no TypeScript form or the file cannot be written.
pub fn write(path: &Path) -> Result<(), String> {
    let header = "// Generated from src-tauri/src/commands. `cargo xtask bindings` writes it again.\n";
    surface().export(Typescript::default().header(header), path).map_err(|error| error.to_string())
}
