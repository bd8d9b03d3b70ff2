use std::fs::{File, OpenOptions};
use std::io::{Error, ErrorKind, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use checkpoint::{Checkpoint, LogVerifier};

use super::private;
use crate::error::StoreError;

/// Bytes of a place; a note is a small part of them.
const PLACE: usize = 4096;
const PLACES: usize = 2;

/// The last acknowledged head, kept outside the database: a database that is behind it was rolled back.
///
/// The file has two places that are overwritten in turn, so that the one before is whole whatever becomes of a write, and
/// no write needs room on the disk or a change of its folder. What is half written is no note that the log's key signed.
#[derive(Debug, Clone)]
pub(crate) struct HeadFile {
    path: PathBuf,
    /// Where the next head is put.
    next: usize,
    /// Both places are there.
    ready: bool,
}

impl HeadFile {
    pub fn in_folder(folder: &Path) -> Self {
        Self { path: folder.join("checkpoint"), next: 0, ready: false }
    }

    /// The newest head in it. A place that was half written is passed over while the other one is whole.
    pub fn read(&mut self, verifier: &LogVerifier) -> Result<Option<Checkpoint>, StoreError> {
        let bytes = self.bytes().map_err(StoreError::Objects)?;
        let damaged = |what: &dyn std::fmt::Display| StoreError::damaged(format!("{}: {what}", self.path.display()));
        let mut newest: Option<(usize, Checkpoint)> = None;
        let mut unreadable = None;
        for (place, note) in bytes.chunks(PLACE).map(unpadded).enumerate().filter(|(_, note)| !note.is_empty()) {
            match std::str::from_utf8(note)
                .map_err(|e| damaged(&e))
                .and_then(|n| verifier.open(n).map_err(|e| damaged(&e)))
            {
                Ok(head) if newest.as_ref().is_none_or(|(_, other)| head.size > other.size) => {
                    newest = Some((place, head))
                }
                Ok(_) => {}
                Err(error) => unreadable = Some(error),
            }
        }
        match (newest, unreadable) {
            (Some((place, head)), _) => {
                self.next = (place + 1) % PLACES;
                Ok(Some(head))
            }
            (None, Some(error)) => Err(error),
            (None, None) => Ok(None),
        }
    }

    /// Makes both places: a disk without room for them is known before anything is committed. A file of one note, as it was
    /// once written, keeps it.
    pub fn prepare(&mut self) -> Result<(), StoreError> {
        if self.ready {
            return Ok(());
        }
        self.make_places().map_err(|error| match StoreError::Objects(error) {
            full if full.is_full() => full,
            other => StoreError::damaged(format!("the head's copy: {other}")),
        })?;
        self.ready = true;
        Ok(())
    }

    /// Puts this head in the place of the older one; when this returns, it is on disk.
    pub async fn write(&mut self, note: &str) -> Result<(), StoreError> {
        let (path, place) = (self.path.clone(), self.next);
        let mut bytes = note.as_bytes().to_vec();
        let written = tokio::task::spawn_blocking(move || {
            padded(&mut bytes, PLACE)?;
            let file = OpenOptions::new().write(true).open(path)?;
            file.write_all_at(&bytes, (place * PLACE) as u64)?;
            file.sync_data()
        });
        let written = written.await.unwrap_or_else(|stopped| Err(Error::other(stopped)));
        written.map_err(|error| StoreError::damaged(format!("the head's copy: {error}")))?;
        self.next = (place + 1) % PLACES;
        Ok(())
    }

    fn bytes(&self) -> std::io::Result<Vec<u8>> {
        match std::fs::read(&self.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
            read => read,
        }
    }

    fn make_places(&self) -> std::io::Result<()> {
        let mut bytes = self.bytes()?;
        if bytes.len() == PLACES * PLACE {
            return Ok(());
        }
        padded(&mut bytes, PLACES * PLACE)?;
        let next = self.path.with_extension("next");
        let mut file = private::create(&next)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        std::fs::rename(&next, &self.path)?;
        File::open(self.path.parent().unwrap_or(Path::new(".")))?.sync_all()
    }
}

fn unpadded(place: &[u8]) -> &[u8] {
    let end = place.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    &place[..end]
}

fn padded(bytes: &mut Vec<u8>, length: usize) -> std::io::Result<()> {
    if bytes.len() > length {
        return Err(Error::new(ErrorKind::InvalidData, "it is longer than its place"));
    }
    bytes.resize(length, 0);
    Ok(())
}

#[cfg(test)]
mod tests;
