//! The rules of a target, as they stand in `targets.toml`.

pub mod path;
mod written;

use lol_html::Selector as Parsed;
use serde::Deserialize;

use super::bytewise::seen;
use super::pattern::Pattern;
use path::Path;

/// No name in a mark is longer.
const LONGEST_LABEL: usize = 32;

/// What is masked in what a target exchanges.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Written")]
pub struct Rules {
    /// Values in JSON.
    pub json: Vec<Path>,
    /// Fields of forms, multipart forms and queries.
    pub fields: Vec<Name>,
    /// Headers, both ways.
    pub headers: Vec<Name>,
    /// Elements of pages: the texts in them, and what their attributes say.
    pub selectors: Vec<Selector>,
    /// Values told by their shape, wherever they stand.
    pub patterns: Vec<Pattern>,
    /// Whether what marks stand for is kept, sealed, for two people to have it shown.
    pub originals: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    json: Option<Vec<Path>>,
    fields: Option<Vec<Name>>,
    headers: Option<Vec<Name>>,
    selectors: Option<Vec<Selector>>,
    patterns: Option<Vec<Pattern>>,
    #[serde(default)]
    originals: bool,
}

impl TryFrom<Written> for Rules {
    type Error = String;

    fn try_from(w: Written) -> Result<Self, String> {
        fn some<T>(name: &str, rules: Option<Vec<T>>, count: &mut usize) -> Result<Vec<T>, String> {
            let rules = rules.map_or_else(|| Ok(Vec::new()), |r| if r.is_empty() { Err(name) } else { Ok(r) });
            let rules = rules.map_err(|name| format!("mask: {name} has no rule; leave it out or write one"))?;
            *count += rules.len();
            Ok(rules)
        }
        let mut count = 0;
        let rules = Self {
            json: some("json", w.json, &mut count)?,
            fields: some("fields", w.fields, &mut count)?,
            headers: some("headers", w.headers, &mut count)?,
            selectors: some("selectors", w.selectors, &mut count)?,
            patterns: some("patterns", w.patterns, &mut count)?,
            originals: w.originals,
        };
        if count == 0 { Err("mask has no rule; leave it out or write one".into()) } else { Ok(rules) }
    }
}

/// The name of a field or a header. Case does not matter.
#[derive(Debug, Clone)]
pub struct Name {
    plain: String,
    /// What marks say.
    pub label: String,
}

impl Name {
    /// Whether it is a segment of this name: `person[account]` and `account[]` are the field `account`.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        name.eq_ignore_ascii_case(&self.plain)
            || name.split(['[', ']', '.']).any(|segment| segment.trim().eq_ignore_ascii_case(&self.plain))
    }
}

impl TryFrom<String> for Name {
    type Error = String;

    fn try_from(plain: String) -> Result<Self, String> {
        if plain.trim() != plain || plain.is_empty() {
            return Err(format!("{plain:?} is no name"));
        }
        Ok(Self { label: shown(&plain), plain })
    }
}

/// One CSS selector, without a comma.
#[derive(Debug, Clone)]
pub struct Selector {
    text: String,
    /// Without this text in a page it selects nothing there.
    names: Option<String>,
    with_all_below: Parsed,
    /// For whoever reads a page byte by byte.
    in_bytes: Parsed,
    with_all_below_in_bytes: Parsed,
}

impl Selector {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it can select anything in this page. Names of classes and ids are held to the page byte by byte, as they are written
    /// there.
    #[must_use]
    pub fn may_select_in(&self, page: &str) -> bool {
        self.names.as_ref().is_none_or(|name| page.contains(name))
    }

    /// What it selects, and whatever stands in that.
    #[must_use]
    pub fn with_all_below(&self) -> &Parsed {
        &self.with_all_below
    }

    /// What it selects, where a page is read byte by byte.
    #[must_use]
    pub fn in_bytes(&self) -> &Parsed {
        &self.in_bytes
    }

    /// And whatever stands in that.
    #[must_use]
    pub fn with_all_below_in_bytes(&self) -> &Parsed {
        &self.with_all_below_in_bytes
    }
}

impl TryFrom<String> for Selector {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let text = text.trim().to_owned();
        if text.contains(',') {
            return Err(format!("{text:?} has a comma; write a rule for each selector"));
        }
        let with_all_below = format!("{text}, {text} *");
        let parsed = |text: &str| text.parse().ok().filter(|_| !text.trim().is_empty());
        let all = (parsed(&with_all_below), parsed(&seen(&text)), parsed(&seen(&with_all_below)));
        match all {
            (Some(with_all_below), Some(in_bytes), Some(with_all_below_in_bytes)) => {
                Ok(Self { names: longest_name(&text), text, with_all_below, in_bytes, with_all_below_in_bytes })
            }
            _ => Err(format!("{text:?} is no selector that the gateway reads")),
        }
    }
}

/// The longest name of a class or an id that an element in a selected one's line has; none where more than plain names, kinds and
/// places is asked for.
fn longest_name(selector: &str) -> Option<String> {
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if !selector.chars().all(|c| is_of_name(c) || matches!(c, '.' | '#' | '>' | '+' | '~' | '*' | ' ')) {
        return None;
    }
    let begun =
        selector.split(['.', '#']).skip(1).map(|rest| rest.split(|c| !is_of_name(c)).next().unwrap_or_default());
    begun.max_by_key(|name| name.len()).map(str::to_owned)
}

/// A name as marks may say it.
///
/// # Errors
/// A sentence when it is empty, too long, or not plain.
pub fn label(name: &str) -> Result<String, String> {
    if name.is_empty() || name.len() > LONGEST_LABEL || shown(name) != name {
        return Err(format!(
            "{name:?} is no name for a pattern: a-z, 0-9, space, `-` and `_`, at most {LONGEST_LABEL}"
        ));
    }
    Ok(name.to_owned())
}

/// Of any name, what marks say.
pub(super) fn shown(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ' ');
    let shown: String = name.chars().filter(|c| plain(*c)).take(LONGEST_LABEL).collect();
    let shown = shown.trim();
    if shown.is_empty() { "value".to_owned() } else { shown.to_owned() }
}

#[cfg(test)]
mod tests;
