//! A strict reader of HTTP/1.1 request heads (RFC 9112). It refuses what two readers could understand in two ways and
//! repairs nothing; whoever gets an error answers it and closes the connection.

mod error;

pub use error::HeadError;

/// No head is longer than this, in bytes.
pub const MAX_HEAD: usize = 64 * 1024;
const MAX_HEADERS: usize = 100;
const MAX_TARGET: usize = 8 * 1024;
const METHODS: [&str; 7] = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"];

/// How the request's body is delimited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// There is none.
    None,
    /// So many bytes.
    Length(u64),
    /// Chunked coding.
    Chunked,
}

/// A head in which nothing is ambiguous. Header names are in lower case, values are visible ASCII.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestHead {
    pub method: &'static str,
    /// In origin form; begins with `/`.
    pub target: String,
    /// In lower case, with the port when one was sent.
    pub host: String,
    pub headers: Vec<(String, String)>,
    pub framing: Framing,
    pub keep_alive: bool,
    /// The client waits for `100 Continue` before it sends the body.
    pub expects_continue: bool,
}

/// Where the head in `buffer` ends (behind its empty line), once it is whole.
///
/// # Errors
/// [`HeadError`] as soon as the bytes so far cannot become a head.
pub fn end_of_head(buffer: &[u8]) -> Result<Option<usize>, HeadError> {
    end_of_head_from(buffer, 0)
}

/// The same when the first `looked_at` bytes were looked at before: a head that comes byte by byte is looked at once.
///
/// # Errors
/// [`HeadError`] as soon as the bytes so far cannot become a head.
pub fn end_of_head_from(buffer: &[u8], looked_at: usize) -> Result<Option<usize>, HeadError> {
    let window = &buffer[..buffer.len().min(MAX_HEAD)];
    // The last byte that was there could not be compared with the next one yet.
    for (at, byte) in window.iter().enumerate().skip(looked_at.saturating_sub(1)) {
        match byte {
            b'\n' if at == 0 || window[at - 1] != b'\r' => return Err(HeadError::BareLineEnd),
            b'\n' if at >= 3 && window[at - 3..at] == *b"\r\n\r" => return Ok(Some(at + 1)),
            b'\r' if window.get(at + 1).is_some_and(|next| *next != b'\n') => return Err(HeadError::BareLineEnd),
            0 => return Err(HeadError::Value),
            _ => {}
        }
    }
    if buffer.len() >= MAX_HEAD { Err(HeadError::TooLarge) } else { Ok(None) }
}

impl RequestHead {
    /// Reads a whole head, its empty line included.
    ///
    /// # Errors
    /// [`HeadError`] naming the first thing that is not as it must be.
    pub fn read(head: &[u8]) -> Result<Self, HeadError> {
        let mut lines = head.strip_suffix(b"\r\n\r\n").ok_or(HeadError::BareLineEnd)?.split(|b| *b == b'\n');
        let first = lines.next().unwrap_or_default();
        let (method, target) = request_line(first.strip_suffix(b"\r").unwrap_or(first))?;
        let mut headers = Vec::new();
        for line in lines {
            if headers.len() == MAX_HEADERS {
                return Err(HeadError::TooMany);
            }
            headers.push(field(line.strip_suffix(b"\r").unwrap_or(line))?);
        }
        let framing = framing(&headers)?;
        if framing != Framing::None && framing != Framing::Length(0) && matches!(method, "GET" | "HEAD" | "OPTIONS") {
            return Err(HeadError::BodyOnRead);
        }
        let host = host(&headers)?;
        let expects_continue = match values(&headers, "expect").collect::<Vec<_>>()[..] {
            [] => false,
            [one] if one.eq_ignore_ascii_case("100-continue") => true,
            _ => return Err(HeadError::Expectation),
        };
        let keep_alive = !tokens(&headers, "connection").any(|t| t.eq_ignore_ascii_case("close"));
        Ok(Self { method, target, host, headers, framing, keep_alive, expects_continue })
    }

