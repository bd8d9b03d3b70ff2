//! Personal data is masked before it is stored: where the rules of a target say that it stands, and wherever its shape
//! shows it. What is forwarded is never touched. A mark is a pseudonym, not anonymous: whoever holds the gateway's
//! masking secret can try values.
//!
//! What it is not: it knows no language inside a value (XML in JSON, base64), no picture and no packed file; a target
//! with rules has those left out of its recordings, and the recording says so.

mod bytewise;
mod entities;
mod known;
mod originals;
mod pattern;
mod record;
mod rules;
mod secret;
mod streamed;
mod text;
mod whole;

pub(crate) use entities::decoded;

use std::sync::{Arc, LazyLock, PoisonError};

use memchr::memmem::Finder;
pub use originals::Originals;
pub use record::Record;
pub use rules::Rules;
pub use secret::{Marks, MaskingSecret};
pub use streamed::Masked;

use crate::multipart;
use rules::Name;

/// How every mark begins.
pub const BEGIN: &str = "[masked ";
/// What stands in the place of a part that could not be masked.
pub const LEFT_OUT: &str = "[left out: it cannot be masked]";

/// The rules of one target and the marks of one Session's Organization. Cheap to clone.
#[derive(Clone)]
pub struct Mask {
    rules: Arc<Rules>,
    marks: Arc<Marks>,
}

impl Mask {
    #[must_use]
    pub fn new(rules: Rules, marks: Arc<Marks>) -> Self {
        Self { rules: Arc::new(rules), marks }
    }

    /// A whole body that secrets were taken out of already; none when it cannot be masked. What is shared belongs to no
    /// Organization: of it, what is no text is kept.
    #[must_use]
    pub fn body(&self, content_type: &str, body: &[u8], shared: bool) -> Option<Vec<u8>> {
        if crate::redact::looks_like_multipart(body) || multipart::essence(content_type).starts_with("multipart/") {
            return self.multipart(content_type, body);
        }
        Masked::of_whole(self, content_type, body, shared).all(body)
    }

    fn multipart(&self, content_type: &str, body: &[u8]) -> Option<Vec<u8>> {
        let (mut kept, mut copied) = (Vec::with_capacity(body.len()), 0);
        for part in multipart::parts(content_type, body).ok()? {
            kept.extend(self.plain(body.get(copied..part.content.start)?));
            let content = body.get(part.content.clone())?;
            copied = part.content.end;
            match part.name.as_deref().and_then(|name| named(&self.rules.fields, name)) {
                Some(_) if content.is_empty() => {}
                Some(label) => kept.extend(self.named(label, &String::from_utf8_lossy(content)).into_bytes()),
                None => {
                    kept.extend(self.body(&part.content_type, content, false).unwrap_or_else(|| LEFT_OUT.into()));
                }
            }
        }
        kept.extend(self.plain(body.get(copied..)?));
        Some(kept)
    }

    /// A message of a WebSocket; none when it cannot be masked.
    #[must_use]
    pub fn message(&self, message: &[u8]) -> Option<Vec<u8>> {
        let begins = message.trim_ascii_start().first();
        let kind =
            if begins.is_some_and(|b| matches!(b, b'{' | b'[' | b'"' | b'0'..=b'9')) { "application/json" } else { "" };
        streamed::is_text(message).then(|| self.body(kind, message, false)).flatten()
    }

    /// What a frame says that belongs to no message: a ping's content, the reason of a close.
    #[must_use]
    pub fn control(&self, payload: &[u8]) -> Vec<u8> {
        self.plain(payload)
    }

    /// Headers that secrets were taken out of already.
    #[must_use]
    pub fn headers(&self, headers: Vec<(String, String)>) -> Vec<(String, String)> {
        let kept = headers.into_iter().map(|(name, value)| {
            let value = match named(&self.rules.headers, &name) {
                Some(label) if !value.is_empty() && value != crate::redact::MARK => self.named(label, &value),
                _ if name == "location" || name == "referer" => self.target(&value),
                _ => self.escaped(&value).unwrap_or(value),
            };
            (name, value)
        });
        kept.collect()
    }

    /// A path with its query, or an address.
    #[must_use]
    pub fn target(&self, target: &str) -> String {
        // A fragment is as good as a query to a page's script.
        let Some(at) = target.find(['?', '#']) else { return self.path(target) };
        let (path, sign, query) = (&target[..at], &target[at..=at], &target[at + 1..]);
        let (query, fragment) = query.split_once('#').map_or((query, None), |(query, rest)| (query, Some(rest)));
        let fragment = fragment.map(|rest| format!("#{}", self.fields(rest))).unwrap_or_default();
        format!("{}{sign}{}{fragment}", self.path(path), self.fields(query))
    }

    fn fields(&self, query: &str) -> String {
        let form = self.body("application/x-www-form-urlencoded", query.as_bytes(), false);
        form.map_or_else(|| LEFT_OUT.into(), |form| String::from_utf8_lossy(&form).into_owned())
    }

    /// Segment by segment, and then as a whole: a value may stand across a slash.
    fn path(&self, path: &str) -> String {
        let segments: Vec<String> =
            path.split('/').map(|segment| self.escaped(segment).unwrap_or_else(|| segment.to_owned())).collect();
        let path = segments.join("/");
        self.text(&path).unwrap_or(path)
    }

    /// What a page reports: by pattern, and by the values that rules named in what the gateway saw itself. None when
    /// there were more of those than can be remembered, or it cannot be read.
    #[must_use]
    pub fn page(&self, events: &[serde_json::Value]) -> Option<Vec<serde_json::Value>> {
        if self.known().is_full() {
            return None;
        }
        let written = serde_json::to_vec(events).ok()?;
        let mut out = Vec::with_capacity(written.len());
        let mut masked = Masked::of_page(self);
        masked.push(&written, &mut out);
        masked.end(&mut out);
        if masked.is_left_out() { None } else { serde_json::from_slice(&out).ok() }
    }

    /// What is said of bytes that are not kept. Their digest is under the Organization's key: a plain one could be tried.
    #[must_use]
    pub fn not_kept(&self, bytes: &[u8]) -> String {
        let digest = self.marks.digest(bytes);
        format!("{} bytes from byte 0 on are not kept, keyed digest {digest}", bytes.len())
    }

    /// The selectors, as the recorder in the page is told them.
    #[must_use]
    pub fn selectors(&self) -> String {
        self.rules.selectors.iter().map(rules::Selector::as_str).collect::<Vec<_>>().join(", ")
    }

    /// The mark of a value that a rule names, which is remembered for what the page reports.
    fn named(&self, label: &str, value: &str) -> String {
        let mark = self.mark(label, value);
        self.known().remember(value, &mark);
        mark
    }

    /// The mark of a value; what it stands for is kept where the target says so.
    fn mark(&self, label: &str, value: &str) -> String {
        if self.rules.originals {
            self.marks.originals.keep(&self.marks.shown(value), label, value);
        }
        self.marks.mark(label, value)
    }

    fn known(&self) -> std::sync::MutexGuard<'_, known::Known> {
        self.marks.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How many values were masked in what is kept: marks that did not stand there before.
#[must_use]
pub fn masked(given: &[u8], kept: &[u8]) -> usize {
    static FINDER: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(BEGIN));
    let marks = |bytes: &[u8]| FINDER.find_iter(bytes).count();
    marks(kept).saturating_sub(marks(given))
}

fn named<'a>(names: &'a [Name], name: &str) -> Option<&'a str> {
    names.iter().find(|n| n.is(name)).map(|n| n.label.as_str())
}

#[cfg(test)]
pub(crate) mod tests;
