//! Takes secrets out of what is recorded, by structure: by the names of headers, form fields and JSON members, by the
//! kind of HTML input, and by the shape of a JWT. What is forwarded is never touched by this.

mod encoding;
mod html;
mod json;
mod streamed;
mod tokens;
mod xml;

pub use encoding::is_unclear;
#[cfg(test)]
pub(crate) use html::UNCLEAR;
pub use html::{DRAWING, FIELDS, Unclear, WITHIN_DRAWING, fields, holds_field, html, secrets, with_secrets_in};
pub use json::json;
pub use streamed::Streamed;
pub use xml::xml;

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use memchr::memmem::Finder;

use crate::multipart;
use tokens::Tokens;

/// What stands in a secret's place.
pub const MARK: &str = "[redacted]";

const BYTE_ORDER_MARK: &str = "\u{feff}";
const SECRET_HEADERS: [&str; 7] = [
    "authorization",
    "cookie",
    "proxy-authorization",
    "proxy-authenticate",
    "set-cookie",
    "www-authenticate",
    wire::ASSERTION_HEADER,
];
const SECRET_PARTS: [&str; 14] = [
    "token",
    "secret",
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "apikey",
    "credential",
    "privatekey",
    "csrf",
    "xsrf",
    "authorization",
    "viewstate",
    "wpnonce",
];
/// Names that are secrets' as they are, and not as parts of others.
const SECRET_NAMES: [&str; 6] = ["otp", "pin", "pwd", "pass", "sid", "sessionid"];

/// Whether a field of this name holds a secret. Case, `-`, `_` and `.` do not matter.
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    let mut plain = Vec::with_capacity(name.len());
    plain.extend(name.bytes().filter(u8::is_ascii_alphanumeric).map(|b| b.to_ascii_lowercase()));
    SECRET_NAMES.iter().any(|name| name.as_bytes() == plain) || holds_secret_part(&plain)
}

/// Asked for each name of a document.
fn holds_secret_part(plain: &[u8]) -> bool {
    static FINDER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| AhoCorasick::new(SECRET_PARTS).ok());
    FINDER.as_ref().is_none_or(|finder| finder.is_match(plain))
}

/// Headers as they are recorded.
#[must_use]
pub fn headers<'a>(headers: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<(String, String)> {
    headers
        .into_iter()
        .map(|(name, value)| {
            let secret = SECRET_HEADERS.contains(&name) || is_secret_name(name);
            let value = if secret {
                MARK.to_owned()
            } else if name == "location" || name == "referer" {
                target(value)
            } else {
                text(value)
            };
            (name.to_owned(), value)
        })
        .collect()
}

/// A path with its query, or an address, as it is recorded.
#[must_use]
pub fn target(target: &str) -> String {
    // Behind it an answer of a sign-in stands like a form, too.
    if let Some((address, fragment)) = target.split_once('#') {
        return format!("{}#{}", self::target(address), form(fragment));
    }
    match target.split_once('?') {
        Some((path, query)) => format!("{}?{}", text(path), form(query)),
        None => text(target),
    }
}

/// A query or a form's body as it is recorded.
#[must_use]
pub fn form(body: &str) -> String {
    // Some services separate fields at `;` too; the text keeps whatever separates them.
    body.split_inclusive(['&', ';'])
        .map(|field| {
            let plain = field.trim_end_matches(['&', ';']);
            match plain.split_once('=') {
                Some((name, value))
                    if !value.is_empty()
                        && is_secret_name(&percent_encoding::percent_decode_str(name).decode_utf8_lossy()) =>
                {
                    format!("{name}={MARK}{}", &field[plain.len()..])
                }
                _ => text(field),
            }
        })
        .collect()
}

/// Whether a text may be a form, whatever its type says.
fn is_form(text: &str) -> bool {
    text.contains('=') && !text.contains(|c: char| c.is_whitespace() || matches!(c, '<' | '{' | '"'))
}

/// What stands in a body, as its media type and its first characters say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Json,
    UrlEncoded,
    Html,
    /// A browser shows it as a page, too, when it holds one.
    Xml,
    Multipart,
    Text,
    Other,
}

impl Form {
    /// The form of a body of this media type.
    #[must_use]
    pub fn of(content_type: &str) -> Self {
        let essence = multipart::essence(content_type);
        match essence.as_str() {
            "application/json" => Self::Json,
            "application/x-www-form-urlencoded" => Self::UrlEncoded,
            "text/html" => Self::Html,
            // Pieces of pages: `text/vnd.turbo-stream.html`, `text/fragment+html`.
            e if e.ends_with(".html") || e.ends_with("+html") => Self::Html,
            e if e.ends_with("+json") || is_lines_of_json(e) => Self::Json,
            e if e.ends_with("+xml") || e.ends_with("/xml") || e == "text/xsl" => Self::Xml,
            e if is_untyped(e) => Self::Text,
            e if e.starts_with("text/") || e.contains("javascript") => Self::Text,
            e if e.starts_with("multipart/") => Self::Multipart,
            _ => Self::Other,
        }
    }
}

