//! Reads a request's body out of the bytes of a connection, by its framing. Chunk extensions and trailers are refused:
//! nothing here needs them, and readers differ over them.

use bytes::{Bytes, BytesMut};

use crate::head::Framing;

/// What the bytes so far give.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// More bytes must arrive first.
    More,
    /// A part of the body.
    Part(Bytes),
    /// The body is complete; what is left in the buffer belongs to the next request.
    End,
}

/// The chunked coding is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the chunked coding is broken")]
pub struct BodyError;

/// Where in a body the reader stands.
#[derive(Debug)]
pub struct BodyReader(State);

#[derive(Debug)]
enum State {
    Length(u64),
    Size,
    Chunk(u64),
    ChunkEnd,
    LastEnd,
    Done,
}

impl BodyReader {
    /// A reader for one request's body.
    #[must_use]
    pub const fn new(framing: Framing) -> Self {
        Self(match framing {
            Framing::None => State::Done,
            Framing::Length(length) => State::Length(length),
            Framing::Chunked => State::Size,
        })
    }

    /// Takes what it can out of `buffer`.
    ///
    /// # Errors
    /// [`BodyError`]; the connection is to be closed.
    pub fn read(&mut self, buffer: &mut BytesMut) -> Result<Step, BodyError> {
        loop {
            match &mut self.0 {
                State::Done | State::Length(0) => return Ok(Step::End),
                State::Length(left) | State::Chunk(left) if *left > 0 => {
                    if buffer.is_empty() {
                        return Ok(Step::More);
                    }
                    let take = usize::try_from(*left).unwrap_or(usize::MAX).min(buffer.len());
                    *left -= take as u64;
                    return Ok(Step::Part(buffer.split_to(take).freeze()));
                }
                State::Length(_) | State::Chunk(_) => self.0 = State::ChunkEnd,
                State::Size => match chunk_size(buffer)? {
                    None => return Ok(Step::More),
                    Some(0) => self.0 = State::LastEnd,
                    Some(size) => self.0 = State::Chunk(size),
                },
                State::ChunkEnd => {
                    if !line_end(buffer)? {
                        return Ok(Step::More);
                    }
                    self.0 = State::Size;
                }
                State::LastEnd => {
                    if !line_end(buffer)? {
                        return Ok(Step::More);
                    }
                    self.0 = State::Done;
                }
            }
        }
    }
}

fn chunk_size(buffer: &mut BytesMut) -> Result<Option<u64>, BodyError> {
    let Some(end) = buffer.iter().take(11).position(|b| *b == b'\n') else {
        return if buffer.len() > 10 { Err(BodyError) } else { Ok(None) };
    };
    let line = buffer.split_to(end + 1);
    let digits = line.strip_suffix(b"\r\n").ok_or(BodyError)?;
    if digits.is_empty() || digits.len() > 8 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return Err(BodyError);
    }
    let digits = std::str::from_utf8(digits).map_err(|_| BodyError)?;
    u64::from_str_radix(digits, 16).map(Some).map_err(|_| BodyError)
}

fn line_end(buffer: &mut BytesMut) -> Result<bool, BodyError> {
    match buffer.len() {
        0 => Ok(false),
        1 if buffer[0] == b'\r' => Ok(false),
        1 => Err(BodyError),
        _ if buffer[..2] == *b"\r\n" => {
            let _ = buffer.split_to(2);
            Ok(true)
        }
        _ => Err(BodyError),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(framing: Framing, bytes: &[u8], step: usize) -> Result<(Vec<u8>, usize), BodyError> {
        let (mut reader, mut buffer, mut body) = (BodyReader::new(framing), BytesMut::new(), Vec::new());
        let mut feed = bytes.chunks(step);
        loop {
            match reader.read(&mut buffer)? {
                Step::Part(part) => body.extend_from_slice(&part),
                Step::End => return Ok((body, buffer.len() + feed.map(<[u8]>::len).sum::<usize>())),
                Step::More => buffer.extend_from_slice(feed.next().expect("the body ends before the bytes do")),
            }
        }
    }

    #[test]
    fn bodies_end_where_their_framing_says() {
        for step in [1, 2, 3, 64] {
            assert_eq!(all(Framing::Length(5), b"helloGET /", step), Ok((b"hello".to_vec(), 5)));
            assert_eq!(
                all(Framing::Chunked, b"5\r\nhello\r\n1\r\n!\r\n0\r\n\r\nGET", step),
                Ok((b"hello!".to_vec(), 3))
            );
        }
        assert_eq!(all(Framing::None, b"GET", 1), Ok((vec![], 3)));
    }

    #[test]
    fn broken_chunks_are_refused() {
        for bad in [
            "5;a=b\r\nhello\r\n0\r\n\r\n",
            "5\nhello\r\n0\r\n\r\n",
            "0x5\r\nhello",
            "+5\r\nhello",
            "\r\n",
            "fffffffff\r\n",
            "5\r\nhelloX\r\n",
            "0\r\nTrailer: x\r\n\r\n",
            " 5\r\nhello",
            "5 \r\nhello",
        ] {
            assert_eq!(all(Framing::Chunked, bad.as_bytes(), 64), Err(BodyError), "{bad:?}");
        }
    }
}
