use std::io::Write as _;
use std::path::{Path, PathBuf};

use domain::Digest;

use super::private;
use crate::error::StoreError;

/// Sealed segments as files named by their digest: written once, read many times.
#[derive(Debug, Clone)]
pub(crate) struct Objects {
    folder: PathBuf,
}

impl Objects {
    pub fn in_folder(folder: &Path) -> Result<Self, StoreError> {
        let folder = folder.join("segments");
        private::folder(&folder).map_err(StoreError::Objects)?;
        Ok(Self { folder })
    }

    /// Stores the object; when this returns, it is on disk under its name.
    pub fn put(&self, digest: &Digest, bytes: &[u8]) -> Result<(), StoreError> {
        self.write(digest, bytes).map_err(StoreError::Objects)
    }

    /// The object; `None` when it is not there. Whoever reads it checks it against its digest.
    pub fn get(&self, digest: &Digest) -> Result<Option<Vec<u8>>, StoreError> {
        match std::fs::read(self.path(digest)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StoreError::Objects(error)),
        }
    }

    /// Takes these objects away, and those that are gone already; when this returns, none of them is on the disk.
    pub fn remove<'d>(&self, digests: impl IntoIterator<Item = &'d Digest>) -> Result<(), StoreError> {
        self.unlink(digests).map_err(StoreError::Objects)
    }

    fn unlink<'d>(&self, digests: impl IntoIterator<Item = &'d Digest>) -> std::io::Result<()> {
        for digest in digests {
            match std::fs::remove_file(self.path(digest)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        std::fs::File::open(&self.folder)?.sync_all()
    }

    fn write(&self, digest: &Digest, bytes: &[u8]) -> std::io::Result<()> {
        let path = self.path(digest);
        let next = path.with_extension("next");
        let mut file = private::create(&next)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&next, &path)?;
        std::fs::File::open(&self.folder)?.sync_all()
    }

    fn path(&self, digest: &Digest) -> PathBuf {
        self.folder.join(digest.as_str())
    }
}
