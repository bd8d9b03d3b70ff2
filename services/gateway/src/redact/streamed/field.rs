use serde_json::from_str;

const FIELDS: [&str; 2] = ["<input", "<meta"];

/// Finds where the tag of a page's field begins in a text; in one of JSON its characters may be escaped.
#[derive(Debug, Default)]
pub(super) struct Field {
    /// What of such a tag has come, in lower case.
    begun: String,
    /// An escape that has not come to its end.
    escape: String,
    is_plain: bool,
}

impl Field {
    /// For a text without escapes.
    pub fn plain() -> Self {
        Self { is_plain: true, ..Self::default() }
    }

    /// Whether a field's tag has begun, with the byte behind its name.
    pub fn begins_with(&mut self, byte: u8) -> bool {
        if self.is_plain || (self.escape.is_empty() && byte != b'\\') {
            return self.take(char::from(byte));
        }
        self.escape.push(char::from(byte));
        let is_whole = match self.escape.as_bytes() {
            [_] => false,
            [_, b'u', ..] => self.escape.len() == "\\u0000".len(),
            _ => true,
        };
        if !is_whole {
            return false;
        }
        let character = from_str::<String>(&format!("\"{}\"", std::mem::take(&mut self.escape)));
        self.take(character.ok().and_then(|text| text.chars().next()).unwrap_or('\\'))
    }

    fn take(&mut self, character: char) -> bool {
        if FIELDS.contains(&self.begun.as_str()) && (character.is_ascii_whitespace() || matches!(character, '/' | '>'))
        {
            self.begun.clear();
            return true;
        }
        if character == '<' {
            self.begun.clear();
        } else if self.begun.is_empty() {
            return false;
        }
        self.begun.push(character.to_ascii_lowercase());
        if !FIELDS.iter().any(|field| field.starts_with(&self.begun)) {
            self.begun.clear();
        }
        false
    }
}
