use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use crate::{FileError, create_private_folder};

/// One process of a profile at a time. It holds until it is dropped, or the process ends in whatever way.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Waits until no other process holds it. The file stays behind, empty.
    ///
    /// # Errors
    /// [`FileError::Io`].
    pub fn wait(path: &Path) -> Result<Self, FileError> {
        let file = open(path)?;
        file.lock().map_err(|e| failed(path, e))?;
        Ok(Self { _file: file })
    }

    /// `None` when another process holds it.
    ///
    /// # Errors
    /// [`FileError::Io`].
    pub fn try_now(path: &Path) -> Result<Option<Self>, FileError> {
        let file = open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(e)) => Err(failed(path, e)),
        }
    }
}

fn open(path: &Path) -> Result<File, FileError> {
    create_private_folder(path.parent().unwrap_or(Path::new(".")))?;
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|e| failed(path, e))
}

fn failed(path: &Path, source: std::io::Error) -> FileError {
    FileError::Io { path: path.display().to_string(), what: "locked", source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_holds_it_until_it_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("profile/keys.lock");
        let held = Lock::wait(&path).unwrap();
        assert!(Lock::try_now(&path).unwrap().is_none());
        drop(held);
        assert!(Lock::try_now(&path).unwrap().is_some());
        assert_eq!(std::fs::metadata(&path).unwrap().len(), 0);
    }
}
