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
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let probe = folder.join(PROBE);
    let written = new(&probe).and_then(|mut file| file.write_all(&vec![0xA5; ROOM_BYTES]));
    // It is removed whether it could be filled or not.
    let removed = remove_file(&probe);
    written.and(removed).map_err(|source| NoRoom { folder: folder.to_owned(), source })
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
    fn what_was_tried_is_gone_and_what_cannot_be_written_is_said() {
        let folder = tempfile::tempdir().expect("folder");
        std::fs::write(folder.path().join(PROBE), "left by a run that died").expect("writes");
        check(folder.path()).expect("there is room");
        assert_eq!(std::fs::read_dir(folder.path()).expect("folder").count(), 0);
        let said = check(&folder.path().join("absent")).expect_err("no folder").to_string();
        assert!(said.contains("absent") && said.contains("start again"), "{said}");
    }
}
