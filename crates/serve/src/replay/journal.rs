use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
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
        let journal = Self { path: path.to_owned(), file, lines: used.len(), clear_at: clear_at(used.len()) };
        Ok((journal, used))
    }

    /// Writes one line; when this returns, a killed process has left it.
    pub(super) fn write(&mut self, used: &Used, now: UnixSeconds) -> io::Result<()> {
        if self.lines >= self.clear_at {
            let kept = read(&fs::read(&self.path)?, now);
            self.file = rewrite(&self.path, &kept)?;
            (self.lines, self.clear_at) = (kept.len(), clear_at(kept.len()));
        }
        self.file.write_all(line(used).as_bytes())?;
        self.lines += 1;
        Ok(())
    }
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
    let mut writer = BufWriter::new(File::create(&beside)?);
    for one in used {
        writer.write_all(line(one).as_bytes())?;
    }
    let file = writer.into_inner().map_err(io::IntoInnerError::into_error)?;
    fs::rename(&beside, path)?;
    Ok(file)
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
