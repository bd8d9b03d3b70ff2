//! Paths to values in JSON: of RFC 9535 the segments that can be followed while a document comes in parts. Filters,
//! slices, unions and indices from the end look at what has not come yet.

use super::shown;

/// A path, for example `$.people[*].account` or `$..email`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    segments: Vec<Segment>,
    /// What marks say: the last name in it.
    pub label: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Segment {
    /// At any depth below.
    descendant: bool,
    selector: Selector,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Selector {
    Name(String),
    Index(usize),
    Any,
}

/// Where a value stands in its container.
#[derive(Debug, Clone, Copy)]
pub enum Key<'a> {
    Name(&'a str),
    Index(usize),
}

/// How far each path has come: a path, and the segment of it that a child may match.
pub type Places = Vec<(usize, usize)>;

/// The places at a document's root.
#[must_use]
pub fn root(paths: &[Path]) -> Places {
    (0..paths.len()).map(|path| (path, 0)).collect()
}

/// The places of a child, and the path that selects it.
#[must_use]
pub fn enter(paths: &[Path], places: &Places, key: Key<'_>) -> (Places, Option<usize>) {
    let (mut inner, mut selected) = (Places::new(), None);
    for (path, at) in places {
        let Some(segment) = paths.get(*path).and_then(|p| p.segments.get(*at)) else { continue };
        if segment.descendant {
            inner.push((*path, *at));
        }
        if segment.selector.is(key) {
            match paths.get(*path) {
                Some(whole) if whole.segments.len() == at + 1 => selected = selected.or(Some(*path)),
                _ => inner.push((*path, at + 1)),
            }
        }
    }
    inner.sort_unstable();
    inner.dedup();
    (inner, selected)
}

/// The path that may select a member of this name, wherever it stands: for documents whose structure is not known.
#[must_use]
pub fn by_name(paths: &[Path], name: &str) -> Option<usize> {
    paths.iter().position(|path| match path.segments.last().map(|s| &s.selector) {
        Some(Selector::Name(wanted)) => wanted == name,
        Some(Selector::Index(_) | Selector::Any) => true,
        None => false,
    })
}

impl Selector {
    fn is(&self, key: Key<'_>) -> bool {
        match (self, key) {
            (Self::Any, _) => true,
            (Self::Name(wanted), Key::Name(name)) => wanted == name,
            (Self::Index(wanted), Key::Index(index)) => *wanted == index,
            _ => false,
        }
    }
}

impl TryFrom<String> for Path {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no path: $.name, $['name'], $[0], [*], .* and $..name are read");
        let mut rest = text.strip_prefix('$').ok_or_else(wrong)?;
        let mut segments = Vec::new();
        while !rest.is_empty() {
            let (descendant, after) = match (rest.strip_prefix(".."), rest.strip_prefix('.')) {
                (Some(after), _) => (true, after),
                (None, Some(after)) if !after.starts_with('[') => (false, after),
                (None, None) if rest.starts_with('[') => (false, rest),
                _ => return Err(wrong()),
            };
            let (selector, left) = selector(after).ok_or_else(wrong)?;
            segments.push(Segment { descendant, selector });
            rest = left;
        }
        if segments.is_empty() {
            return Err(wrong());
        }
        let name =
            segments.iter().rev().find_map(|s| if let Selector::Name(name) = &s.selector { Some(name) } else { None });
        Ok(Self { label: shown(name.map_or("value", String::as_str)), segments })
    }
}

fn selector(text: &str) -> Option<(Selector, &str)> {
    if let Some(rest) = text.strip_prefix('*') {
        return Some((Selector::Any, rest));
    }
    let Some(inside) = text.strip_prefix('[') else {
        let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_' || !c.is_ascii())).unwrap_or(text.len());
        let (name, rest) = text.split_at(end);
        let begins = name.chars().next().is_some_and(|c| !c.is_ascii_digit());
        return begins.then(|| (Selector::Name(name.to_owned()), rest));
    };
    if let Some(quote) = inside.chars().next().filter(|c| matches!(c, '\'' | '"')) {
        let (name, rest) = inside[1..].split_once(quote)?;
        let rest = rest.strip_prefix(']')?;
        return (!name.contains('\\')).then(|| (Selector::Name(name.to_owned()), rest));
    }
    let (inner, rest) = inside.split_once(']')?;
    if inner == "*" {
        return Some((Selector::Any, rest));
    }
    let digits =
        !inner.is_empty() && inner.bytes().all(|b| b.is_ascii_digit()) && (inner == "0" || !inner.starts_with('0'));
    digits.then(|| inner.parse().ok()).flatten().map(|index| (Selector::Index(index), rest))
}