/// A whole body as it is recorded. Whatever its media type says, a text that begins like JSON is read as JSON. None
/// when readers could disagree about what stands in it: nothing of it is kept then but [`not_kept`].
#[must_use]
pub fn body(content_type: &str, bytes: &[u8]) -> Option<Vec<u8>> {
    let (form_of, essence) = (Form::of(content_type), multipart::essence(content_type));
    if form_of == Form::Multipart || looks_like_multipart(bytes) {
        return multipart(content_type, bytes);
    }
    let plain = match std::str::from_utf8(bytes) {
        Ok(plain) => std::borrow::Cow::Borrowed(plain),
        Err(_) if form_of == Form::Other => return Some(bytes.to_vec()),
        Err(_) => String::from_utf8_lossy(bytes),
    };
    let (mark, plain) =
        plain.strip_prefix(BYTE_ORDER_MARK).map_or(("", plain.as_ref()), |rest| (BYTE_ORDER_MARK, rest));
    if is_unclear(form_of, content_type, bytes) {
        return None;
    }
    let kept = match form_of {
        Form::UrlEncoded => form(plain),
        Form::Html => html(plain)?,
        Form::Xml => xml(plain)?,
        Form::Json => json(plain),
        _ if essence == "text/event-stream" => json(plain),
        _ if plain.trim_start().starts_with(['{', '[']) => json(plain),
        Form::Text if is_untyped(&essence) && plain.trim_start().starts_with("<?xml") => xml(plain)?,
        Form::Text if is_form(plain) => form(plain),
        // A piece of a page, or one that a browser takes for a page.
        Form::Text | Form::Other if !is_program(content_type) && holds_field(plain) => html(plain)?,
        Form::Text | Form::Other | Form::Multipart => plain.to_owned(),
    };
    Some([mark, &text(&kept)].concat().into_bytes())
}

/// Whether a browser looks at the bytes for what they are.
#[must_use]
pub fn is_untyped(essence: &str) -> bool {
    !essence.contains('/') || matches!(essence, "*/*" | "unknown/unknown" | "application/unknown")
}

/// Lines of JSON under each name that is used for them.
#[must_use]
pub fn is_lines_of_json(essence: &str) -> bool {
    essence.contains("ndjson") || essence.contains("jsonl") || essence.contains("json-seq")
}

/// Programs and styles build and name a page's fields, and hold none.
fn is_program(content_type: &str) -> bool {
    let essence = multipart::essence(content_type);
    essence.contains("javascript") || essence == "text/css"
}

/// A message of a WebSocket as it is recorded: its members are taken for JSON's wherever they stand in it.
#[must_use]
pub fn message(bytes: &[u8]) -> Vec<u8> {
    match std::str::from_utf8(bytes) {
        Ok(plain) => text(&json(plain)).into_bytes(),
        Err(_) if holds_field(&String::from_utf8_lossy(bytes)) => MARK.as_bytes().to_vec(),
        Err(_) => without_tokens(bytes),
    }
}

/// What is said of a body of which nothing is kept.
#[must_use]
pub fn not_kept(bytes: &[u8]) -> String {
    format!("{} bytes from byte 0 on are not kept, SHA-256 {}", bytes.len(), statement::sha256(bytes))
}

/// Whether it is written like a multipart body, whatever its media type says.
#[must_use]
pub fn looks_like_multipart(bytes: &[u8]) -> bool {
    const FIELD: &[u8] = b"content-disposition";
    bytes.starts_with(b"--") && bytes.windows(FIELD.len()).take(4096).any(|w| w.eq_ignore_ascii_case(FIELD))
}

/// A multipart body without the contents of parts whose name is a secret's; none when it is not clear which they are.
fn multipart(content_type: &str, body: &[u8]) -> Option<Vec<u8>> {
    let mut kept = Vec::with_capacity(body.len());
    let mut copied = 0;
    for part in multipart::parts(content_type, body).ok()? {
        kept.extend_from_slice(body.get(copied..part.content.start)?);
        let content = body.get(part.content.clone())?;
        copied = part.content.end;
        if part.name.as_deref().is_some_and(is_secret_name) {
            kept.extend_from_slice(MARK.as_bytes());
        } else {
            kept.extend(self::body(&part.content_type, content)?);
        }
    }
    kept.extend_from_slice(body.get(copied..)?);
    Some(kept)
}

/// A text without its JWT-shaped strings.
#[must_use]
pub fn text(text: &str) -> String {
    // Only whole ASCII words are replaced: it is as good UTF-8 as before.
    String::from_utf8(without_tokens(text.as_bytes()))
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

fn without_tokens(bytes: &[u8]) -> Vec<u8> {
    static FINDER: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(tokens::BEGIN));
    if FINDER.find(bytes).is_none() {
        return bytes.to_vec();
    }
    let (mut tokens, mut out) = (Tokens::default(), Vec::with_capacity(bytes.len()));
    tokens.push(bytes, &mut out);
    tokens.end(&mut out);
    out
}

/// How many values were taken out of what is kept: marks that did not stand there before.
#[must_use]
pub fn taken_out(given: &[u8], kept: &[u8]) -> usize {
    static FINDER: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(MARK));
    let marks = |bytes: &[u8]| FINDER.find_iter(bytes).count();
    marks(kept).saturating_sub(marks(given))
}

#[cfg(test)]
mod tests;
