//! Values that rules named in the exchanges of a Session: what a page reports of them is masked by value, since a page
//! is not asked where it got them from.

use std::collections::HashMap;

use aho_corasick::{AhoCorasick, MatchKind};

/// So many values are remembered, and so many bytes of them.
const MOST: usize = 20_000;
const MOST_BYTES: usize = 2 * 1024 * 1024;
/// A shorter value is looked for as a whole text only: parts of words are not it.
const SHORTEST_PART: usize = 4;

/// The values of one Session, with their marks.
#[derive(Default)]
pub struct Known {
    marks: HashMap<String, String>,
    bytes: usize,
    /// There were more than are remembered: what a page reports cannot be held to them any more.
    is_full: bool,
    /// For finding them within a text; none when one came since.
    finder: Option<Finder>,
}

struct Finder {
    values: AhoCorasick,
    marks: Vec<String>,
}

impl Known {
    /// Remembers a value and its mark.
    pub fn remember(&mut self, value: &str, mark: &str) {
        let value = value.trim();
        if value.is_empty() || self.is_full || self.marks.contains_key(value) {
            return;
        }
        if self.marks.len() == MOST || self.bytes + value.len() > MOST_BYTES {
            self.is_full = true;
            return;
        }
        self.bytes += value.len();
        self.marks.insert(value.to_owned(), mark.to_owned());
        self.finder = None;
    }

    #[must_use]
    pub fn is_full(&self) -> bool {
        self.is_full
    }

    /// The text with a mark for every value in it; none when there is none in it.
    pub fn masked(&mut self, text: &str) -> Option<String> {
        if let Some(mark) = self.marks.get(text.trim()) {
            return Some(mark.clone());
        }
        if self.finder.is_none() {
            self.finder = Some(Finder::of(&self.marks)?);
        }
        let finder = self.finder.as_ref()?;
        finder.values.is_match(text).then(|| finder.values.replace_all(text, &finder.marks))
    }
}

impl Finder {
    fn of(marks: &HashMap<String, String>) -> Option<Self> {
        let (values, marks): (Vec<_>, Vec<_>) =
            marks.iter().filter(|(value, _)| value.len() >= SHORTEST_PART).map(|(v, m)| (v, m.clone())).unzip();
        let values = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(values).ok()?;
        Some(Self { values, marks })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_within_a_text_and_short_ones_as_all_of_it() {
        let mut known = Known::default();
        assert_eq!(known.masked("Ines"), None);
        for (value, mark) in [("Ines Arnaud", "[1]"), (" 7 ", "[2]"), ("Ines", "[3]"), ("", "[4]")] {
            known.remember(value, mark);
        }
        assert_eq!(known.masked("of Ines Arnaud, Ines").unwrap(), "of [1], [3]");
        assert_eq!(known.masked("7").unwrap(), "[2]");
        assert_eq!(known.masked("17"), None);
        known.remember("Mara", "[5]");
        assert_eq!(known.masked("Mara 17").unwrap(), "[5] 17");
    }

    #[test]
    fn more_than_can_be_remembered_is_said() {
        let mut known = Known::default();
        (0..=MOST).for_each(|n| known.remember(&format!("value {n}"), "[m]"));
        assert!(known.is_full());
    }
}