    /// The values of a header, by its name in lower case.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        values(&self.headers, name)
    }

    /// The one value of a header; none when it is absent or there are several.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(n, _)| n == name).map(|(_, v)| v.as_str());
        let first = found.next()?;
        if found.next().is_none() { Some(first) } else { None }
    }

    /// The comma-separated members of a header.
    pub fn tokens<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        tokens(&self.headers, name)
    }
}

fn values<'a>(headers: &'a [(String, String)], name: &'a str) -> impl Iterator<Item = &'a str> {
    headers.iter().filter(move |(n, _)| n == name).map(|(_, v)| v.as_str())
}

fn tokens<'a>(headers: &'a [(String, String)], name: &'a str) -> impl Iterator<Item = &'a str> {
    values(headers, name).flat_map(|v| v.split(',')).map(str::trim).filter(|t| !t.is_empty())
}

fn request_line(line: &[u8]) -> Result<(&'static str, String), HeadError> {
    let line = std::str::from_utf8(line).map_err(|_| HeadError::RequestLine)?;
    let parts: Vec<&str> = line.split(' ').collect();
    let [method, target, version] = parts[..] else { return Err(HeadError::RequestLine) };
    if version != "HTTP/1.1" {
        return Err(if version.starts_with("HTTP/") { HeadError::Version } else { HeadError::RequestLine });
    }
    if method.is_empty() || !method.bytes().all(is_token) {
        return Err(HeadError::RequestLine);
    }
    let method = METHODS.iter().find(|m| **m == method).ok_or(HeadError::Method)?;
    if target.len() > MAX_TARGET {
        return Err(HeadError::TargetTooLong);
    }
    if !target.starts_with('/') || !target.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(HeadError::TargetForm);
    }
    Ok((method, target.to_owned()))
}

fn field(line: &[u8]) -> Result<(String, String), HeadError> {
    if line.first().is_some_and(|b| matches!(b, b' ' | b'\t')) {
        return Err(HeadError::Folded);
    }
    let colon = line.iter().position(|b| *b == b':').ok_or(HeadError::Name)?;
    let (name, value) = (&line[..colon], &line[colon + 1..]);
    // An underscore and a hyphen are one character to some services (CGI): a header could pass here and arrive as another.
    if name.is_empty() || !name.iter().all(|b| is_token(*b) && *b != b'_') {
        return Err(HeadError::Name);
    }
    if !value.iter().all(|b| matches!(b, b'\t' | 0x20..=0x7e)) {
        return Err(HeadError::Value);
    }
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok((text(name).to_ascii_lowercase(), text(value).trim_matches([' ', '\t']).to_owned()))
}

fn framing(headers: &[(String, String)]) -> Result<Framing, HeadError> {
    let lengths: Vec<&str> = values(headers, "content-length").collect();
    let codings: Vec<&str> = values(headers, "transfer-encoding").collect();
    match (&lengths[..], &codings[..]) {
        ([], []) => Ok(Framing::None),
        ([_, ..], [_, ..]) => Err(HeadError::LengthAndCoding),
        ([one], []) => length(one).map(Framing::Length),
        ([], [one]) if one.eq_ignore_ascii_case("chunked") => Ok(Framing::Chunked),
        ([], _) => Err(HeadError::Coding),
        _ => Err(HeadError::Length),
    }
}

fn length(value: &str) -> Result<u64, HeadError> {
    let plain = (1..=15).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_digit());
    if !plain || (value.len() > 1 && value.starts_with('0')) {
        return Err(HeadError::Length);
    }
    value.parse().map_err(|_| HeadError::Length)
}

fn host(headers: &[(String, String)]) -> Result<String, HeadError> {
    let mut hosts = values(headers, "host");
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return Err(HeadError::Host) };
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'[' | b']');
    if host.is_empty() || host.len() > 255 || !host.bytes().all(allowed) {
        return Err(HeadError::Host);
    }
    Ok(host.to_ascii_lowercase())
}

const fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~'
        )
}

#[cfg(test)]
mod tests;
