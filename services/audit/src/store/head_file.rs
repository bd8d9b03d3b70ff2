use std::io::Write as _;
use std::path::{Path, PathBuf};

use checkpoint::{Checkpoint, LogVerifier};

use super::private;
use crate::error::StoreError;

/// The last acknowledged head, kept outside the database: a database that is behind it was rolled back.
#[derive(Debug, Clone)]
pub(crate) struct HeadFile {
    path: PathBuf,
}

impl HeadFile {
    pub fn in_folder(folder: &Path) -> Self {
        Self { path: folder.join("checkpoint") }
    }

    pub fn read(&self, verifier: &LogVerifier) -> Result<Option<Checkpoint>, StoreError> {
        match std::fs::read_to_string(&self.path) {
            Ok(note) => {
                verifier.open(&note).map(Some).map_err(|e| StoreError::damaged(format!("{}: {e}", self.path.display())))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StoreError::Objects(error)),
        }
    }

    /// Writes the next one beside the file: a disk without a place for it is known before anything is committed.
    pub fn prepare(&self, note: &str) -> Result<(), StoreError> {
        let written = private::create(&self.next()).and_then(|mut file| {
            file.write_all(note.as_bytes())?;
            file.sync_all()
        });
        written.map_err(|error| match StoreError::Objects(error) {
            full if full.is_full() => full,
            other => StoreError::damaged(format!("the head's copy: {other}")),
        })
    }

    /// Puts the prepared one in the place of the file; when this returns, it is on disk.
    pub fn replace(&self) -> Result<(), StoreError> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let replaced = std::fs::rename(self.next(), &self.path).and_then(|()| std::fs::File::open(folder)?.sync_all());
        replaced.map_err(|error| StoreError::damaged(format!("the head's copy: {error}")))
    }

    fn next(&self) -> PathBuf {
        self.path.with_extension("next")
    }
}
