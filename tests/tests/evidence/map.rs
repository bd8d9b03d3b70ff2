//! Which part of an Evidence file each of its bytes belongs to, read from the file that is right, and what a message that is
//! about this part begins with.

use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::value::RawValue;
use wire::event::Receipt;
use wire::evidence::Evidence;

/// Where a byte stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// As `made.leaf`, or within the content as `events[3].receipt.leaf`.
    pub path: String,
    pub in_content: bool,
    /// A quote, a bracket, a name, an escape: without it the text around it is no JSON any more.
    pub is_mark: bool,
}

pub struct Map {
    pub places: Vec<Place>,
    /// The index of each entry, by the path of its receipt.
    entries: BTreeMap<String, u64>,
}

impl Map {
    pub fn of(bytes: &[u8]) -> Self {
        let text = std::str::from_utf8(bytes).expect("text");
        let file: Evidence = serde_json::from_str(text).expect("a file");
        let (outer, inner) = (values(text), values(&file.content));
        let (content, _) = outer.iter().find(|(_, path)| path == "content").expect("the content");
        let mut places: Vec<Place> = (0..text.len()).map(|at| place(&outer, at, false)).collect();
        let mut read = 0;
        let mut at = content.start + 1;
        while at + 1 < content.end {
            let (length, decoded) = match (text.as_bytes()[at], text.as_bytes()[at + 1]) {
                (b'\\', b'u') => (6, 1),
                (b'\\', _) => (2, 1),
                _ => (1, 1),
            };
            for byte in &mut places[at..at + length] {
                let within = place(&inner, read, true);
                *byte = Place { is_mark: within.is_mark || length > 1, ..within };
            }
            (at, read) = (at + length, read + decoded);
        }
        assert_eq!(read, file.content.len(), "every byte of the content");
        Self { places, entries: entries(&file.content) }
    }

    /// Whether a message about this part tells of the byte at `at`, which is another in `changed`.
    pub fn tells(&self, part: &str, at: usize, changed: &[u8]) -> bool {
        let Place { path, in_content, is_mark } = &self.places[at];
        let of_file = if *in_content { "file, content".to_owned() } else { format!("file, {path}") };
        // Behind a text that ends too soon stands what no JSON can be read in.
        let unread = part == of_file || part == "file";
        if *is_mark {
            let near = if *in_content { format!("content, {path}") } else { of_file };
            let near = near.trim_end_matches(", ").to_owned();
            return unread || part.starts_with(&near) || self.names(at).iter().any(|name| name == part);
        }
        if !in_content && [changed[at], changed[at] ^ 1, changed[at - 1]].contains(&b'\\') {
            return unread || part.starts_with("file, made") || self.names(at).iter().any(|name| name == part);
        }
        if matches!(changed[at], b'"' | b'\\' | 0..0x20) {
            return unread;
        }
        if path.ends_with("receipt.index") {
            let digits = |byte: &u8| byte.is_ascii_digit();
            let start = at - changed[..at].iter().rev().take_while(|&b| digits(b)).count();
            let index: Vec<u8> = changed[start..].iter().copied().take_while(|b| digits(b)).collect();
            if part.ends_with(&format!("entry {}", String::from_utf8_lossy(&index))) {
                return true;
            }
        }
        let shape = if *in_content { format!("content, {path}") } else { format!("file, {path}") };
        part == shape || self.names(at).iter().any(|name| name == part)
    }

    fn names(&self, at: usize) -> Vec<String> {
        let place = &self.places[at];
        if place.in_content { self.named(&place.path) } else { named_outside(&place.path) }
    }

    /// What messages call this part of the content.
    pub fn named(&self, path: &str) -> Vec<String> {
        if let Some(rest) = path.strip_prefix("sessions[") {
            let (number, within) = rest.split_once(']').expect("a place in a list");
            let within = within.trim_start_matches('.');
            let number = number.parse::<usize>().expect("a number") + 1;
            let all = self.named_in(within, path);
            return all.into_iter().map(|name| format!("Session {number}, {name}")).collect();
        }
        self.named_in(path, path)
    }

    fn named_in(&self, path: &str, whole: &str) -> Vec<String> {
        let names: &[&str] = match path.split(['.', '[']).next().unwrap_or_default() {
            "organization" => &["organization"],
            "from" | "to" => &["period"],
            "session" => &["session"],
            "bundle_json" => &["bundle"],
            "tls_client" => &["TLS key"],
            "opened_at" if whole != path => &["time of the opening", "opening"],
            "opened_at" => &["time of the opening"],
            "provider_keys" | "more_keys" => &["provider keys"],
            "policy" => &["policy"],
            "extensions" => &["extensions"],
            "manifest" => &["manifest"],
            "reviews" => &["reviews"],
            "reviewer_tokens" => &["reviewers' PK tokens"],
            "reviewer_enrols" => &["enrolments"],
            "forgetting" => &["forgetting"],
            "policies" if !path.contains(".entry") && !path.contains(".enrolled") => &["policy"],
            _ if path.ends_with(".attestation") => &["code for an enrolment"],
            _ => &[],
        };
        let entry = whole.split_once(".receipt").map_or(whole, |(of, _)| of);
        let entry = entry.split_once(".personal").map_or(entry, |(of, _)| of);
        let entry = self.entries.get(entry).map(|index| format!("entry {index}"));
        names.iter().map(|&name| name.to_owned()).chain(entry).collect()
    }
}

/// And outside of it.
pub fn named_outside(path: &str) -> Vec<String> {
    let name = match path.split(['.', '[']).next().unwrap_or_default() {
        "made" => "receipt",
        "heads" => "heads",
        _ => "file, format",
    };
    vec![name.to_owned()]
}

/// The innermost value that this byte is of; outside of every one it is a mark of what is around it.
fn place(values: &[(Range<usize>, String)], at: usize, in_content: bool) -> Place {
    let innermost = values.iter().filter(|(range, _)| range.contains(&at)).min_by_key(|(range, _)| range.len());
    let Some((range, path)) = innermost else { return Place { path: String::new(), in_content, is_mark: true } };
    let is_leaf = !values.iter().any(|(other, _)| other.start > range.start && other.end < range.end);
    Place { path: path.clone(), in_content, is_mark: !is_leaf }
}

/// Every value in a JSON text with where it stands.
pub fn values(text: &str) -> Vec<(Range<usize>, String)> {
    let mut found = Vec::new();
    collect(text, text, String::new(), &mut found);
    found
}

fn collect(text: &str, value: &str, path: String, found: &mut Vec<(Range<usize>, String)>) {
    let start = value.as_ptr() as usize - text.as_ptr() as usize;
    if let Ok(members) = serde_json::from_str::<BTreeMap<String, &RawValue>>(value) {
        for (name, member) in members {
            let dot = if path.is_empty() { "" } else { "." };
            collect(text, member.get(), format!("{path}{dot}{name}"), found);
        }
    } else if let Ok(all) = serde_json::from_str::<Vec<&RawValue>>(value) {
        for (n, one) in all.into_iter().enumerate() {
            collect(text, one.get(), format!("{path}[{n}]"), found);
        }
    }
    found.push((start..start + value.len(), path));
}

fn entries(content: &str) -> BTreeMap<String, u64> {
    let found = values(content).into_iter().filter_map(|(range, path)| {
        let receipt: Receipt = serde_json::from_str(&content[range]).ok()?;
        Some((path.strip_suffix(".receipt")?.to_owned(), receipt.index))
    });
    found.collect()
}
