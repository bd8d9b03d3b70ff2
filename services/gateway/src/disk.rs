//! Small files that a crash must find whole: the old content or the new one, never a part. And whether there is room.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// What has to fit for a Session to begin.
const ROOM_MEGABYTES: usize = 4;
/// Files that a Session makes before its first frame: its folder, its facts, its spool; and one to put in another's place.
const ROOM_FILES: usize = 4;
/// What it is tried with. The names are always the same, so that runs that die over them leave one set behind at most.
const PROBE: &str = "room.probe";
/// The process ends with this when its disk failed (`EX_IOERR`).
const DISK_FAILED: u8 = 74;

/// Puts this content in the place of the file. When it returns, both the content and its name are on disk.
///
/// # Errors
/// Of the file system; the file is then what it was. A disk that cannot say so ends the process ([`force`]).
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let folder = path.parent().ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
    let mut name = path.file_name().ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?.to_owned();
    name.push(".new");
    let beside = folder.join(name);
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(&beside)?;
    file.write_all(content)?;
    force(&file);
    std::fs::rename(&beside, path)?;
    force_folder(folder)
}

/// Forces a file's content, or a folder's names, to disk. It returns once they are there: the process ends when the disk
/// says that they are not.
pub fn force(file: &File) {
    if let Err(error) = file.sync_all() {
        die(&error.to_string());
    }
}

/// As [`force`].
///
/// # Errors
/// When the folder cannot be opened.
pub fn force_folder(folder: &Path) -> io::Result<()> {
    force(&File::open(folder)?);
    Ok(())
}

/// After a failed fsync nobody knows what the disk holds: starting over is the only safe act.
pub fn die(why: &str) -> ! {
    tracing::error!(why, "the gateway stops: what it has to keep may not be on its disk");
    std::process::exit(i32::from(DISK_FAILED))
}

/// Whether the folder takes what a Session may have to keep before the audit service has it. It is tried: what a file
/// system says about its room is not what a quota or a reserve leaves of it.
///
/// # Errors
/// Of the file system, when it does not.
pub fn has_room(folder: &Path) -> io::Result<()> {
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    let tried =
        fill(&folder.join(PROBE)).and_then(|()| more_probes(folder).try_for_each(|p| File::create(p).map(drop)));
    // They are removed whether they could be made or not.
    let removed = remove_probe(folder);
    tried.and(removed)
}

fn fill(probe: &Path) -> io::Result<()> {
    let mut file = File::create(probe)?;
    let megabyte = vec![0xA5; 1024 * 1024];
    (0..ROOM_MEGABYTES).try_for_each(|_| file.write_all(&megabyte))
}

fn more_probes(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let folder = folder.to_owned();
    (1..ROOM_FILES).map(move |n| folder.join(format!("{PROBE}.{n}")))
}

/// Removes what a run left that died while it tried whether there is room.
///
/// # Errors
/// Of the file system.
pub fn remove_probe(folder: &Path) -> io::Result<()> {
    [folder.join(PROBE)].into_iter().chain(more_probes(folder)).try_for_each(|probe| {
        match std::fs::remove_file(probe) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ended.json");
        replace(&path, b"first").unwrap();
        std::fs::write(folder.path().join("ended.json.new"), b"left by a crash, and longer").unwrap();
        replace(&path, b"second").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"second");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        std::fs::create_dir(folder.path().join("ended.json.new")).unwrap();
        assert!(replace(&path, b"third").is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"second");
    }

    /// The same test again in a process of its own, which ends when the disk fails it.
    #[test]
    fn a_failed_fsync_ends_the_process() {
        const ALONE: &str = "COUNTERSIGN_TEST_FAILED_FSYNC";
        // A device that nothing can be forced to: the same error as from a disk that failed.
        if std::env::var_os(ALONE).is_some() {
            force(&OpenOptions::new().write(true).open("/dev/null").unwrap());
            std::process::exit(0);
        }
        let mut again = std::process::Command::new(std::env::current_exe().unwrap());
        again.args(["--exact", "disk::tests::a_failed_fsync_ends_the_process"]).env(ALONE, "1");
        assert_eq!(again.output().unwrap().status.code(), Some(i32::from(DISK_FAILED)));
    }

    #[test]
    fn room_is_tried_and_nothing_is_left_of_it() {
        let folder = tempfile::tempdir().unwrap();
        has_room(folder.path()).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        assert!(has_room(&folder.path().join("absent")).is_err());
        std::fs::write(folder.path().join(PROBE), b"left by a run that died").unwrap();
        has_room(folder.path()).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        std::fs::write(folder.path().join(PROBE), b"left by a run that died").unwrap();
        remove_probe(folder.path()).unwrap();
        remove_probe(folder.path()).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
