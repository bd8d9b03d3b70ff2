//! Sealed batches on disk until the audit service has them. Append-only files; a torn end is what a crash leaves and
//! is cut off: nothing that was released to anybody stands behind it.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// A file is closed for the next one at this size.
const FILE_BYTES: u64 = 8 * 1024 * 1024;
const HEAD: usize = 8 + 8 + 8 + 4 + 8;

/// One sealed batch and where the Session stands behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    pub batch: u64,
    pub next_frame: u64,
    pub next_exchange: u64,
    pub bytes: Vec<u8>,
}

/// The folder of one Session's batches. Owned by that Session's writing task, behind its lock.
#[derive(Debug)]
pub struct Spool {
    folder: PathBuf,
    file: File,
    number: u64,
    length: u64,
    last_batch: Option<u64>,
    /// Full files: number and last batch.
    full: VecDeque<(u64, u64)>,
    disk: Disk,
}

/// What the spool asks of the disk.
#[derive(Debug, Clone, Copy)]
pub(super) struct Disk {
    pub write: fn(&mut File, &[u8]) -> io::Result<()>,
    pub force: fn(&File) -> io::Result<()>,
    pub force_folder: fn(&Path) -> io::Result<()>,
}

impl Disk {
    pub const REAL: Self = Self {
        write: |file, bytes| file.write_all(bytes),
        force: File::sync_data,
        force_folder: crate::disk::force_folder,
    };
}

impl Spool {
    /// Goes on where an earlier run stopped, or begins, and gives back what was left, oldest first.
    ///
    /// # Errors
    /// Of the file system.
    pub fn resume(folder: &Path) -> io::Result<(Self, Vec<Sealed>)> {
        Self::resume_on(Disk::REAL, folder)
    }

    /// As [`Self::resume`], on a disk that tests may let fail.
    pub(super) fn resume_on(disk: Disk, folder: &Path) -> io::Result<(Self, Vec<Sealed>)> {
        let mut numbers: Vec<u64> = std::fs::read_dir(folder)?
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.strip_suffix(".spool")?.parse().ok())
            .collect();
        numbers.sort_unstable();
        let (mut left, mut full) = (Vec::new(), VecDeque::new());
        for number in &numbers {
            left.extend(read(&std::fs::read(name(folder, *number))?));
            if let Some(last) = left.last() {
                full.push_back((*number, last.batch));
            }
        }
        let number = numbers.last().map_or(0, |n| n + 1);
        let file = open(folder, number)?;
        (disk.force_folder)(folder)?;
        let last_batch = left.last().map(|s: &Sealed| s.batch);
        Ok((Self { folder: folder.to_owned(), file, number, length: 0, last_batch, full, disk }, left))
    }

    /// Writes the batches and forces them to disk, all with one call of the system.
    ///
    /// # Errors
    /// [`Failed::Full`] when nothing was written and it may be tried again; [`Failed::Unknown`] when nobody can say
    /// what the disk holds.
    pub fn append(&mut self, batches: &[Sealed]) -> Result<(), Failed> {
        if self.length >= FILE_BYTES {
            self.next_file()?;
        }
        let bytes = batches.iter().map(encode).collect::<Vec<_>>().concat();
        if let Err(error) = (self.disk.write)(&mut self.file, &bytes) {
            self.file.set_len(self.length).map_err(Failed::Unknown)?;
            return Err(Failed::Full(error));
        }
        (self.disk.force)(&self.file).map_err(Failed::Unknown)?;
        self.length += bytes.len() as u64;
        self.last_batch = batches.last().map(|b| b.batch).or(self.last_batch);
        Ok(())
    }

    /// Removes files of which the audit service has every batch.
    pub fn forget_up_to(&mut self, batch: u64) {
        // The newest full file stays while the open one is empty: it tells where the Session stands.
        while self.full.front().is_some_and(|(_, last)| *last <= batch) && (self.full.len() > 1 || self.length > 0) {
            if let Some((number, _)) = self.full.pop_front() {
                let _ = std::fs::remove_file(name(&self.folder, number));
            }
        }
    }

    #[cfg(test)]
    pub(super) fn is_to_begin_another_file(&mut self) {
        self.length = FILE_BYTES;
    }

    fn next_file(&mut self) -> Result<(), Failed> {
        let file = open(&self.folder, self.number + 1).map_err(Failed::Full)?;
        (self.disk.force_folder)(&self.folder).map_err(Failed::Unknown)?;
        if let Some(last) = self.last_batch {
            self.full.push_back((self.number, last));
        }
        self.file = file;
        self.number += 1;
        self.length = 0;
        Ok(())
    }
}

