//! JSON, token by token. It reads one document behind another, so lines of JSON pass too. From where the structure is
//! broken, paths cannot be followed: a member is then masked whenever its name could be the last one of a path, and
//! patterns are looked for in everything else.

mod places;

use super::json_strings::{quoted, unescaped};
use super::{LONGEST, TooLong};
use crate::mask::Mask;
use crate::mask::rules::path::by_name;
use crate::redact::MARK;
use places::{Places, Role};

/// Documents in strings of documents are read this deep.
const DEEPEST: usize = 3;

/// Most tokens are no longer, in bytes.
const TOKEN: usize = 48;

pub(super) struct JsonParts {
    mask: Mask,
    places: Places,
    /// What is being read: a string with its first quote, or anything else that is no sign of the structure.
    token: Vec<u8>,
    is_escaped: bool,
    broken: Option<Broken>,
    is_page: bool,
    depth: usize,
}

/// What is known of a document whose structure is not.
#[derive(Default)]
struct Broken {
    /// The string before.
    name: String,
    /// The path whose name stands before the next value.
    pending: Option<usize>,
    /// Inside a value of that path, so deep.
    inside: Option<(usize, usize)>,
}

impl JsonParts {
    pub fn new(mask: &Mask) -> Self {
        Self::at(mask, 0, false)
    }

    /// What a page reports: its numbers are places and times.
    pub fn of_page(mask: &Mask) -> Self {
        Self::at(mask, 0, true)
    }

