use super::MARK;

/// How every JWT begins: `{"` in base64url.
pub const BEGIN: &str = "eyJ";

/// A run that is longer than this without having shown whether it is a JWT is taken for one.
const LONGEST: usize = 64 * 1024;

/// Takes JWT-shaped strings out of a text that comes in parts, cut anywhere.
#[derive(Debug, Default)]
pub struct Tokens {
    /// What may be the beginning of one, held back.
    run: Vec<u8>,
    /// One was found, and the rest of it is left out.
    is_inside: bool,
    /// The last byte could belong to a token: none begins behind it.
    is_behind_one: bool,
}

impl Tokens {
    /// Takes more of the text; what is decided of it goes to `out`.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        for byte in bytes {
            self.take(*byte, out);
        }
    }

    /// Nothing more comes.
    pub fn end(&mut self, out: &mut Vec<u8>) {
        out.append(&mut self.run);
        *self = Self::default();
    }

    /// So many bytes are held back.
    #[must_use]
    pub fn held(&self) -> usize {
        self.run.len()
    }

    fn take(&mut self, byte: u8, out: &mut Vec<u8>) {
        let belongs = is_token_byte(byte) || byte == b'.';
        if self.is_inside {
            if belongs {
                return;
            }
            self.is_inside = false;
            self.is_behind_one = false;
        }
        if !self.run.is_empty() {
            if self.goes_on_with(byte) {
                return self.held_on(byte, out);
            }
            // It is none: its first bytes are let go, and the next one is looked at as any other.
            self.is_behind_one = self.run.last().copied().is_some_and(is_token_byte);
            out.append(&mut self.run);
        }
        if byte == b'e' && !self.is_behind_one {
            self.run.push(byte);
        } else {
            out.push(byte);
        }
        self.is_behind_one = is_token_byte(byte);
    }

    fn goes_on_with(&self, byte: u8) -> bool {
        match self.run.len() {
            1 => byte == b'y',
            2 => byte == b'J',
            _ => is_token_byte(byte) || byte == b'.',
        }
    }

    fn held_on(&mut self, byte: u8, out: &mut Vec<u8>) {
        self.run.push(byte);
        let mut parts = self.run.split(|b| *b == b'.').map(<[u8]>::len);
        let (header, claims) = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
        let is_one = byte == b'.' && parts.next().is_some() && header >= 12 && claims >= 4;
        if is_one || self.run.len() > LONGEST {
            out.extend_from_slice(MARK.as_bytes());
            self.run.clear();
            self.is_inside = true;
        } else if byte == b'.' && header < 12 {
            self.is_behind_one = false;
            out.append(&mut self.run);
        }
    }
}

const fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}
