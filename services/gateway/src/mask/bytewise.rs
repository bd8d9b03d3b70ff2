//! Pages byte by byte. In windows-1252 each byte is one character, so that a place in what a parser gives out is the same
//! place in what it got, whichever encoding a page is in; what a text says is read from its bytes afterwards.

use std::borrow::Cow;

use encoding_rs::WINDOWS_1252;

/// How a text in UTF-8 looks to whoever reads byte by byte.
pub(super) fn seen(text: &str) -> Cow<'_, str> {
    WINDOWS_1252.decode_without_bom_handling(text.as_bytes()).0
}

/// What is said by a text that was read byte by byte.
pub(super) fn said(text: &str) -> Cow<'_, str> {
    match WINDOWS_1252.encode(text).0 {
        Cow::Borrowed(_) => Cow::Borrowed(text),
        Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_is_one_character_and_comes_back() {
        let all: Vec<u8> = (0..=255).collect();
        let (text, had_errors) = WINDOWS_1252.decode_without_bom_handling(&all);
        assert_eq!((text.chars().count(), had_errors), (256, false));
        assert_eq!(*WINDOWS_1252.encode(&text).0, *all);
    }

    #[test]
    fn a_text_comes_back_and_what_is_none_is_marked() {
        for text in ["", "plain", "größe", "日本語 \u{1f600} \u{81}"] {
            assert_eq!(said(&seen(text)), text);
        }
        assert_eq!(said("caf\u{e9}"), "caf\u{fffd}");
    }
}
