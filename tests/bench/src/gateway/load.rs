//! Many callers on connections that are kept, each asking the next thing when the last was answered or when it is due.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::HOST;

/// What one caller asks for, over and over.
#[derive(Clone, Copy)]
pub struct Document {
    pub name: &'static str,
    pub path: &'static str,
    /// What a web engine says it is for: pages get the recorder.
    pub dest: &'static str,
}

pub const JSON: Document = Document { name: "json-1k", path: "/o/kinloch-hotels/payslips", dest: "empty" };
pub const HTML: Document = Document { name: "html-100k", path: "/o/kinloch-hotels/page", dest: "document" };
pub const PEOPLE: Document = Document { name: "people-100k", path: "/o/kinloch-hotels/people", dest: "document" };

/// One kept connection.
pub struct Connection {
    stream: TlsStream<TcpStream>,
    buffer: Vec<u8>,
}

impl Connection {
    pub async fn open(tls: &TlsConnector, address: std::net::SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let stream = tls.connect(ServerName::IpAddress(address.ip().into()), stream).await?;
        Ok(Self { stream, buffer: Vec::with_capacity(128 * 1024) })
    }

    /// Asks once and reads the answer to its end.
    pub async fn ask(&mut self, what: Document) -> anyhow::Result<()> {
        let Document { path, dest, .. } = what;
        let head = format!("GET {path} HTTP/1.1\r\nHost: {HOST}\r\nAccept: */*\r\nSec-Fetch-Dest: {dest}\r\n\r\n");
        self.stream.write_all(head.as_bytes()).await?;
        self.buffer.clear();
        let end = loop {
            anyhow::ensure!(self.stream.read_buf(&mut self.buffer).await? > 0, "closed before an answer");
            if let Some(end) = self.buffer.windows(4).position(|w| w == b"\r\n\r\n") {
                break end + 4;
            }
        };
        let head = std::str::from_utf8(&self.buffer[..end])?.to_ascii_lowercase();
        anyhow::ensure!(head.starts_with("http/1.1 200"), "answered {}", String::from_utf8_lossy(&self.buffer));
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let whole = end + length.context("an answer of no length")?.trim().parse::<usize>()?;
        while self.buffer.len() < whole {
            anyhow::ensure!(self.stream.read_buf(&mut self.buffer).await? > 0, "closed within an answer");
        }
        Ok(())
    }
}

/// So many requests, spread over these connections as each is free.
pub async fn closed(callers: Vec<Connection>, what: Document, requests: usize) -> anyhow::Result<Duration> {
    let (start, next) = (Instant::now(), Arc::new(AtomicUsize::new(0)));
    let mut all = JoinSet::new();
    for mut caller in callers {
        let next = next.clone();
        all.spawn(async move {
            while next.fetch_add(1, Ordering::Relaxed) < requests {
                caller.ask(what).await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(done) = all.join_next().await {
        done??;
    }
    Ok(start.elapsed())
}

/// So many requests at a pace; how long each took from when it was due, sorted. Whoever finds no connection free waits, and the
/// wait counts.
pub async fn paced(
    callers: Vec<Connection>,
    what: Document,
    requests: usize,
    rate: f64,
) -> anyhow::Result<Vec<Duration>> {
    let (start, next) = (Instant::now(), Arc::new(AtomicUsize::new(0)));
    let mut all = JoinSet::new();
    for mut caller in callers {
        let next = next.clone();
        all.spawn(async move {
            let mut times = Vec::new();
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                if n >= requests {
                    return anyhow::Ok(times);
                }
                let due = start + Duration::from_secs_f64(n as f64 / rate);
                tokio::time::sleep_until(due).await;
                caller.ask(what).await?;
                times.push(due.elapsed());
            }
        });
    }
    let mut times = Vec::with_capacity(requests);
    while let Some(done) = all.join_next().await {
        times.extend(done??);
    }
    times.sort();
    Ok(times)
}
