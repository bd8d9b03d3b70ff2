//! Finds the values of named members anywhere in a JSON document, twice-written members included: a reader that keeps
//! the first and one that keeps the last would otherwise disagree.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// What some bytes are as JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whole {
    /// One document, to its end.
    One,
    /// None, or several behind each other, each whole.
    NotOne,
    /// Not JSON from some byte on. Other readers may read on where this one stopped.
    Broken,
}

/// Every text, number or flag below a member with one of these names (case does not matter), as text, and whether the
/// bytes are JSON. Of a broken document, only what stands before the break is found.
#[must_use]
pub fn values_of<S: AsRef<str>>(document: &[u8], names: &[S]) -> (Vec<String>, Whole) {
    let document = document.strip_prefix(b"\xef\xbb\xbf").unwrap_or(document);
    let mut found = Vec::new();
    let mut reader = serde_json::Deserializer::from_slice(document);
    let mut documents = 0_usize;
    loop {
        if reader.end().is_ok() {
            return (found, if documents == 1 { Whole::One } else { Whole::NotOne });
        }
        let walk = Walk { names, wanted: false, found: &mut found };
        if walk.deserialize(&mut reader).is_err() {
            return (found, Whole::Broken);
        }
        documents += 1;
    }
}

struct Walk<'a, S> {
    names: &'a [S],
    /// Inside a member with one of the names.
    wanted: bool,
    found: &'a mut Vec<String>,
}

impl<S> Walk<'_, S> {
    fn keep(self, value: impl fmt::Display) {
        if self.wanted {
            self.found.push(value.to_string());
        }
    }
}

impl<'de, S: AsRef<str>> DeserializeSeed<'de> for Walk<'_, S> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, S: AsRef<str>> Visitor<'de> for Walk<'_, S> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.keep(value);
        Ok(())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.keep(value);
        Ok(())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.keep(value);
        Ok(())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.keep(value);
        Ok(())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        self.keep(value);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items
            .next_element_seed(Walk { names: self.names, wanted: self.wanted, found: &mut *self.found })?
            .is_some()
        {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(name) = members.next_key::<String>()? {
            let wanted = self.wanted || self.names.iter().any(|n| n.as_ref().eq_ignore_ascii_case(&name));
            members.next_value_seed(Walk { names: self.names, wanted, found: &mut *self.found })?;
        }
        Ok(())
    }
}
