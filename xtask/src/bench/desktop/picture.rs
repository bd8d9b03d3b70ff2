//! When a window has its page: the screen is looked at, as the person in front of it does.

use std::{
    fs::File,
    os::unix::fs::FileExt as _,
    path::Path,
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};

const EVERY: Duration = Duration::from_millis(10);
/// The picture is the last one when nothing changed for so long.
const QUIET: Duration = Duration::from_millis(2500);
/// It stands when no more of it than this differs from the last one: a caret may blink.
const MAY_DIFFER: f64 = 0.005;
/// Lines of the screen that are looked at.
const LINES: usize = 100;

/// The X server's own picture, in the format of `xwd`.
pub struct Framebuffer {
    file: File,
    begin: u64,
    line: usize,
    height: usize,
}

type Picture = Vec<u8>;

impl Framebuffer {
    /// Reads where the lines stand.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let file = File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
        let mut header = [0; 100];
        file.read_exact_at(&mut header, 0)?;
        let field = |index: usize| u32::from_be_bytes([0, 1, 2, 3].map(|byte| header[index * 4 + byte]));
        let (size, height, line, colours) = (field(0), field(5), field(12), field(19));
        if height < 100 || line < 400 {
            bail!("{} holds no picture", path.display());
        }
        let begin = u64::from(size) + 12 * u64::from(colours);
        Ok(Self { file, begin, line: usize::try_from(line)?, height: usize::try_from(height)? })
    }

    /// Waits until the last program's window is gone.
    pub fn wait_until_empty(&self, limit: Duration) -> anyhow::Result<()> {
        let end = Instant::now() + limit;
        while has_content(&self.look()?) {
            if Instant::now() > end {
                bail!("the screen does not become empty");
            }
            sleep(EVERY);
        }
        Ok(())
    }

    /// How long after `from` the page stood as it stays.
    pub fn stands(&self, from: Instant, limit: Duration) -> anyhow::Result<Duration> {
        let mut seen: Vec<(Duration, Picture)> = vec![(Duration::ZERO, self.look()?)];
        let mut changed = from;
        while changed.elapsed() < QUIET || seen.last().is_none_or(|(_, last)| !has_content(last)) {
            let (at, picture) = (from.elapsed(), self.look()?);
            let before = seen.last().map_or(&[][..], |(_, picture)| picture);
            if differs(before, &picture) > MAY_DIFFER {
                changed = Instant::now();
            }
            if before != picture {
                seen.push((at, picture));
            }
            if at > limit {
                bail!("no page is painted");
            }
            sleep(EVERY);
        }
        let last = seen.pop().map(|(_, picture)| picture).unwrap_or_default();
        let behind = seen.iter().rposition(|(_, picture)| differs(picture, &last) > MAY_DIFFER);
        let stood = behind.and_then(|index| seen.get(index + 1)).map(|(at, _)| *at);
        stood.or(Some(changed.duration_since(from))).context("it stood from the beginning")
    }

    fn look(&self) -> anyhow::Result<Picture> {
        let mut picture = vec![0; LINES * self.line];
        for (index, line) in picture.chunks_exact_mut(self.line).enumerate() {
            let at = index * self.height / LINES * self.line;
            self.file.read_exact_at(line, self.begin + u64::try_from(at)?)?;
        }
        Ok(picture)
    }
}

/// How much of it is different, from 0 to 1.
fn differs(one: &[u8], other: &[u8]) -> f64 {
    let pixels =
        |picture: &[u8]| picture.chunks_exact(4).map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect::<Vec<_>>();
    let (one, other) = (pixels(one), pixels(other));
    let different = one.iter().zip(&other).filter(|(a, b)| a != b).count();
    if one.len() == other.len() && !one.is_empty() { different as f64 / one.len() as f64 } else { 1.0 }
}

/// Something is written on it: not every pixel is like the one before it.
fn has_content(picture: &[u8]) -> bool {
    picture.len() > 4 && picture[4..] != picture[..picture.len() - 4]
}

#[cfg(test)]
mod tests {
    use super::{differs, has_content};

    #[test]
    fn a_picture_differs_by_its_pixels() {
        let (mut one, white) = (vec![255; 4000], vec![255; 4000]);
        assert!(!has_content(&white) && differs(&one, &white) == 0.0);
        one[5] = 0;
        assert!(has_content(&one) && (differs(&one, &white) - 0.001).abs() < 1e-9);
        one[7] = 0;
        assert!((differs(&one, &white) - 0.001).abs() < 1e-9, "the fourth byte is nothing");
        assert_eq!(differs(&one[4..], &white), 1.0);
    }
}
