use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use url::Url;

use crate::SignInError;

/// No head that a browser sends here is longer.
const MAX_HEAD: usize = 16 * 1024;
/// Browsers open connections on which they send nothing; such a one is dropped after this time.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
const COOKIE: &str = "countersign-sign-in";

/// A listener on 127.0.0.1 at a port that the system chose, closed when this is dropped.
pub(super) struct Loopback {
    port: u16,
    asked: mpsc::Receiver<Asked>,
    accepting: tokio::task::JoinHandle<()>,
}

/// One `GET` of a browser, unanswered.
pub(super) struct Asked {
    pub(super) path: String,
    pub(super) query: Vec<(String, String)>,
    pub(super) cookie: Option<String>,
    stream: TcpStream,
}

impl Loopback {
    pub(super) async fn open() -> Result<Self, SignInError> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(|_| SignInError::NoPort)?;
        let port = listener.local_addr().map_err(|_| SignInError::NoPort)?.port();
        let (send, asked) = mpsc::channel(8);
        let accepting = tokio::spawn(accept(listener, port, send));
        Ok(Self { port, asked, accepting })
    }

    pub(super) fn address(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub(super) async fn next(&mut self) -> Result<Asked, SignInError> {
        self.asked.recv().await.ok_or(SignInError::NoPort)
    }
}

impl Drop for Loopback {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, port: u16, send: mpsc::Sender<Asked>) {
    while let Ok((stream, _)) = listener.accept().await {
        let send = send.clone();
        tokio::spawn(async move {
            if let Ok(Some(asked)) = tokio::time::timeout(HEAD_TIMEOUT, read(stream, port)).await {
                // When the sign-in is over nobody listens, and the connection closes unanswered.
                drop(send.send(asked).await);
            }
        });
    }
}

async fn read(mut stream: TcpStream, port: u16) -> Option<Asked> {
    let mut head = Vec::new();
    while !head.windows(4).any(|w| w == b"\r\n\r\n") {
        if head.len() > MAX_HEAD || stream.read_buf(&mut head).await.ok()? == 0 {
            return None;
        }
    }
    let head = String::from_utf8(head).ok()?;
    let mut lines = head.split("\r\n");
    let mut line = lines.next()?.split(' ');
    let (Some("GET"), Some(target), Some("HTTP/1.1"), None) = (line.next(), line.next(), line.next(), line.next())
    else {
        return None;
    };
    let headers: Vec<(&str, &str)> =
        lines.filter_map(|l| l.split_once(':')).map(|(n, v)| (n.trim(), v.trim())).collect();
    let value = |name: &str| headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| *v);
    // A page elsewhere that made its own name lead to 127.0.0.1 still says that name here.
    if value("host") != Some(&format!("127.0.0.1:{port}")) || !target.starts_with('/') {
        return None;
    }
    let cookie = value("cookie").and_then(|all| {
        all.split(';').filter_map(|c| c.trim().split_once('=')).find(|(n, _)| *n == COOKIE).map(|(_, v)| v.to_owned())
    });
    let url = Url::parse("http://127.0.0.1").ok()?.join(target).ok()?;
    let query = url.query_pairs().into_owned().collect();
    Some(Asked { path: url.path().to_owned(), query, cookie, stream })
}

impl Asked {
    /// The value of a parameter that stands exactly once.
    pub(super) fn one(&self, name: &str) -> Option<&str> {
        let mut values = self.query.iter().filter(|(n, _)| n == name).map(|(_, v)| v.as_str());
        let first = values.next()?;
        values.next().is_none().then_some(first)
    }

    pub(super) async fn answer(self, status: u16, html: &str) {
        self.write(status, html, String::new()).await;
    }

    /// The start page, which marks this browser as the one that may come back.
    pub(super) async fn answer_start(self, html: &str, browser: &str) {
        let cookie = format!("set-cookie: {COOKIE}={browser}; Path=/callback; Max-Age=300; HttpOnly; SameSite=Lax\r\n");
        self.write(200, html, cookie).await;
    }

    async fn write(mut self, status: u16, html: &str, cookie: String) {
        let reason = match status {
            200 => "OK",
            404 => "Not Found",
            _ => "Bad Request",
        };
        let answer = format!(
            "HTTP/1.1 {status} {reason}\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\n\
             cache-control: no-store\r\nreferrer-policy: no-referrer\r\nx-content-type-options: nosniff\r\n\
             x-frame-options: DENY\r\ncontent-security-policy: default-src 'none'; style-src 'unsafe-inline'; \
             frame-ancestors 'none'; base-uri 'none'; form-action 'none'\r\n{cookie}connection: close\r\n\r\n{html}",
            html.len()
        );
        // A browser that left does not change what happened.
        drop(self.stream.write_all(answer.as_bytes()).await);
        drop(self.stream.shutdown().await);
    }
}
