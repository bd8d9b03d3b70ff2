//! A rule's sentence with the numbers of what it found.

use serde_json::{Map, Value};

/// A value in a sentence is no longer, in characters.
const LONGEST: usize = 120;

/// Names between braces, in order; `None` when a brace stands alone.
pub(crate) fn names(sentence: &str) -> Option<Vec<&str>> {
    let mut names = Vec::new();
    let mut rest = sentence;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}')?;
        if before.contains('}') || name.contains('{') {
            return None;
        }
        names.push(name);
        rest = after;
    }
    if rest.contains('}') { None } else { Some(names) }
}

/// The sentence with the values of `fields` in the place of their names.
pub(crate) fn filled(sentence: &str, fields: &Map<String, Value>) -> String {
    let mut words = String::new();
    let mut rest = sentence;
    while let Some((before, (name, after))) = rest.split_once('{').and_then(|(b, a)| Some((b, a.split_once('}')?))) {
        words.push_str(before);
        match fields.get(name) {
            Some(Value::String(text)) => words.extend(shortened(text)),
            Some(value) => words.push_str(&value.to_string()),
            None => {}
        }
        rest = after;
    }
    words.push_str(rest);
    words
}

/// What somebody else wrote, on one line and not too long.
fn shortened(text: &str) -> impl Iterator<Item = char> {
    let more = (text.chars().count() > LONGEST).then_some('…');
    text.chars().take(LONGEST).map(|c| if c.is_control() { ' ' } else { c }).chain(more)
}
