use crate::redact::{MARK, is_secret_name};

/// A name that is longer is taken for a secret's.
const LONGEST_NAME: usize = 4 * 1024;

/// A form's fields in parts. Nothing is held back.
#[derive(Debug, Default)]
pub(super) struct FormParts {
    at: At,
    name: Vec<u8>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum At {
    #[default]
    Name,
    Value,
    /// Behind the `=` of a secret's name.
    BeforeSecret,
    InSecret,
}

impl FormParts {
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        for byte in bytes {
            self.take(*byte, out);
        }
    }

    fn take(&mut self, byte: u8, out: &mut Vec<u8>) {
        match (self.at, byte) {
            (_, b'&' | b';') => {
                out.push(byte);
                self.at = At::Name;
                self.name.clear();
            }
            (At::Name, b'=') => {
                out.push(byte);
                let name = percent_encoding::percent_decode(&self.name).decode_utf8_lossy();
                let secret = self.name.len() > LONGEST_NAME || is_secret_name(&name);
                self.at = if secret { At::BeforeSecret } else { At::Value };
            }
            (At::Name, _) => {
                out.push(byte);
                if self.name.len() <= LONGEST_NAME {
                    self.name.push(byte);
                }
            }
            (At::Value, _) => out.push(byte),
            (At::BeforeSecret, _) => {
                out.extend_from_slice(MARK.as_bytes());
                self.at = At::InSecret;
            }
            (At::InSecret, _) => {}
        }
    }
}
