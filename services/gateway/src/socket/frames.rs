use bytes::{Buf as _, Bytes, BytesMut};

/// No frame's payload is longer than this, in bytes.
const MAX_PAYLOAD: u64 = 1024 * 1024;

/// One frame as it came, and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Frame {
    raw: Bytes,
    /// Unmasked.
    payload: Bytes,
    opcode: u8,
    fin: bool,
    /// It belongs to a text message.
    text: bool,
}

/// A message, put together from its frames, or a frame that is none (ping, pong, close).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The bytes that are forwarded: its frames as they came.
    pub raw: Bytes,
    /// What its frames say, one after the other.
    pub payload: Bytes,
    pub text: bool,
    pub is_control: bool,
}

/// The frame is not one that is carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a broken frame")]
pub struct FrameError;

/// Reads one direction of a WebSocket, message by message.
#[derive(Debug)]
pub struct MessageReader {
    frames: FrameReader,
    /// Frames and content of a message whose end has not come.
    raw: BytesMut,
    payload: BytesMut,
}

impl MessageReader {
    /// Frames of persons are masked, those of services are not.
    #[must_use]
    pub fn new(masked: bool) -> Self {
        Self { frames: FrameReader::new(masked), raw: BytesMut::new(), payload: BytesMut::new() }
    }

    /// The next whole message in `buffer`. A frame that stands between the parts of a message comes before it.
    ///
    /// # Errors
    /// [`FrameError`], also when the parts together are longer than one frame may be.
    pub fn read(&mut self, buffer: &mut BytesMut) -> Result<Option<Message>, FrameError> {
        while let Some(Frame { raw, payload, opcode, fin, text }) = self.frames.read(buffer)? {
            if opcode >= 8 {
                return Ok(Some(Message { raw, payload, text: false, is_control: true }));
            }
            self.raw.extend_from_slice(&raw);
            self.payload.extend_from_slice(&payload);
            // Many empty parts are a long message too.
            if self.payload.len() as u64 > MAX_PAYLOAD || self.raw.len() as u64 > 2 * MAX_PAYLOAD {
                return Err(FrameError);
            }
            if fin {
                let (raw, payload) = (self.raw.split().freeze(), self.payload.split().freeze());
                return Ok(Some(Message { raw, payload, text, is_control: false }));
            }
        }
        Ok(None)
    }
}

/// Reads one direction of a WebSocket, frame by frame.
#[derive(Debug)]
struct FrameReader {
    masked: bool,
    /// A message is open: whether it is text.
    open: Option<bool>,
}

impl FrameReader {
    const fn new(masked: bool) -> Self {
        Self { masked, open: None }
    }

    /// The next whole frame in `buffer`.
    fn read(&mut self, buffer: &mut BytesMut) -> Result<Option<Frame>, FrameError> {
        let [first, second, ..] = buffer[..] else { return Ok(None) };
        let (fin, opcode) = (first & 0x80 != 0, first & 0x0f);
        let control = opcode >= 8;
        let known = matches!(opcode, 0 | 1 | 2 | 8 | 9 | 10);
        let fits = if opcode == 0 { self.open.is_some() } else { control || self.open.is_none() };
        if first & 0x70 != 0 || !known || !fits || (second & 0x80 != 0) != self.masked {
            return Err(FrameError);
        }
        let Some((length, mut head)) = length(buffer)? else { return Ok(None) };
        if length > MAX_PAYLOAD || (control && (length > 125 || !fin)) {
            return Err(FrameError);
        }
        let mask_at = head;
        if self.masked {
            head += 4;
        }
        let whole = head + usize::try_from(length).map_err(|_| FrameError)?;
        if buffer.len() < whole {
            return Ok(None);
        }
        let raw = buffer.split_to(whole).freeze();
        let payload = if self.masked { unmask(&raw[mask_at..head], &raw[head..]) } else { raw.slice(head..) };
        let text = match opcode {
            0 => self.open == Some(true),
            _ => opcode == 1,
        };
        if !control {
            self.open = if fin { None } else { Some(text) };
        }
        Ok(Some(Frame { raw, payload, opcode, fin, text }))
    }
}

