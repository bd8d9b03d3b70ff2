use super::field::Field;
use crate::redact::MARK;
use crate::redact::json::is_secret_literal;

/// A name that is longer is taken for a secret's.
const LONGEST_NAME: usize = 4 * 1024;

/// JSON in parts. It reads tokens and not documents, so lines of JSON and event streams pass through it too. Nothing is
/// held back: a secret's value is replaced when it begins, and left out while it goes on.
#[derive(Debug, Default)]
pub(super) struct JsonParts {
    at: At,
    /// The string that is being read, or was read last, with its quotes.
    literal: Vec<u8>,
    is_escaped: bool,
    field: Field,
    /// A stream of events, whose lines belong together up to an empty one.
    is_events: bool,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum At {
    #[default]
    Outside,
    InString,
    BehindString,
    /// Behind the colon of a secret's name.
    BeforeSecret,
    InSecret {
        depth: usize,
        in_string: bool,
    },
    /// Behind the beginning of a page's field: all up to the end of the string it stands in, or to the next empty line,
    /// which ends an event.
    InField(Within),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Within {
    String,
    /// Behind a quote that may be the string's end.
    BehindString,
    /// With so many ends of lines before.
    Lines(usize),
}

impl JsonParts {
    pub fn events() -> Self {
        Self { is_events: true, ..Self::default() }
    }

    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        for byte in bytes {
            self.take(*byte, out);
        }
    }

    fn take(&mut self, byte: u8, out: &mut Vec<u8>) {
        self.read(byte, out);
        if !matches!(self.at, At::InSecret { .. } | At::InField(_)) && self.field.begins_with(byte) {
            out.extend_from_slice(MARK.as_bytes());
            let within = if self.at == At::InString { Within::String } else { Within::Lines(0) };
            self.at = At::InField(within);
        }
    }

    fn in_field(&mut self, byte: u8, within: Within, out: &mut Vec<u8>) {
        let next = match (within, byte) {
            (Within::String | Within::BehindString, b'\n') if self.is_events => Within::Lines(1),
            (Within::String, _) if self.is_escaped => {
                self.is_escaped = false;
                Within::String
            }
            (Within::String, b'\\') => {
                self.is_escaped = true;
                Within::String
            }
            (Within::String, b'"') => Within::BehindString,
            // It was a string's end, and no attribute's.
            (Within::BehindString, b',' | b':' | b']' | b'}' | b'\n') => {
                out.push(b'"');
                return self.outside(byte, out);
            }
            (Within::BehindString, b' ' | b'\t') | (Within::String, _) => within,
            (Within::Lines(1), b'\n') => {
                out.extend_from_slice(b"\n\n");
                self.at = At::Outside;
                return;
            }
            (Within::Lines(ends), b'\n') => Within::Lines(ends + 1),
            (_, b'\r') => within,
            (Within::Lines(_) | Within::BehindString, _) => Within::Lines(0),
        };
        self.at = At::InField(next);
    }

    fn read(&mut self, byte: u8, out: &mut Vec<u8>) {
        match self.at {
            At::InField(within) => self.in_field(byte, within, out),
            At::Outside => self.outside(byte, out),
            At::InString => self.in_string(byte, out),
            At::BehindString => match byte {
                b':' => {
                    let name = String::from_utf8_lossy(&self.literal);
                    let secret = self.literal.len() > LONGEST_NAME || is_secret_literal(&name);
                    self.at = if secret { At::BeforeSecret } else { At::Outside };
                    out.push(byte);
                }
                _ if byte.is_ascii_whitespace() => out.push(byte),
                _ => self.outside(byte, out),
            },
            At::BeforeSecret => match byte {
                _ if byte.is_ascii_whitespace() => out.push(byte),
                b',' | b'}' | b']' => self.outside(byte, out),
                _ => {
                    out.extend_from_slice(format!("\"{MARK}\"").as_bytes());
                    self.at = At::InSecret { depth: 0, in_string: false };
                    self.in_secret(byte, 0, false, out);
                }
            },
            At::InSecret { depth, in_string } => self.in_secret(byte, depth, in_string, out),
        }
    }

    fn outside(&mut self, byte: u8, out: &mut Vec<u8>) {
        out.push(byte);
        self.at = At::Outside;
        if byte == b'"' {
            self.at = At::InString;
            self.is_escaped = false;
            self.literal.clear();
            self.literal.push(byte);
        }
    }

    fn in_string(&mut self, byte: u8, out: &mut Vec<u8>) {
        out.push(byte);
        if self.literal.len() <= LONGEST_NAME {
            self.literal.push(byte);
        }
        match byte {
            // No string goes over a line's end: whatever began here was none.
            b'\n' => self.at = At::Outside,
            _ if self.is_escaped => self.is_escaped = false,
            b'\\' => self.is_escaped = true,
            b'"' => self.at = At::BehindString,
            _ => {}
        }
    }

    fn in_secret(&mut self, byte: u8, depth: usize, in_string: bool, out: &mut Vec<u8>) {
        let (mut depth, mut in_string) = (depth, in_string);
        if in_string {
            match byte {
                _ if self.is_escaped => self.is_escaped = false,
                b'\\' => self.is_escaped = true,
                b'"' if depth == 0 => return self.at = At::Outside,
                b'"' => in_string = false,
                _ => {}
            }
        } else {
            match byte {
                b'"' => (in_string, self.is_escaped) = (true, false),
                b'{' | b'[' => depth += 1,
                b'}' | b']' if depth > 1 => depth -= 1,
                b'}' | b']' if depth == 1 => return self.at = At::Outside,
                b'}' | b']' | b',' if depth == 0 => return self.outside(byte, out),
                _ if depth == 0 && byte.is_ascii_whitespace() => return self.outside(byte, out),
                _ => {}
            }
        }
        self.at = At::InSecret { depth, in_string };
    }
}
