/// Hashes in a full tile.
const FULL: u64 = 256;

/// A tile's address after `/tile/` (C2SP tlog-tiles).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tile {
    /// `None`: a bundle of entries.
    pub level: Option<u32>,
    pub index: u64,
    /// 256, or less for a partial tile.
    pub width: u64,
}

impl Tile {
    /// `0/x001/x234/067` or `entries/000.p/5`: one spelling only.
    pub fn parse(path: &str) -> Option<Self> {
        let (level, rest) = path.split_once('/')?;
        let level = match level {
            "entries" => None,
            _ => Some(number(level).filter(|l| *l < 8).and_then(|l| u32::try_from(l).ok())?),
        };
        let (index, width) = match rest.split_once(".p/") {
            Some((index, width)) => (index, number(width).filter(|w| (1..FULL).contains(w))?),
            None => (rest, FULL),
        };
        let mut parts = index.split('/').rev();
        let mut value = digits(parts.next()?)?;
        let mut scale: u64 = 1;
        for part in parts {
            scale = scale.checked_mul(1000)?;
            value = digits(part.strip_prefix('x')?)?.checked_mul(scale)?.checked_add(value)?;
        }
        let tile = Self { level, index: value, width };
        (tile.path() == path).then_some(tile)
    }

    /// The first hash or entry in it.
    pub fn first(&self) -> u64 {
        self.index.saturating_mul(FULL)
    }

    /// Whether a log of `size` has all of it.
    pub fn is_within(&self, size: u64) -> bool {
        let available = size >> (8 * self.level.unwrap_or(0));
        self.first().checked_add(self.width).is_some_and(|end| end <= available)
    }

    fn path(&self) -> String {
        let mut index = format!("{:03}", self.index % 1000);
        let mut rest = self.index / 1000;
        while rest > 0 {
            index = format!("x{:03}/{index}", rest % 1000);
            rest /= 1000;
        }
        let level = self.level.map_or_else(|| "entries".to_owned(), |l| l.to_string());
        let width = if self.width == FULL { String::new() } else { format!(".p/{}", self.width) };
        format!("{level}/{index}{width}")
    }
}

fn digits(part: &str) -> Option<u64> {
    (part.len() == 3 && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse().ok())?
}

/// Decimal, without leading zeroes.
fn number(text: &str) -> Option<u64> {
    text.parse().ok().filter(|n: &u64| n.to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_spelling() {
        let tile = |level, index, width| Some(Tile { level, index, width });
        assert_eq!(Tile::parse("0/x001/x234/067"), tile(Some(0), 1_234_067, 256));
        assert_eq!(Tile::parse("1/000.p/17"), tile(Some(1), 0, 17));
        assert_eq!(Tile::parse("entries/x001/000.p/255"), tile(None, 1000, 255));
        for bad in [
            "",
            "0",
            "0/",
            "0/0",
            "0/00",
            "0/0000",
            "00/000",
            "8/000",
            "64/000",
            "-1/000",
            "0/x000/000",
            "0/001/000",
            "0/000.p/0",
            "0/000.p/256",
            "0/000.p/01",
            "0/000.p/",
            "0/000/",
            "/0/000",
            "0//000",
            "entries/../000",
            "0/x999/x999/x999/x999/x999/x999/x999/999",
            "Entries/000",
        ] {
            assert_eq!(Tile::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn nothing_beyond_the_head_is_served() {
        let within = |path: &str, size| Tile::parse(path).is_some_and(|t| t.is_within(size));
        assert!(within("0/000.p/5", 5) && !within("0/000.p/6", 5));
        assert!(within("0/000", 256) && !within("0/000", 255));
        assert!(within("1/000.p/1", 256) && !within("1/000.p/1", 255));
        assert!(within("entries/001.p/1", 257) && !within("entries/001.p/1", 256));
        let last = format!("0/{}/999", ["x999"; 5].join("/"));
        assert!(!within(&last, u64::MAX >> 8) && !within("7/000.p/1", u64::from(u32::MAX)));
    }
}
