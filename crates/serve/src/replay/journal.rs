use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use domain::UnixSeconds;

use super::Used;

/// Lines that are written before the file is looked through again.
const LINES: usize = 5_000;

/// The file behind a kept memory: one line a proof. It holds digests only.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    file: File,
    lines: usize,
    /// The next clearing comes after this many lines: twice what the last one left.
    clear_at: usize,
    /// The last write failed, and may have left a part of its line.
    torn: bool,
}

impl Journal {
    /// Opens the file, and what it says of proofs that could still be good.
    pub(super) fn open(path: &Path, now: UnixSeconds) -> io::Result<(Self, Vec<Used>)> {
        let used = match fs::read(path) {
            Ok(bytes) => read(&bytes, now),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error),
        };
        let file = rewrite(path, &used)?;
        let (lines, clear_at) = (used.len(), clear_at(used.len()));
        let journal = Self { path: path.to_owned(), file, lines, clear_at, torn: false };
        Ok((journal, used))
    }

    /// Writes one line; when this returns, a killed process has left it.
    pub(super) fn write(&mut self, used: &Used, now: UnixSeconds) -> io::Result<()> {
        if self.lines >= self.clear_at {
            let kept = read(&fs::read(&self.path)?, now);
            self.file = rewrite(&self.path, &kept)?;
            (self.lines, self.clear_at, self.torn) = (kept.len(), clear_at(kept.len()), false);
        }
        write_line(&mut self.file, &mut self.torn, used)?;
        self.lines += 1;
        Ok(())
    }
}

/// A line that failed half way ends before the next one begins.
fn write_line(file: &mut impl Write, torn: &mut bool, used: &Used) -> io::Result<()> {
    let start = if *torn { "\n" } else { "" };
    *torn = true;
    file.write_all(format!("{start}{}", line(used)).as_bytes())?;
    *torn = false;
    Ok(())
}

fn clear_at(kept: usize) -> usize {
    LINES.max(kept * 2)
}

fn line(used: &Used) -> String {
    format!("{} {} {}\n", used.until, used.proof, used.device)
}

/// A new file beside the old one, then in its place: a process killed in between leaves one of the two whole.
fn rewrite(path: &Path, used: &[Used]) -> io::Result<File> {
    let beside = path.with_extension("new");
    let mut writer = BufWriter::new(create_private(&beside)?);
    for one in used {
        writer.write_all(line(one).as_bytes())?;
    }
    let file = writer.into_inner().map_err(io::IntoInnerError::into_error)?;
    fs::rename(&beside, path)?;
    Ok(file)
}

/// An empty file for its owner only, whatever stood there before.
fn create_private(path: &Path) -> io::Result<File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Whole lines of proofs that could still be good. A torn one, the last of a killed process, was never acted upon.
fn read(bytes: &[u8], now: UnixSeconds) -> Vec<Used> {
    let text = String::from_utf8_lossy(bytes);
    text.lines().filter_map(parse).filter(|used| used.until > now).collect()
}

fn parse(line: &str) -> Option<Used> {
    let mut words = line.split(' ');
    let (until, proof, device) = (words.next()?, words.next()?, words.next()?);
    Some(Used { until: until.parse().ok()?, proof: proof.parse().ok()?, device: device.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes so many bytes, then none until it is given room.
    struct Full {
        taken: Vec<u8>,
        room: usize,
    }

    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let fits = bytes.len().min(self.room);
            self.room -= fits;
            self.taken.extend_from_slice(&bytes[..fits]);
            if fits == 0 { Err(io::ErrorKind::StorageFull.into()) } else { Ok(fits) }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn d_01_a_line_that_failed_half_way_spoils_no_other() {
        let used = |n: u8| Used { proof: statement::sha256([n]), device: statement::sha256("d"), until: 100 };
        let (mut file, mut torn) = (Full { taken: Vec::new(), room: 130 }, false);
        assert!(write_line(&mut file, &mut torn, &used(1)).is_ok());
        assert!(write_line(&mut file, &mut torn, &used(2)).is_err());
        assert!(write_line(&mut file, &mut torn, &used(3)).is_err());
        file.room = 1000;
        assert!(write_line(&mut file, &mut torn, &used(4)).is_ok());
        assert!(write_line(&mut file, &mut torn, &used(5)).is_ok());
        assert_eq!(read(&file.taken, 0), [used(1), used(4), used(5)]);
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_its_owners_only() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("proofs");
        for left in [&path, &path.with_extension("new")] {
            fs::write(left, "left behind").expect("written");
            fs::set_permissions(left, fs::Permissions::from_mode(0o666)).expect("mode");
        }
        Journal::open(&path, 0).expect("open");
        assert_eq!(fs::metadata(&path).expect("file").permissions().mode() & 0o777, 0o600);
    }
}
