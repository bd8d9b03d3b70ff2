use std::time::Duration;

use reqwest::Response;
use wire::broker::Push;

use crate::CallError;
use crate::http::Base;

/// A stream that says nothing for this long, not even a comment, is taken for dead.
const SILENCE: Duration = Duration::from_secs(60);
/// No push is longer.
const MAX_LINE: usize = 64 * 1024;

/// Server-sent events of the broker, one connection.
pub struct Pushes {
    base: Base,
    answer: Response,
    buffer: Vec<u8>,
}

impl Pushes {
    pub(crate) fn new(base: Base, answer: Response) -> Self {
        Self { base, answer, buffer: Vec::new() }
    }

    /// The next push; an error when the connection is over.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn next(&mut self) -> Result<Push, CallError> {
        loop {
            while let Some(line) = self.take_line() {
                if let Some(push) = data(&line) {
                    return Ok(push);
                }
            }
            if self.buffer.len() > MAX_LINE {
                return Err(self.base.unexpected("a push that is too long".into()));
            }
            let chunk =
                tokio::time::timeout(SILENCE, self.answer.chunk()).await.map_err(|_| self.over("it fell silent"))?;
            match chunk.map_err(|e| self.base.unreachable(&e))? {
                Some(bytes) => self.buffer.extend_from_slice(&bytes),
                None => return Err(self.over("the stream ended")),
            }
        }
    }

    fn take_line(&mut self) -> Option<Vec<u8>> {
        let end = self.buffer.iter().position(|b| *b == b'\n')?;
        let mut line: Vec<u8> = self.buffer.drain(..=end).collect();
        line.pop();
        Some(line)
    }

    fn over(&self, why: &'static str) -> CallError {
        CallError::Unreachable { service: self.base.address.clone(), why }
    }
}

/// A push is one JSON object on one `data:` line; comments, names and kinds that a later broker knows are passed over.
fn data(line: &[u8]) -> Option<Push> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    serde_json::from_slice(line.strip_prefix(b"data:")?.trim_ascii()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_data_lines_are_pushes() {
        assert_eq!(data(b"data: {\"kind\":\"hello\"}\r"), Some(Push::Hello));
        assert_eq!(data(b"data:{\"kind\":\"enrolment\"}"), Some(Push::Enrolment));
        for other in [b"".as_slice(), b": keep-alive", b"event: x", b"data: {}", b"data: {\"kind\":\"later\"}"] {
            assert_eq!(data(other), None);
        }
    }
}
