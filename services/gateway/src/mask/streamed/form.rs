use percent_encoding::percent_decode;

use super::{LONGEST, TooLong};
use crate::mask::{Mask, named};
use crate::redact::MARK;

/// A form's fields or a query's, one after the other.
pub(super) struct FormParts {
    mask: Mask,
    field: Vec<u8>,
}

impl FormParts {
    pub fn new(mask: &Mask) -> Self {
        Self { mask: mask.clone(), field: Vec::new() }
    }

    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), TooLong> {
        for part in bytes.split_inclusive(|b| matches!(b, b'&' | b';')) {
            self.field.extend_from_slice(part);
            if self.field.len() > LONGEST {
                return Err(TooLong);
            }
            if part.ends_with(b"&") || part.ends_with(b";") {
                let separator = self.field.pop();
                self.end(out)?;
                out.extend(separator);
            }
        }
        Ok(())
    }

    pub fn end(&mut self, out: &mut Vec<u8>) -> Result<(), TooLong> {
        let field = std::mem::take(&mut self.field);
        let (name, value) = match field.iter().position(|b| *b == b'=') {
            Some(at) => (&field[..at], Some(&field[at + 1..])),
            None => (&field[..], None),
        };
        let plain_name = decoded(name);
        self.put(name, &plain_name, out);
        if let Some(value) = value {
            out.push(b'=');
            let plain = decoded(value);
            match named(&self.mask.rules.fields, &plain_name) {
                Some(label) if !plain.is_empty() && plain != MARK => {
                    out.extend(self.mask.named(label, &plain).into_bytes())
                }
                _ => self.put(value, &plain, out),
            }
        }
        Ok(())
    }

    pub fn held(&self) -> usize {
        self.field.len()
    }

    /// As it came, unless a value shows in it.
    fn put(&self, raw: &[u8], plain: &str, out: &mut Vec<u8>) {
        match self.mask.escaped(plain) {
            Some(masked) => out.extend(masked.into_bytes()),
            // A value may stand across what a form's reader would decode.
            None => out.extend(self.mask.plain(raw)),
        }
    }
}

fn decoded(text: &[u8]) -> String {
    let spaced: Vec<u8> = text.iter().map(|b| if *b == b'+' { b' ' } else { *b }).collect();
    percent_decode(&spaced).decode_utf8_lossy().into_owned()
}