/// Why batches are not on disk.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    #[error("the spool cannot be written: {0}")]
    Full(io::Error),
    #[error("the spool cannot be forced to disk: {0}")]
    Unknown(io::Error),
}

fn name(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number:08}.spool"))
}

fn open(folder: &Path, number: u64) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(name(folder, number))
}

fn encode(sealed: &Sealed) -> Vec<u8> {
    let mut out = Vec::with_capacity(HEAD + sealed.bytes.len());
    out.extend_from_slice(&sealed.batch.to_le_bytes());
    out.extend_from_slice(&sealed.next_frame.to_le_bytes());
    out.extend_from_slice(&sealed.next_exchange.to_le_bytes());
    out.extend_from_slice(&u32::try_from(sealed.bytes.len()).unwrap_or(u32::MAX).to_le_bytes());
    out.extend_from_slice(&check(&out, &sealed.bytes));
    out.extend_from_slice(&sealed.bytes);
    out
}

fn check(head: &[u8], bytes: &[u8]) -> [u8; 8] {
    let mut context = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
    context.update(head);
    context.update(bytes);
    let mut short = [0; 8];
    short.copy_from_slice(&context.finish().as_ref()[..8]);
    short
}

/// Whole batches from the beginning of a file, up to the first that is torn.
fn read(mut file: &[u8]) -> Vec<Sealed> {
    let mut batches = Vec::new();
    while let Some((head, rest)) = file.split_first_chunk::<HEAD>() {
        let number = |from: usize| u64::from_le_bytes(std::array::from_fn(|n| head[from + n]));
        let length = u32::from_le_bytes(std::array::from_fn(|n| head[24 + n])) as usize;
        let Some(bytes) = rest.get(..length) else { break };
        if check(&head[..28], bytes) != head[28..] {
            break;
        }
        batches.push(Sealed {
            batch: number(0),
            next_frame: number(8),
            next_exchange: number(16),
            bytes: bytes.to_vec(),
        });
        file = &rest[length..];
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(batch: u64) -> Sealed {
        Sealed { batch, next_frame: batch + 1, next_exchange: 0, bytes: vec![7; 100] }
    }

    #[test]
    fn what_was_appended_is_there_after_a_crash_and_a_torn_end_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::resume(folder.path()).unwrap().0;
        spool.append(&[sealed(0), sealed(1)]).unwrap();
        spool.append(&[sealed(2)]).unwrap();
        let file = name(folder.path(), 0);
        let whole = std::fs::read(&file).unwrap();
        for cut in [1, 50, 100, 135] {
            std::fs::write(&file, &whole[..whole.len() - cut]).unwrap();
            assert_eq!(read(&std::fs::read(&file).unwrap()), vec![sealed(0), sealed(1)]);
        }
        let (mut spool, left) = Spool::resume(folder.path()).unwrap();
        assert_eq!(left.len(), 2);
        spool.append(&[sealed(2)]).unwrap();
        let (_, left) = Spool::resume(folder.path()).unwrap();
        assert_eq!(left, vec![sealed(0), sealed(1), sealed(2)]);
    }

    #[test]
    fn a_flipped_bit_ends_what_is_read() {
        let bytes: Vec<u8> = [sealed(0), sealed(1)].iter().flat_map(encode).collect();
        for at in [0, 9, 20, 25, 30, 60] {
            let mut bad = bytes.clone();
            bad[at] ^= 1;
            assert!(read(&bad).is_empty(), "{at}");
        }
    }

    #[test]
    fn files_go_when_everything_in_them_is_acknowledged() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::resume(folder.path()).unwrap().0;
        spool.append(&[sealed(0)]).unwrap();
        spool.length = FILE_BYTES;
        spool.append(&[sealed(1)]).unwrap();
        spool.forget_up_to(0);
        assert!(!name(folder.path(), 0).exists() && name(folder.path(), 1).exists());
        let (mut spool, left) = Spool::resume(folder.path()).unwrap();
        assert_eq!(left, vec![sealed(1)]);
        spool.forget_up_to(1);
        assert!(name(folder.path(), 1).exists(), "the place is kept until the next batch is on disk");
    }
}
