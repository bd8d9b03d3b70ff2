//! Patterns in a piece of text.

use percent_encoding::percent_decode_str;

use super::{LEFT_OUT, Mask, pattern};

/// A text that is escaped more often than this is not unescaped any further.
pub(super) const ESCAPED: usize = 3;

impl Mask {
    /// The text with marks; none when nothing in it is to be masked.
    pub(super) fn text(&self, text: &str) -> Option<String> {
        let places = pattern::places(&self.rules.patterns, text.as_bytes(), 0, usize::MAX);
        (!places.is_empty())
            .then(|| String::from_utf8_lossy(&self.marked(text.as_bytes(), 0, text.len(), &places)).into_owned())
    }

    /// The same for bytes that may be no UTF-8.
    pub(super) fn plain(&self, bytes: &[u8]) -> Vec<u8> {
        let places = pattern::places(&self.rules.patterns, bytes, 0, usize::MAX);
        self.marked(bytes, 0, bytes.len(), &places)
    }

    /// A text in which characters may stand percent-encoded. When a value shows only once it is decoded, what it stands in
    /// is kept decoded.
    pub(super) fn escaped(&self, text: &str) -> Option<String> {
        let masked = self.text(text);
        if !text.contains('%') {
            return masked;
        }
        let mut is_masked = masked.is_some();
        let mut kept = masked.unwrap_or_else(|| text.to_owned());
        for _ in 0..ESCAPED {
            if !kept.contains('%') {
                break;
            }
            let decoded = percent_decode_str(&kept).decode_utf8_lossy().into_owned();
            if decoded == kept {
                break;
            }
            match self.text(&decoded) {
                Some(masked) => (kept, is_masked) = (masked, true),
                None if self.is_hidden(&decoded) => (kept, is_masked) = (LEFT_OUT.into(), true),
                None => break,
            }
        }
        is_masked.then_some(kept)
    }

    /// Whether a value shows when the text is decoded on.
    fn is_hidden(&self, text: &str) -> bool {
        let mut text = text.to_owned();
        for _ in 0..ESCAPED {
            let decoded = percent_decode_str(&text).decode_utf8_lossy().into_owned();
            if decoded == text {
                return false;
            }
            if self.text(&decoded).is_some() {
                return true;
            }
            text = decoded;
        }
        // Nobody escapes a plain text so often.
        true
    }

    /// The bytes from `from` to `until` with marks at these places.
    pub(super) fn marked(
        &self,
        bytes: &[u8],
        from: usize,
        until: usize,
        places: &[(std::ops::Range<usize>, usize)],
    ) -> Vec<u8> {
        let (mut out, mut copied) = (Vec::with_capacity(until - from), from);
        for (place, pattern) in places {
            let pattern = &self.rules.patterns[*pattern];
            out.extend_from_slice(&bytes[copied..place.start]);
            out.extend(self.mark(&pattern.name, &pattern.value(&bytes[place.clone()])).into_bytes());
            copied = place.end;
        }
        out.extend_from_slice(&bytes[copied..until.max(copied)]);
        out
    }
}
