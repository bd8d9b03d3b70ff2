use std::io::Write as _;
use std::path::{Path, PathBuf};

use checkpoint::{Checkpoint, LogVerifier};
use tokio::task::JoinHandle;

use super::private;
use crate::error::StoreError;

/// The last acknowledged head, kept outside the database: a database that is behind it was rolled back.
#[derive(Debug, Clone)]
pub(crate) struct HeadFile {
    path: PathBuf,
}

/// The next one, on its way to the disk.
pub(crate) struct Prepared(JoinHandle<std::io::Result<()>>);

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

    /// Writes the next one beside the file: a disk without a place for it is known before anything is committed. That it
    /// comes to the disk is waited for in [`Self::replace`]; meanwhile others may be.
    pub fn prepare(&self, note: &str) -> Result<Prepared, StoreError> {
        let written = private::create(&self.next()).and_then(|mut file| {
            file.write_all(note.as_bytes())?;
            Ok(file)
        });
        let file = written.map_err(|error| match StoreError::Objects(error) {
            full if full.is_full() => full,
            other => StoreError::damaged(format!("the head's copy: {other}")),
        })?;
        Ok(Prepared(tokio::task::spawn_blocking(move || file.sync_all())))
    }

    /// Puts the prepared one in the place of the file; when this returns, it is on disk.
    pub async fn replace(&self, prepared: Prepared) -> Result<(), StoreError> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let synced = prepared.0.await.unwrap_or_else(|stopped| Err(std::io::Error::other(stopped)));
        let replaced = synced
            .and_then(|()| std::fs::rename(self.next(), &self.path))
            .and_then(|()| std::fs::File::open(folder)?.sync_all());
        replaced.map_err(|error| StoreError::damaged(format!("the head's copy: {error}")))
    }

    fn next(&self) -> PathBuf {
        self.path.with_extension("next")
    }
}
