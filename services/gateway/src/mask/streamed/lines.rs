use crate::mask::{Mask, pattern};

/// Of a line that is longer, so much is decided at once…
const WINDOW: usize = 4 * 1024;
/// …once so much more of it is there: a value is no longer.
const OVERLAP: usize = 1024;
/// So much of what was decided is looked at again: what stands before a value may matter to its pattern.
const BEFORE: usize = 8;

/// A text, line by line: no pattern is looked for across a line's end.
pub(super) struct Lines {
    mask: Mask,
    /// What was decided and is looked at again, and behind it what is held back.
    line: Vec<u8>,
    decided: usize,
}

impl Lines {
    pub fn new(mask: &Mask) -> Self {
        Self { mask: mask.clone(), line: Vec::new(), decided: 0 }
    }

    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        for part in bytes.split_inclusive(|b| *b == b'\n') {
            for piece in part.chunks(OVERLAP) {
                self.line.extend_from_slice(piece);
                self.decide_windows(out);
            }
            if part.ends_with(b"\n") {
                self.end(out);
            }
        }
    }

    pub fn end(&mut self, out: &mut Vec<u8>) {
        let end = self.line.len();
        self.decide_up_to(end, out);
        self.line.clear();
        self.decided = 0;
    }

    pub fn held(&self) -> usize {
        self.line.len() - self.decided
    }

    fn decide_windows(&mut self, out: &mut Vec<u8>) {
        while self.held() >= WINDOW + OVERLAP {
            // The same bytes are looked at, however they came.
            let (window, later) = (self.decided + WINDOW + OVERLAP, self.decided + WINDOW);
            let rest = self.line.split_off(window);
            self.decide_up_to(later, out);
            self.line.extend_from_slice(&rest);
        }
    }

    /// Decides about all values that begin before `until`.
    fn decide_up_to(&mut self, until: usize, out: &mut Vec<u8>) {
        let places = pattern::places(&self.mask.rules.patterns, &self.line, self.decided, until);
        let end = places.last().map_or(until, |(place, _)| place.end.max(until));
        out.extend(self.mask.marked(&self.line, self.decided, end, &places));
        let left = end.saturating_sub(BEFORE);
        self.line.drain(..left);
        self.decided = end - left;
    }
}
