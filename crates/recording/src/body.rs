//! Parts of an answer's body as they stand in frames: text as it is, everything else in base64url. Text takes a third less
//! room than its base64url once it is compressed, and can be read.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::Captured;

/// A part is cut at this size, in bytes.
const PART: usize = 256 * 1024;

impl Captured {
    /// The parts of this piece of a body, numbered from `first` on.
    pub fn parts(exchange: u64, first: u64, mut piece: &[u8]) -> impl Iterator<Item = Self> {
        let mut part = first;
        std::iter::from_fn(move || {
            let length = cut(piece);
            let (bytes, rest) = piece.split_at(length);
            piece = rest;
            let frame = match std::str::from_utf8(bytes) {
                _ if bytes.is_empty() => return None,
                Ok(text) if is_readable(bytes) => Self::Text { exchange, part, text: text.to_owned() },
                _ => Self::Body { exchange, part, bytes: URL_SAFE_NO_PAD.encode(bytes) },
            };
            part += 1;
            Some(frame)
        })
    }

    /// The bytes of a part of a body; none of anything else, and of what is no base64url.
    #[must_use]
    pub fn part(&self) -> Option<Cow<'_, [u8]>> {
        match self {
            Self::Text { text, .. } => Some(text.as_bytes().into()),
            Self::Body { bytes, .. } => URL_SAFE_NO_PAD.decode(bytes).ok().map(Cow::from),
            _ => None,
        }
    }
}

/// Where the next part ends: not within a character.
fn cut(piece: &[u8]) -> usize {
    if piece.len() <= PART {
        return piece.len();
    }
    let is_within = |at: &usize| piece.get(*at).is_some_and(|byte| byte & 0xc0 == 0x80);
    (PART - 3..=PART).rev().find(|at| !is_within(at)).unwrap_or(PART)
}

/// What most of a text's control characters would become in JSON is six times as long.
fn is_readable(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte >= b' ' || matches!(byte, b'\n' | b'\r' | b'\t'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(parts: &[Captured]) -> Vec<u8> {
        parts.iter().flat_map(|part| part.part().expect("a part").into_owned()).collect()
    }

    fn is_text(part: &Captured) -> bool {
        matches!(part, Captured::Text { .. })
    }

    #[test]
    fn text_is_cut_between_characters_and_comes_back() {
        for before in 0..4 {
            let text = "-".repeat(before) + &"\u{20ac}\u{fc}\u{1f600}a\n".repeat(PART / 4);
            let parts: Vec<_> = Captured::parts(7, 3, text.as_bytes()).collect();
            assert!(parts.len() > 2 && parts.iter().all(is_text), "{before}");
            assert_eq!(whole(&parts), text.as_bytes());
            let numbers = parts.iter().map(|part| match part {
                Captured::Text { exchange: 7, part, .. } => *part,
                other => panic!("{other:?}"),
            });
            assert!(numbers.eq(3..3 + parts.len() as u64));
        }
    }

    #[test]
    fn what_is_no_text_comes_back_too() {
        let picture: Vec<u8> = (0..=255).cycle().take(2 * PART + 5).collect();
        for bytes in [&picture[..], &[0x80; PART + 1], b"\0", b"a\x1b[2J", &[0xe2, 0x82]] {
            let parts: Vec<_> = Captured::parts(0, 0, bytes).collect();
            assert!(!parts.iter().any(is_text), "{:?}", &bytes[..bytes.len().min(4)]);
            assert_eq!(whole(&parts), bytes);
        }
        assert!(Captured::parts(0, 0, b"").next().is_none());
    }

    #[test]
    fn a_part_takes_little_more_in_json_than_it_is() {
        for text in ["\u{1}".repeat(PART), "\u{7f}".repeat(PART), "\u{2028}".repeat(PART / 3)] {
            let frames: Vec<_> = Captured::parts(0, 0, text.as_bytes()).collect();
            let json = serde_json::to_vec(&frames).expect("JSON").len();
            assert!(json < PART * 3 / 2, "{json}");
        }
    }

    #[test]
    fn what_is_no_part_and_what_is_no_base64url_has_no_bytes() {
        assert!(Captured::Note { code: "paused".into(), detail: String::new() }.part().is_none());
        assert!(Captured::Body { exchange: 0, part: 0, bytes: "not base64!".into() }.part().is_none());
    }
}