/// The payload's length and where it or its mask begins. Only the shortest spelling is one.
fn length(buffer: &[u8]) -> Result<Option<(u64, usize)>, FrameError> {
    match (buffer[1] & 0x7f, buffer.len()) {
        (126, ..4) | (127, ..10) => Ok(None),
        (126, _) => match (&buffer[2..4]).get_u16() {
            ..126 => Err(FrameError),
            length => Ok(Some((u64::from(length), 4))),
        },
        (127, _) => match (&buffer[2..10]).get_u64() {
            ..0x1_0000 => Err(FrameError),
            length => Ok(Some((length, 10))),
        },
        (length, _) => Ok(Some((u64::from(length), 2))),
    }
}

fn unmask(mask: &[u8], payload: &[u8]) -> Bytes {
    payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect()
}

/// A close frame from the service's side.
#[must_use]
pub fn close_frame(code: u16, reason: &str) -> Vec<u8> {
    let reason = &reason.as_bytes()[..reason.len().min(120)];
    let length = u8::try_from(reason.len() + 2).unwrap_or(2);
    [&[0x88, length], code.to_be_bytes().as_slice(), reason].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(masked: bool, bytes: &[u8]) -> Result<Vec<(Vec<u8>, bool)>, FrameError> {
        let (mut reader, mut buffer, mut out) = (FrameReader::new(masked), BytesMut::new(), Vec::new());
        for byte in bytes {
            buffer.extend_from_slice(&[*byte]);
            while let Some(frame) = reader.read(&mut buffer)? {
                out.push((frame.payload.to_vec(), frame.text));
            }
        }
        Ok(out)
    }

    #[test]
    fn messages_are_read_whole_and_in_parts() {
        assert_eq!(frames(false, b"\x81\x02hi"), Ok(vec![(b"hi".to_vec(), true)]));
        assert_eq!(frames(true, b"\x81\x82\x01\x02\x03\x04ik"), Ok(vec![(b"hi".to_vec(), true)]));
        assert_eq!(
            frames(false, b"\x01\x01h\x89\x00\x80\x01i"),
            Ok(vec![(b"h".to_vec(), true), (vec![], false), (b"i".to_vec(), true)])
        );
        let long = [b"\x82\x7e\x01\x00".as_slice(), &[7; 256]].concat();
        assert_eq!(frames(false, &long), Ok(vec![(vec![7; 256], false)]));
    }

    fn messages(bytes: &[u8]) -> Result<Vec<Message>, FrameError> {
        let (mut reader, mut buffer, mut out) = (MessageReader::new(false), BytesMut::from(bytes), Vec::new());
        while let Some(message) = reader.read(&mut buffer)? {
            out.push(message);
        }
        Ok(out)
    }

    #[test]
    fn g_14_a_message_in_parts_is_put_together() {
        let parts = b"\x01\x02{\"\x89\x00\x00\x01a\x80\x04\":1}\x82\x01b";
        let all = messages(parts).unwrap();
        let said: Vec<_> = all.iter().map(|m| (&m.payload[..], m.text, m.is_control)).collect();
        assert_eq!(said, [(&b""[..], false, true), (b"{\"a\":1}", true, false), (b"b", false, false)]);
        assert_eq!(all[1].raw, b"\x01\x02{\"\x00\x01a\x80\x04\":1}"[..]);
        let half = [b"\x7f\x00\x00\x00\x00\x00\x09\x00\x00".as_slice(), &[7; 0x9_0000]].concat();
        assert_eq!(messages(&[b"\x02", &half[..], b"\x80", &half[..]].concat()), Err(FrameError));
        let empty = b"\x00\x00".repeat(1024 * 1024 + 1);
        assert_eq!(messages(&[b"\x01\x00", &empty[..]].concat()), Err(FrameError));
    }

    #[test]
    fn g_21_frames_that_are_not_carried() {
        for bad in [
            &b"\xc1\x02hi"[..],                          // a compressed message
            b"\x83\x00",                                 // an unknown opcode
            b"\x80\x00",                                 // a continuation of nothing
            b"\x01\x00\x01\x00",                         // a message inside a message
            b"\x09\x00",                                 // a ping in parts
            b"\x89\x7e\x00\x7e",                         // a long ping
            b"\x82\x7f\x80\x00\x00\x00\x00\x00\x00\x00", // 2^63 bytes
            b"\x82\x7f\x00\x00\x00\x00\x00\x10\x00\x01", // more than is carried
            b"\x82\x7e\x00\x05",                         // not the shortest spelling
            b"\x81\x82\x00\x00\x00\x00hi",               // masked by a service
        ] {
            assert_eq!(frames(false, bad), Err(FrameError), "{bad:?}");
        }
        assert_eq!(frames(true, b"\x81\x02hi"), Err(FrameError));
    }
}
