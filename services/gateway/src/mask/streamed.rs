//! A body on its way through the mask, in parts that are cut anywhere. What cannot be decided yet is held back; what
//! cannot be masked is left out from there on.

mod events;
mod form;
mod html;
mod json;
mod json_strings;
mod lines;

use memchr::memmem;

use super::Mask;
use crate::multipart;
use crate::redact::{Form, is_lines_of_json, is_untyped};
use events::EventParts;
use form::FormParts;
use html::HtmlParts;
use json::JsonParts;
use lines::Lines;

/// A piece that has to be there as a whole (a name, a value, an event, a text of a page) is no longer, in bytes.
const LONGEST: usize = 4 * 1024 * 1024;
/// Encodings of text in which ASCII stands for itself.
const CHARSETS: [&str; 5] = ["utf-8", "utf8", "us-ascii", "iso-8859-1", "windows-1252"];
/// Whatever its type says, with elements of this name in it a browser shows a page.
const XHTML: &[u8] = b"1999/xhtml";
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A piece that cannot be masked.
#[derive(Debug, Clone, Copy)]
struct TooLong;

/// A body on its way.
pub struct Masked {
    structure: Structure,
    mask: Mask,
}

enum Structure {
    /// It shows with its first character what it is; the form that its type claims.
    Unseen(Form, Vec<u8>),
    Text(Lines),
    Json(Box<JsonParts>),
    Form(FormParts),
    Html(Box<HtmlParts>),
    Events(EventParts),
    /// It belongs to no Organization and is no text.
    Kept,
    LeftOut,
}

impl Masked {
    /// A body that comes in parts.
    #[must_use]
    pub fn of(mask: &Mask, content_type: &str, shared: bool) -> Self {
        let form = Form::of(content_type);
        let essence = multipart::essence(content_type);
        let structure = match form {
            Form::Other if shared => Structure::Kept,
            Form::Other | Form::Multipart if !is_lines_of_json(&essence) => Structure::LeftOut,
            _ if !is_plain(content_type) => Structure::LeftOut,
            _ if essence == "text/event-stream" => Structure::Events(EventParts::new(mask)),
            Form::Html => Structure::Html(Box::new(HtmlParts::new(mask))),
            // What selectors find in it is not known here.
            Form::Xml if essence.contains("xhtml") => Structure::LeftOut,
            // A browser looks whether it is a page.
            Form::Text if is_untyped(&essence) => Structure::Unseen(Form::Html, Vec::new()),
            _ if is_lines_of_json(&essence) => Structure::Unseen(Form::Json, Vec::new()),
            form => Structure::Unseen(form, Vec::new()),
        };
        Self { structure, mask: mask.clone() }
    }

    /// A body that is there as a whole: what is no text by its type may be one all the same.
    #[must_use]
    pub fn of_whole(mask: &Mask, content_type: &str, body: &[u8], shared: bool) -> Self {
        if Form::of(content_type) == Form::Other && is_text(body) && is_plain(content_type) {
            return Self { structure: Structure::Unseen(Form::Text, Vec::new()), mask: mask.clone() };
        }
        let is_page_of_xml = Form::of(content_type) == Form::Xml && memmem::find(body, XHTML).is_some();
        let of = Self::of(mask, content_type, shared);
        if is_page_of_xml { Self { structure: Structure::LeftOut, ..of } } else { of }
    }

    /// A page that is there as a whole and ends outside of any tag, and in which no pattern finds a value.
    #[must_use]
    pub fn of_selected(mask: &Mask) -> Self {
        Self { structure: Structure::Html(Box::new(HtmlParts::of_selected(mask))), mask: mask.clone() }
    }

    /// What a page reports.
    #[must_use]
    pub fn of_page(mask: &Mask) -> Self {
        Self { structure: Structure::Json(Box::new(JsonParts::of_page(mask))), mask: mask.clone() }
    }

    /// The whole of it at once; none when it is left out.
    #[must_use]
    pub fn all(mut self, body: &[u8]) -> Option<Vec<u8>> {
        let mut out = Vec::with_capacity(body.len());
        self.push(body, &mut out);
        self.end(&mut out);
        (!self.is_left_out()).then_some(out)
    }

