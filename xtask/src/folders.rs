//! Where things stand.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// The repository's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_owned).unwrap_or_default()
}

/// A program that `build` made.
pub fn program(name: &str) -> PathBuf {
    target().join("debug").join(name)
}

/// Everything of the demo.
pub fn demo() -> PathBuf {
    target().join("demo")
}

/// An empty folder at this path, whatever was there before.
pub fn fresh(path: &Path) -> anyhow::Result<()> {
    if path.exists() {
        std::fs::remove_dir_all(path).with_context(|| format!("{} cannot be emptied", path.display()))?;
    }
    std::fs::create_dir_all(path).with_context(|| format!("{} cannot be made", path.display()))
}

/// Everything that is built.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// A program as it ships.
pub fn shipped(name: &str) -> PathBuf {
    target().join("release").join(name)
}
