//! Values that are told by their shape, in time that grows with the text alone (no backtracking).

mod stretches;

use std::fmt;
use std::ops::Range;

use regex::bytes::{Regex, RegexBuilder};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::rules::label;

/// Built in, by name.
pub const BUILT_IN: [&str; 5] = ["e-mail", "iban", "phone", "card", "us-ssn"];

const E_MAIL: &str =
    r"\w[\w.%+'-]*(?:@|%40|&#0*64;?|(?i:&#x0*40;?)|&commat;|\\u0040|\\x40)(?:[\w-]{1,63}\.)+[^\W\d_]{2,24}";
const IBAN: &str = r"\b(?:[A-Z]{2}[0-9]{2}(?:(?:[ \x{a0}-]?[A-Z0-9]{4}){3,7}(?:[ \x{a0}-]?[A-Z0-9]{1,3})?|(?:[ \x{a0}-]?[A-Z0-9]{4}){2}[ \x{a0}-]?[A-Z0-9]{3})|[a-z]{2}[0-9]{2}[a-z0-9]{11,30})\b";
const PHONE: &str = r"(?:\+|\b00)[1-9](?:[ \x{a0}().\x{2011}/-]{0,2}[0-9]){6,14}";
const CARD: &str = r"\b[0-9]{4}(?:[ -]?[0-9]){10,15}\b";
const US_SSN: &str = r"\b[0-9]{3}-[0-9]{2}-[0-9]{4}\b";
/// A compiled pattern is no larger, in bytes.
const MOST: usize = 1024 * 1024;

/// One pattern.
#[derive(Debug, Clone)]
pub struct Pattern {
    /// What its marks say.
    pub name: String,
    regex: Regex,
    holds: fn(&[u8]) -> bool,
    stretches: Stretches,
    /// Nothing in markup belongs to its values, and it looks at nothing around them but whether it is a letter or a digit.
    is_built_in: bool,
}

/// The part of a text at or behind a place, in which the next value may stand; none when there is none.
type Stretches = fn(&[u8], usize) -> Option<Range<usize>>;

impl Pattern {
    /// One of [`BUILT_IN`].
    #[must_use]
    pub fn built_in(name: &str) -> Option<Self> {
        let (regex, holds, stretches): (_, fn(&[u8]) -> bool, Stretches) = match name {
            "e-mail" => (E_MAIL, any, stretches::of_e_mail),
            "iban" => (IBAN, any, stretches::of_iban),
            "phone" => (PHONE, any, stretches::all),
            "card" => (CARD, luhn, stretches::all),
            "us-ssn" => (US_SSN, any, stretches::all),
            _ => return None,
        };
        Some(Self { name: name.to_owned(), regex: Regex::new(regex).ok()?, holds, stretches, is_built_in: true })
    }

    /// One of the configuration's own.
    ///
    /// # Errors
    /// A sentence saying what is wrong with it.
    pub fn new(name: &str, regex: &str) -> Result<Self, String> {
        let name = label(name)?;
        if regex.trim().is_empty() {
            return Err("an empty pattern".into());
        }
        let regex = RegexBuilder::new(regex).size_limit(MOST).build().map_err(|e| format!("no regex: {e}"))?;
        if regex.is_match(b"") {
            return Err("a pattern that finds nothing at all everywhere".into());
        }
        Ok(Self { name, regex, holds: any, stretches: stretches::all, is_built_in: false })
    }

    /// The first place at or behind `from`.
    fn find_at(&self, text: &[u8], from: usize) -> Option<Range<usize>> {
        let mut from = from;
        while let Some(stretch) = (self.stretches)(text, from) {
            match self.regex.find_at(&text[..stretch.end], stretch.start) {
                Some(found) if !found.is_empty() && (self.holds)(found.as_bytes()) => return Some(found.range()),
                Some(found) => from = found.start() + 1,
                None => from = stretch.end,
            }
        }
        None
    }

    /// Whether a part of the text that ends at markup on both sides may hold a value. What makes a number a card's is not asked:
    /// the part may end where the number goes on in the text.
    pub fn may_stand_in(&self, text: &[u8]) -> bool {
        let mut from = 0;
        while let Some(stretch) = (self.stretches)(text, from).filter(|_| self.is_built_in) {
            if self.regex.find_at(&text[..stretch.end], stretch.start).is_some() {
                return true;
            }
            from = stretch.end;
        }
        !self.is_built_in
    }

    /// A value that was found, as it is compared: an address that is written with an escape is the same address.
    #[must_use]
    pub fn value(&self, found: &[u8]) -> String {
        let text = String::from_utf8_lossy(found);
        if self.name != "e-mail" {
            return text.into_owned();
        }
        let Some(at) = ["&#", "&commat;", r"\u0040", r"\x40"].iter().find_map(|escape| text.find(escape)) else {
            return percent_encoding::percent_decode_str(&text).decode_utf8_lossy().into_owned();
        };
        let behind = text[at..].trim_start_matches("&#").trim_start_matches(r"\u0040").trim_start_matches(r"\x40");
        let behind = behind.split_once(';').map_or(behind, |(_, rest)| rest);
        format!("{}@{behind}", &text[..at])
    }
}

