//! Whether a service can write where it keeps things: it is tried at the start, before anything that is there is touched.

use std::fs::{File, OpenOptions, remove_file};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// What opening a database takes at least.
const ROOM_BYTES: usize = 256 * 1024;
/// It has one name, so that runs that die over it leave one behind at most.
const PROBE: &str = "start.probe";

/// Nothing can be written there: the disk is full, has no more inodes, or became read-only.
#[derive(Debug, thiserror::Error)]
#[error("{folder} takes no more files ({source}); make room there, or make it writable again, and start again")]
pub struct NoRoom {
    folder: PathBuf,
    source: io::Error,
}

/// Tries to write a file in the folder.
///
/// # Errors
/// [`NoRoom`].
pub fn check(folder: &Path) -> Result<(), NoRoom> {
    let folder = of(folder);
    let probe = folder.join(PROBE);
    let written = new(&probe).and_then(|mut file| file.write_all(&vec![0xA5; ROOM_BYTES]));
    // It is removed whether it could be filled or not.
    let removed = remove_file(&probe);
    written.and(removed).map_err(|source| NoRoom { folder: folder.to_owned(), source })
}

/// Has what the folder holds stand there after a power cut. SQLite forces the folder to disk when it begins a write-ahead
/// file, and goes on when that fails; whoever opened a database calls this then. By `fdatasync`, which SQLite does not use for
/// it, so that tests know which is which.
///
/// # Errors
/// What the disk says: then nothing may be taken for kept.
pub fn keep(folder: &Path) -> io::Result<()> {
    File::open(of(folder))?.sync_data()
}

fn of(folder: &Path) -> &Path {
    if folder.as_os_str().is_empty() { Path::new(".") } else { folder }
}

fn new(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_not_there_is_not_kept() {
        let folder = tempfile::tempdir().expect("folder");
        keep(folder.path()).expect("it is there");
        assert!(keep(&folder.path().join("gone")).is_err());
    }

    #[test]
    fn what_was_tried_is_gone_and_what_cannot_be_written_is_said() {
        let folder = tempfile::tempdir().expect("folder");
        std::fs::write(folder.path().join(PROBE), "left by a run that died").expect("writes");
        check(folder.path()).expect("there is room");
        assert_eq!(std::fs::read_dir(folder.path()).expect("folder").count(), 0);
        let said = check(&folder.path().join("absent")).expect_err("no folder").to_string();
        assert!(said.contains("absent") && said.contains("start again"), "{said}");
    }
}
