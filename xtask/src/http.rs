//! A small HTTP client for pages and drivers on loopback: one request a connection, cookies by name.

use std::{
    collections::BTreeMap,
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use anyhow::{Context as _, bail};

/// What came back.
pub struct Answer {
    pub status: u16,
    pub location: Option<String>,
    pub body: String,
}

/// Somebody's cookies.
#[derive(Default)]
pub struct Client {
    cookies: BTreeMap<String, String>,
}

impl Client {
    /// Asks once; redirects are the caller's.
    pub fn ask(&mut self, method: &str, address: &str, kind: &str, body: &str) -> anyhow::Result<Answer> {
        let (host, path) = split(address)?;
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut head = format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\naccept: */*\r\n");
        if !cookies.is_empty() {
            head += &format!("cookie: {}\r\n", cookies.join("; "));
        }
        if method != "GET" {
            head += &format!("content-type: {kind}\r\ncontent-length: {}\r\n", body.len());
        }
        let mut stream = TcpStream::connect(host).with_context(|| format!("{host} does not answer"))?;
        stream.set_read_timeout(Some(Duration::from_secs(120)))?;
        stream.write_all(format!("{head}\r\n{body}").as_bytes())?;
        let (mut answer, mut part) = (Vec::new(), [0; 16 * 1024]);
        while !is_whole(&answer) {
            match stream.read(&mut part)? {
                0 => break,
                count => answer.extend_from_slice(&part[..count]),
            }
        }
        self.read(&answer)
    }

    fn read(&mut self, answer: &[u8]) -> anyhow::Result<Answer> {
        let end =
            answer.windows(4).position(|window| window == b"\r\n\r\n").context("an answer without an end of head")?;
        let head = String::from_utf8_lossy(&answer[..end]).into_owned();
        let mut body = answer[end + 4..].to_vec();
        let mut lines = head.lines();
        let status =
            lines.next().and_then(|line| line.split(' ').nth(1)).context("an answer without a status")?.parse()?;
        let mut location = None;
        for (name, value) in lines.filter_map(|line| line.split_once(':')) {
            match name.to_ascii_lowercase().as_str() {
                "location" => location = Some(value.trim().to_owned()),
                "set-cookie" => self.keep(value.trim()),
                "transfer-encoding" if value.trim() == "chunked" => body = joined(&body)?,
                _ => {}
            }
        }
        Ok(Answer { status, location, body: String::from_utf8_lossy(&body).into_owned() })
    }

    fn keep(&mut self, cookie: &str) {
        let pair = cookie.split(';').next().unwrap_or_default();
        if let Some((name, value)) = pair.split_once('=') {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }
}

/// The host with its port, and the path with its query.
pub fn split(address: &str) -> anyhow::Result<(&str, &str)> {
    let Some(rest) = address.strip_prefix("http://") else { bail!("{address} is not plain HTTP") };
    let rest = rest.split('#').next().unwrap_or(rest);
    Ok(rest.find('/').map_or((rest, "/"), |slash| rest.split_at(slash)))
}

/// Some servers keep the connection although they were asked not to.
fn is_whole(answer: &[u8]) -> bool {
    let Some(end) = answer.windows(4).position(|window| window == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    length.and_then(|length| length.trim().parse::<usize>().ok()).is_some_and(|length| answer.len() >= end + 4 + length)
}

fn joined(mut chunks: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = chunks.windows(2).position(|window| window == b"\r\n").context("a chunk without a size")?;
        let size = usize::from_str_radix(std::str::from_utf8(&chunks[..end])?.trim(), 16)?;
        let chunk = chunks.get(end + 2..end + 2 + size).context("a chunk that is cut off")?;
        if size == 0 {
            return Ok(body);
        }
        body.extend_from_slice(chunk);
        chunks = chunks.get(end + 4 + size..).context("a chunk without an end")?;
    }
}

#[cfg(test)]
mod tests {
    use super::{Client, split};

    #[test]
    fn an_answer_is_read() {
        let mut client = Client::default();
        let answer = b"HTTP/1.1 303 See Other\r\nLocation: /x\r\nSet-Cookie: a=b; Path=/\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
        let answer = client.read(answer).expect("an answer");
        assert_eq!((answer.status, answer.location.as_deref(), answer.body.as_str()), (303, Some("/x"), "abcde"));
        assert_eq!(client.cookies["a"], "b");
        assert!(client.read(b"HTTP/1.1 200 OK\r\n").is_err());
    }

    #[test]
    fn an_address_is_split() {
        assert_eq!(split("http://127.0.0.1:1/a?b#c").expect("an address"), ("127.0.0.1:1", "/a?b"));
        assert_eq!(split("http://127.0.0.1:1").expect("an address"), ("127.0.0.1:1", "/"));
        assert!(split("https://127.0.0.1/").is_err());
    }
}
