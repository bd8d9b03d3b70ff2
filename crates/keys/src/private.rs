use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use crate::FileError;

/// Makes a folder that only its owner may enter (0700), and its parents.
///
/// # Errors
/// [`FileError::Io`].
pub fn create_private_folder(path: &Path) -> Result<(), FileError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|e| io(path, "made", e))
}

/// Replaces a file as a whole, readable by its owner only (0600): a reader sees the old or the new content, and what
/// was written survives a loss of power.
///
/// # Errors
/// [`FileError::Io`]; the old content is still there then.
pub fn write_private(path: &Path, content: &[u8]) -> Result<(), FileError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    create_private_folder(folder)?;
    let mut random = [0; 8];
    aws_lc_rs::rand::fill(&mut random).map_err(|_| FileError::NoRandomness)?;
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{:016x}.new", u64::from_le_bytes(random)));
    let fresh = folder.join(name);
    let written = write_new(&fresh, content).and_then(|()| fs::rename(&fresh, path)).and_then(|()| sync_folder(folder));
    written.map_err(|e| {
        // What stays behind after a full disk is only the unfinished copy.
        drop(fs::remove_file(&fresh));
        io(path, "written", e)
    })
}

/// The file's content, or `None` when there is no such file.
///
/// # Errors
/// [`FileError::Io`].
pub fn read_private(path: &Path) -> Result<Option<Vec<u8>>, FileError> {
    match fs::read(path) {
        Ok(content) => Ok(Some(content)),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(io(path, "read", e)),
    }
}

/// Removes a file; one that is not there is fine.
///
/// # Errors
/// [`FileError::Io`].
pub fn remove(path: &Path) -> Result<(), FileError> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != ErrorKind::NotFound => Err(io(path, "removed", e)),
        _ => Ok(()),
    }
}

fn write_new(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

#[cfg(unix)]
fn sync_folder(path: &Path) -> std::io::Result<()> {
    fs::File::open(path)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> std::io::Result<()> {
    Ok(())
}

fn io(path: &Path, what: &'static str, source: std::io::Error) -> FileError {
    FileError::Io { path: path.display().to_string(), what, source }
}