    fn at(mask: &Mask, depth: usize, is_page: bool) -> Self {
        let places = Places::new(mask.rules.clone());
        Self { mask: mask.clone(), places, token: Vec::new(), is_escaped: false, broken: None, is_page, depth }
    }

    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), TooLong> {
        bytes.iter().for_each(|byte| self.take(*byte, out));
        if self.token.len() > LONGEST { Err(TooLong) } else { Ok(()) }
    }

    pub fn end(&mut self, out: &mut Vec<u8>) {
        if self.token.starts_with(b"\"") {
            self.string(out)
        } else {
            self.run(out)
        }
        self.places = Places::new(self.mask.rules.clone());
        self.broken = None;
    }

    pub fn held(&self) -> usize {
        self.token.len()
    }

    fn take(&mut self, byte: u8, out: &mut Vec<u8>) {
        if self.token.first() == Some(&b'"') {
            return self.in_string(byte, out);
        }
        if self.token.is_empty() {
            return self.outside(byte, out);
        }
        let ends = match byte {
            b'"' | b'{' | b'}' | b'[' | b']' | b',' | b':' | b'\n' => true,
            _ => self.broken.is_none() && byte.is_ascii_whitespace(),
        };
        if ends && self.broken.is_none() && !is_literal(&self.token) && self.token != super::BYTE_ORDER_MARK {
            self.breaks();
            // What was taken for a word may be the beginning of more.
            if byte.is_ascii_whitespace() && byte != b'\n' {
                return self.token.push(byte);
            }
        }
        if ends {
            self.run(out);
            self.outside(byte, out);
        } else {
            self.token.push(byte);
        }
    }

    fn in_string(&mut self, byte: u8, out: &mut Vec<u8>) {
        self.token.push(byte);
        match byte {
            // No string goes over a line's end: whatever began here was none.
            b'\n' => {
                self.breaks();
                self.run(out);
            }
            _ if self.is_escaped => self.is_escaped = false,
            b'\\' => self.is_escaped = true,
            b'"' => self.string(out),
            _ => {}
        }
    }

    fn outside(&mut self, byte: u8, out: &mut Vec<u8>) {
        match byte {
            b'"' => {
                self.token.push(byte);
                self.is_escaped = false;
                return;
            }
            b'{' | b'[' => self.opens(byte),
            b'}' | b']' => self.closes(byte),
            b',' | b':' => self.separates(byte),
            _ if byte.is_ascii_whitespace() => {}
            _ => return self.token.push(byte),
        }
        out.push(byte);
    }

    fn opens(&mut self, byte: u8) {
        if self.broken.is_none() && !self.places.open(byte == b'{') {
            self.breaks();
        }
        if let Some(broken) = &mut self.broken {
            broken.inside = match (broken.inside, broken.pending.take()) {
                (Some((path, deep)), _) => Some((path, deep + 1)),
                (None, Some(path)) => Some((path, 1)),
                (None, None) => None,
            };
        }
    }

    fn closes(&mut self, byte: u8) {
        if self.broken.is_none() && !self.places.close(byte == b'}') {
            self.breaks();
        }
        if let Some(broken) = &mut self.broken {
            broken.pending = None;
            broken.inside = broken.inside.filter(|(_, deep)| *deep > 1).map(|(path, deep)| (path, deep - 1));
        }
    }

    fn separates(&mut self, byte: u8) {
        if self.broken.is_none() && !(if byte == b',' { self.places.comma() } else { self.places.colon() }) {
            self.breaks();
        }
        if let Some(broken) = &mut self.broken {
            let name = std::mem::take(&mut broken.name);
            broken.pending = if byte == b':' { by_name(&self.mask.rules.json, &name) } else { None };
        }
    }

    /// From here on the structure is not known.
    fn breaks(&mut self) {
        if self.broken.is_none() {
            let (pending, inside) = self.places.selected();
            self.broken = Some(Broken { name: String::new(), pending, inside });
        }
    }

    fn string(&mut self, out: &mut Vec<u8>) {
        let token = std::mem::replace(&mut self.token, Vec::with_capacity(TOKEN));
        let said = unescaped(&token);
        if self.broken.is_none() {
            match self.places.string(&said) {
                Some(Role::Name) => return out.extend(self.text(&said).map_or(token, |masked| quoted(&masked))),
                Some(Role::Value(path)) => return out.extend(self.value(path, token, &said)),
                None => self.breaks(),
            }
        }
        let path = self.broken.as_mut().and_then(|broken| {
            let path = broken.inside.map(|(path, _)| path).or(broken.pending.take());
            broken.name.clone_from(&said);
            path
        });
        out.extend(self.value(path, token, &said));
    }

    /// A number, a word, or whatever else stands there.
    fn run(&mut self, out: &mut Vec<u8>) {
        let token = std::mem::replace(&mut self.token, Vec::with_capacity(TOKEN));
        if token.is_empty() {
            return;
        }
        if token == super::BYTE_ORDER_MARK {
            return out.extend(token);
        }
        let path = match &mut self.broken {
            Some(broken) => broken.inside.map(|(path, _)| path).or(broken.pending.take()),
            None => match self.places.scalar() {
                Some(path) => path,
                None => {
                    self.breaks();
                    None
                }
            },
        };
        let said = String::from_utf8_lossy(&token).into_owned();
        match path.and_then(|path| self.mask.rules.json.get(path)) {
            Some(path) if said.trim() != "null" => out.extend(quoted(&self.mask.named(&path.label, said.trim()))),
            _ if self.is_page && is_literal(&token) => out.extend(token),
            // What is no literal is no part of a document either: it stays without quotes.
            _ if !is_literal(&token) => out.extend(self.mask.plain(&token)),
            _ => out.extend(self.text(&said).map_or(token, |masked| quoted(&masked))),
        }
    }

    fn value(&self, path: Option<usize>, token: Vec<u8>, said: &str) -> Vec<u8> {
        match path.and_then(|path| self.mask.rules.json.get(path)) {
            Some(path) if !said.is_empty() && said != MARK => quoted(&self.mask.named(&path.label, said)),
            Some(_) => token,
            None => self.document(said).or_else(|| self.text(said)).map_or(token, |masked| quoted(&masked)),
        }
    }

    /// A string that is a document itself.
    fn document(&self, said: &str) -> Option<String> {
        if self.depth == DEEPEST || !said.trim_start().starts_with(['{', '[']) {
            return None;
        }
        let (mut inner, mut out) = (Self::at(&self.mask, self.depth + 1, self.is_page), Vec::with_capacity(said.len()));
        inner.push(said.as_bytes(), &mut out).ok()?;
        inner.end(&mut out);
        let masked = String::from_utf8_lossy(&out).into_owned();
        (masked != said).then_some(masked)
    }

    fn text(&self, said: &str) -> Option<String> {
        let known = if self.is_page { self.mask.known().masked(said) } else { None };
        let masked = self.mask.escaped(known.as_deref().unwrap_or(said));
        masked.or(known)
    }
}

/// A number, or one of the three words.
fn is_literal(token: &[u8]) -> bool {
    matches!(token, b"null" | b"true" | b"false") || serde_json::from_slice::<serde_json::Number>(token).is_ok()
}