/// Where values stand in a text from `from` on, as far as they begin before `until`; what overlaps is one place, with the
/// name of the first and longest.
#[must_use]
pub fn places(patterns: &[Pattern], text: &[u8], from: usize, until: usize) -> Vec<(Range<usize>, usize)> {
    let mut found = Vec::new();
    for (n, pattern) in patterns.iter().enumerate() {
        let mut at = from;
        while let Some(place) = pattern.find_at(text, at).filter(|place| place.start < until) {
            at = place.end;
            found.push((place, n));
        }
    }
    found.sort_by_key(|(place, _)| (place.start, std::cmp::Reverse(place.end)));
    found.dedup_by(|next, first| {
        let overlaps = next.0.start < first.0.end;
        if overlaps {
            first.0.end = first.0.end.max(next.0.end);
        }
        overlaps
    });
    found
}

fn any(_: &[u8]) -> bool {
    true
}

/// Whether the last digit of a card's number is the one that belongs to the others.
fn luhn(found: &[u8]) -> bool {
    let digits = found.iter().rev().filter(|b| b.is_ascii_digit()).map(|b| u32::from(b - b'0'));
    let weighed = digits.enumerate().map(|(n, d)| if n % 2 == 0 { d } else { d * 2 - if d > 4 { 9 } else { 0 } });
    weighed.sum::<u32>().is_multiple_of(10)
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Written)
    }
}

struct Written;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Own {
    name: String,
    regex: String,
}

impl<'de> Visitor<'de> for Written {
    type Value = Pattern;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a built-in pattern, or { name, regex }")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Pattern, E> {
        Pattern::built_in(name)
            .ok_or_else(|| E::custom(format!("no pattern {name:?} is built in, only {}", BUILT_IN.join(", "))))
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Pattern, A::Error> {
        let own = Own::deserialize(MapAccessDeserializer::new(members))?;
        Pattern::new(&own.name, &own.regex).map_err(A::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(name: &str, text: &str) -> Vec<String> {
        let pattern = [Pattern::built_in(name).unwrap()];
        let places = places(&pattern, text.as_bytes(), 0, usize::MAX);
        places.into_iter().map(|(place, _)| pattern[0].value(&text.as_bytes()[place])).collect()
    }

    #[test]
    fn what_is_built_in_finds_values_and_leaves_the_rest() {
        for spelling in ["@", "%40", "&#64;", "&#x40;", "&commat;", r"\u0040", r"\x40"] {
            assert_eq!(
                found("e-mail", &format!("to mara.quinn{spelling}kinloch.example.")),
                ["mara.quinn@kinloch.example"]
            );
        }
        assert_eq!(
            found("e-mail", "'o'brien@x.example', jürgen@müller.example"),
            ["o'brien@x.example", "jürgen@müller.example"]
        );
        assert!(found("e-mail", "at @ home, a@b, x@localhost").is_empty());
        assert_eq!(found("iban", "DE89 3704 0044 0532 0130 00 paid on 1 May"), ["DE89 3704 0044 0532 0130 00"]);
        assert_eq!(
            found("iban", "to NO9386011117947, GB82WEST12345698765432"),
            ["NO9386011117947", "GB82WEST12345698765432"]
        );
        assert_eq!(found("iban", "IE12 KEST 0123 4567 89"), ["IE12 KEST 0123 4567 89"]);
        assert!(found("iban", "AB12 CDEF is a part, DE8937 too").is_empty());
        assert_eq!(
            found("phone", "call +49 (170) 123-4567 or 0049 170 1234567."),
            ["+49 (170) 123-4567", "0049 170 1234567"]
        );
        assert!(found("phone", "0 0 24 24, 2026-10-01, 1767225600000, 1+2").is_empty());
        assert_eq!(found("card", "card 4111 1111 1111 1111, not 4111 1111 1111 1112"), ["4111 1111 1111 1111"]);
        assert_eq!(found("us-ssn", "ssn 078-05-1120, 078-05-11201"), ["078-05-1120"]);
    }

    #[test]
    fn what_overlaps_is_one_place() {
        let pattern = |regex: &str| Pattern::new("p", regex).unwrap();
        let patterns = [pattern("[a-d]+"), pattern("[c-f]+")];
        assert_eq!(places(&patterns, b"-abcdef-ef", 0, 8), [(1..7, 0)]);
        assert_eq!(places(&patterns, b"-abcdef-ef", 3, 99), [(3..7, 1), (8..10, 1)]);
    }
}
