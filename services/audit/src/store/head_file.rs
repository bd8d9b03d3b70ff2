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

    /// Replaces the file; when this returns, the new one is on disk.
    pub fn write(&self, note: &str) -> Result<(), StoreError> {
        self.replace(note).map_err(StoreError::Objects)
    }

    fn replace(&self, note: &str) -> std::io::Result<()> {
        let next = self.path.with_extension("next");
        let mut file = private::create(&next)?;
        file.write_all(note.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&next, &self.path)?;
        std::fs::File::open(self.path.parent().unwrap_or(Path::new(".")))?.sync_all()
    }
}
