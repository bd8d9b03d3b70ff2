use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// A folder that only its owner enters.
pub fn folder(path: &Path) -> anyhow::Result<()> {
    DirBuilder::new().mode(0o700).create(path).with_context(|| format!("{} cannot be made", path.display()))
}

/// A new file that only its owner reads.
pub fn secret(path: &Path, content: impl AsRef<[u8]>) -> anyhow::Result<()> {
    write(path, content.as_ref(), 0o600)
}

/// A new file that holds nothing secret.
pub fn public(path: &Path, content: impl AsRef<[u8]>) -> anyhow::Result<()> {
    write(path, content.as_ref(), 0o644)
}

/// Puts a secret in the place of another: the old one stays until the new one is whole.
pub fn replace_secret(path: &Path, content: impl AsRef<[u8]>) -> anyhow::Result<()> {
    replace(path, content.as_ref(), 0o600)
}

/// The same with what is not secret.
pub fn replace_public(path: &Path, content: impl AsRef<[u8]>) -> anyhow::Result<()> {
    replace(path, content.as_ref(), 0o644)
}

fn replace(path: &Path, content: &[u8], mode: u32) -> anyhow::Result<()> {
    let mut new = path.as_os_str().to_owned();
    new.push(".new");
    let new = PathBuf::from(new);
    let _ = fs::remove_file(&new);
    let replaced = write(&new, content, mode)
        .and_then(|()| fs::rename(&new, path).with_context(|| format!("{} cannot be replaced", path.display())));
    if replaced.is_err() {
        let _ = fs::remove_file(&new);
        return replaced;
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let forced = fs::File::open(folder).and_then(|folder| folder.sync_all());
    forced.with_context(|| format!("{} cannot be forced to disk", folder.display()))
}

pub fn read(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))
}

fn write(path: &Path, content: &[u8], mode: u32) -> anyhow::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(path)
        .with_context(|| format!("{} cannot be made", path.display()))?;
    file.write_all(content)
        .and_then(|()| file.sync_all())
        .with_context(|| format!("{} cannot be written", path.display()))
}