    /// Takes more of the body; what is decided of it goes to `out`.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        if matches!(self.structure, Structure::Kept) {
            return out.extend_from_slice(bytes);
        }
        // No text holds one, whatever its type says: it is packed, or in an encoding that patterns do not read.
        if bytes.contains(&0) {
            self.structure = Structure::LeftOut;
        }
        let pushed = match &mut self.structure {
            Structure::Unseen(form, begun) => {
                begun.extend_from_slice(bytes);
                if let Some(structure) = kind_of(&self.mask, *form, begun) {
                    let begun = std::mem::take(begun);
                    self.structure = structure;
                    self.push(&begun, out);
                }
                return;
            }
            Structure::Text(lines) => {
                lines.push(bytes, out);
                Ok(())
            }
            Structure::Json(json) => json.push(bytes, out),
            Structure::Form(form) => form.push(bytes, out),
            Structure::Html(page) => page.push(bytes, out),
            Structure::Events(events) => events.push(bytes, out),
            Structure::Kept | Structure::LeftOut => Ok(()),
        };
        if pushed.is_err() {
            self.structure = Structure::LeftOut;
        }
    }

    /// Nothing more comes.
    pub fn end(&mut self, out: &mut Vec<u8>) {
        let ended = match &mut self.structure {
            Structure::Unseen(_, begun) => {
                out.append(begun);
                Ok(())
            }
            Structure::Text(lines) => {
                lines.end(out);
                Ok(())
            }
            Structure::Json(json) => {
                json.end(out);
                Ok(())
            }
            Structure::Form(form) => form.end(out),
            Structure::Html(page) => page.end(out),
            Structure::Events(events) => events.end(out),
            Structure::Kept | Structure::LeftOut => Ok(()),
        };
        if ended.is_err() {
            self.structure = Structure::LeftOut;
        }
    }

    /// So many bytes that were taken are not decided.
    #[must_use]
    pub fn held(&self) -> usize {
        match &self.structure {
            Structure::Unseen(_, begun) => begun.len(),
            Structure::Text(lines) => lines.held(),
            Structure::Json(json) => json.held(),
            Structure::Form(form) => form.held(),
            Structure::Html(page) => page.held(),
            Structure::Events(events) => events.held(),
            Structure::Kept | Structure::LeftOut => 0,
        }
    }

    /// Whether a part of the body is left out.
    #[must_use]
    pub fn is_left_out(&self) -> bool {
        matches!(self.structure, Structure::LeftOut)
    }
}

/// What a body is whose first character is there.
fn kind_of(mask: &Mask, form: Form, begun: &[u8]) -> Option<Structure> {
    let text = begun.strip_prefix(BYTE_ORDER_MARK).unwrap_or(begun);
    if begun.len() < LONGEST && (text.trim_ascii_start().is_empty() || BYTE_ORDER_MARK.starts_with(begun)) {
        return None;
    }
    let is_json = form == Form::Json || matches!(text.trim_ascii_start().first(), Some(b'{' | b'['));
    Some(match form {
        _ if is_json => Structure::Json(Box::new(JsonParts::new(mask))),
        Form::UrlEncoded => Structure::Form(FormParts::new(mask)),
        Form::Html if text.trim_ascii_start().starts_with(b"<") => Structure::Html(Box::new(HtmlParts::new(mask))),
        _ => Structure::Text(Lines::new(mask)),
    })
}

/// Whether patterns can read the encoding.
pub(super) fn is_plain(content_type: &str) -> bool {
    let Ok(parameters) = multipart::parameters(content_type) else { return false };
    let mut charsets = parameters.iter().filter(|(key, _)| key.starts_with("charset"));
    charsets.all(|(key, charset)| key == "charset" && CHARSETS.iter().any(|c| c.eq_ignore_ascii_case(charset)))
}

/// Whether the bytes are a text, and nothing that is packed.
#[must_use]
pub fn is_text(bytes: &[u8]) -> bool {
    let text = std::str::from_utf8(bytes);
    text.is_ok_and(|t| !t.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{c}')))
}

#[cfg(test)]
mod tests;
