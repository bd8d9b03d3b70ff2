//! The same for bodies that come in parts, cut anywhere: between any two bytes of a name, a value, a tag or a token.
//! What cannot be decided yet is held back; what has no structure to go by is not kept at all, and this is said.

mod field;
mod form;
mod html;
mod json;

use aws_lc_rs::digest::{Context, SHA256};
use statement::base64url;

use super::encoding::{names_another, switches};
use super::tokens::Tokens;
use super::{Form, MARK, is_program};
use field::Field;
use form::FormParts;
pub use html::HtmlParts;
use json::JsonParts;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A body on its way into the record.
pub struct Streamed {
    structure: Structure,
    tokens: Tokens,
    /// Bytes that came.
    came: u64,
}

enum Structure {
    /// It shows with its first character whether it is JSON, or a page.
    Unseen {
        may_be_page: bool,
    },
    /// A text; where it is no program, with the beginning of a field that is looked for in it.
    Plain(Option<Field>),
    Json(JsonParts),
    Form(FormParts),
    Html(Box<HtmlParts>),
    /// From this byte on only digest and size are kept.
    NotKept {
        from: u64,
        digest: Context,
    },
}

impl Streamed {
    /// A body of this media type.
    #[must_use]
    pub fn of(content_type: &str) -> Self {
        let essence = content_type.trim_start().to_ascii_lowercase();
        let structure = match Form::of(content_type) {
            _ if essence.starts_with("text/event-stream") => Structure::Json(JsonParts::events()),
            Form::Multipart | Form::Xml => not_kept(0),
            form if names_another(content_type) && form != Form::Other => not_kept(0),
            Form::Json => Structure::Json(JsonParts::default()),
            Form::UrlEncoded => Structure::Form(FormParts::default()),
            Form::Html => Structure::Html(Box::default()),
            Form::Text => Structure::Unseen { may_be_page: !is_program(content_type) },
            Form::Other => Structure::Unseen { may_be_page: false },
        };
        Self { structure, tokens: Tokens::default(), came: 0 }
    }

    /// Takes more of the body and gives what of the record is decided.
    #[must_use]
    pub fn push(&mut self, bytes: &[u8]) -> Vec<u8> {
        let (mut shaped, mut out) = (Vec::with_capacity(bytes.len()), Vec::with_capacity(bytes.len()));
        self.came += bytes.len() as u64;
        self.shape(bytes, &mut shaped);
        self.tokens.push(&shaped, &mut out);
        out
    }

    /// Nothing more comes: the rest of the record.
    #[must_use]
    pub fn end(&mut self) -> Vec<u8> {
        let (mut shaped, mut out) = (Vec::new(), Vec::new());
        if let Structure::Html(page) = &mut self.structure
            && page.end(&mut shaped).is_err()
        {
            let held = page.take_held();
            self.give_up(&held, &mut shaped);
        }
        self.tokens.push(&shaped, &mut out);
        self.tokens.end(&mut out);
        out
    }

    /// So many bytes that came are not decided: they are not in the record, and are not released.
    #[must_use]
    pub fn held(&self) -> usize {
        let in_structure = if let Structure::Html(page) = &self.structure { page.held() } else { 0 };
        self.tokens.held() + in_structure
    }

    /// What is to be said of a part that is not kept, once it has ended.
    #[must_use]
    pub fn not_kept(&self) -> Option<String> {
        let Structure::NotKept { from, digest } = &self.structure else { return None };
        let digest = base64url(digest.clone().finish().as_ref());
        Some(format!("{} bytes from byte {from} on are not kept, SHA-256 {digest}", self.came - from))
    }

    /// Whether a part of the body is not kept.
    #[must_use]
    pub fn is_given_up(&self) -> bool {
        matches!(self.structure, Structure::NotKept { .. })
    }

    fn shape(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        if let (&Structure::Unseen { may_be_page }, Some(first)) =
            (&self.structure, bytes.iter().find(|b| !b.is_ascii_whitespace() && !BYTE_ORDER_MARK.contains(b)))
        {
            self.structure = match first {
                b'{' | b'[' => Structure::Json(JsonParts::default()),
                b'<' if may_be_page => Structure::Html(Box::default()),
                _ => Structure::Plain(may_be_page.then(Field::plain)),
            };
        }
        match &mut self.structure {
            Structure::Unseen { .. } | Structure::Plain(None) => out.extend_from_slice(bytes),
            Structure::Plain(Some(field)) => match bytes.iter().position(|byte| field.begins_with(*byte)) {
                Some(at) => {
                    let (kept, rest) = bytes.split_at(at);
                    out.extend_from_slice(kept);
                    self.give_up(rest, out);
                }
                None => out.extend_from_slice(bytes),
            },
            Structure::Json(json) => json.push(bytes, out),
            Structure::Form(form) => form.push(bytes, out),
            Structure::Html(page) => {
                if switches(bytes) || page.push(bytes, out).is_err() {
                    let held = page.take_held();
                    self.give_up(&held, out);
                }
            }
            Structure::NotKept { digest, .. } => digest.update(bytes),
        }
    }

    fn give_up(&mut self, held: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(MARK.as_bytes());
        self.structure = not_kept(self.came.saturating_sub(held.len() as u64));
        if let Structure::NotKept { digest, .. } = &mut self.structure {
            digest.update(held);
        }
    }
}

fn not_kept(from: u64) -> Structure {
    Structure::NotKept { from, digest: Context::new(&SHA256) }
}

#[cfg(test)]
mod tests;
