use std::fmt::Write as _;

/// How an answer's body is delimited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// There is none, and none is announced (1xx, 204, 304).
    Absent,
    Known(u64),
    Chunked,
}

/// The head of an answer. Names and values come from a parser or from us; a line end in one is never written.
#[must_use]
pub fn answer_head(status: u16, headers: &[(String, Vec<u8>)], length: Length, keep_alive: bool) -> Vec<u8> {
    let reason = http::StatusCode::from_u16(status).ok().and_then(|s| s.canonical_reason()).unwrap_or("Answer");
    let mut line = format!("HTTP/1.1 {status} {reason}\r\n");
    match length {
        Length::Absent => {}
        Length::Known(length) => drop(write!(line, "content-length: {length}\r\n")),
        Length::Chunked => line.push_str("transfer-encoding: chunked\r\n"),
    }
    if !keep_alive {
        line.push_str("connection: close\r\n");
    }
    let mut out = line.into_bytes();
    for (name, value) in headers {
        if name.contains(['\r', '\n']) || value.iter().any(|b| matches!(b, b'\r' | b'\n' | 0)) {
            continue;
        }
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b": ");
        out.extend_from_slice(value);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"\r\n");
    out
}

/// One chunk of the chunked coding; the empty one is the last.
#[must_use]
pub fn chunk(bytes: &[u8]) -> Vec<u8> {
    let mut out = format!("{:x}\r\n", bytes.len()).into_bytes();
    out.extend_from_slice(bytes);
    out.extend_from_slice(b"\r\n");
    out
}
