use super::json::JsonParts;
use super::{LONGEST, TooLong};
use crate::mask::Mask;

/// An event stream, event by event: the lines of its data are one text, as a page reads them.
pub(super) struct EventParts {
    mask: Mask,
    event: Vec<u8>,
    /// Where the line that is being read begins.
    line: usize,
}

impl EventParts {
    pub fn new(mask: &Mask) -> Self {
        Self { mask: mask.clone(), event: Vec::new(), line: 0 }
    }

    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), TooLong> {
        for part in bytes.split_inclusive(|b| *b == b'\n') {
            self.event.extend_from_slice(part);
            if self.event.len() > LONGEST {
                return Err(TooLong);
            }
            if part.ends_with(b"\n") {
                let is_empty = self.event[self.line..].trim_ascii().is_empty();
                self.line = self.event.len();
                if is_empty {
                    self.end(out)?;
                }
            }
        }
        Ok(())
    }

    pub fn end(&mut self, out: &mut Vec<u8>) -> Result<(), TooLong> {
        let event = std::mem::take(&mut self.event);
        self.line = 0;
        out.extend(self.masked_data(&event)?.unwrap_or_else(|| self.by_lines(&event)));
        Ok(())
    }

    pub fn held(&self) -> usize {
        self.event.len()
    }

    /// An event whose data is JSON.
    fn masked_data(&self, event: &[u8]) -> Result<Option<Vec<u8>>, TooLong> {
        let lines: Vec<&[u8]> = event.split_inclusive(|b| matches!(b, b'\n' | b'\r')).collect();
        let data: Vec<&[u8]> = lines.iter().filter_map(|line| data_of(line)).collect();
        let text = data.join(&b'\n');
        if !matches!(text.trim_ascii_start().first(), Some(b'{' | b'[')) {
            return Ok(None);
        }
        let (mut json, mut masked) = (JsonParts::new(&self.mask), Vec::with_capacity(text.len()));
        json.push(&text, &mut masked)?;
        json.end(&mut masked);
        if masked == text {
            return Ok(None);
        }
        let mut out = Vec::with_capacity(event.len());
        let mut masked = masked.split(|b| *b == b'\n');
        for line in lines {
            match data_of(line) {
                Some(_) => {
                    out.extend_from_slice(b"data: ");
                    out.extend_from_slice(masked.next().unwrap_or_default());
                    out.extend_from_slice(&line[line.trim_ascii_end().len()..]);
                }
                None => out.extend(self.mask.plain(line)),
            }
        }
        for rest in masked {
            out.extend_from_slice(rest);
        }
        Ok(Some(out))
    }

    fn by_lines(&self, event: &[u8]) -> Vec<u8> {
        event.split_inclusive(|b| *b == b'\n').flat_map(|line| self.mask.plain(line)).collect()
    }
}

/// What a line adds to an event's data.
fn data_of(line: &[u8]) -> Option<&[u8]> {
    let line = line.strip_prefix(super::BYTE_ORDER_MARK).unwrap_or(line);
    Some(line.strip_prefix(b"data:")?.trim_ascii())
}
