//! What a door does, and what a hostile one might: bytes over mutual TLS.

use std::sync::Arc;
use std::time::Duration;

use bytes::BufMut as _;
use domain::Digest;
use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use statement::{Bundle, sha256};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

pub struct Person {
    pub certificate: Digest,
    tls: TlsConnector,
    address: String,
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
    /// The connection was closed behind it.
    pub closed: bool,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }
}

impl Person {
    pub fn new(ca_pem: &str, address: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec!["session".into()]).unwrap().self_signed(&key).unwrap();
        Self::with(ca_pem, address, &certificate.pem(), &key.serialize_pem())
    }

    /// With this certificate and its key, in PEM.
    pub fn with(ca_pem: &str, address: &str, certificate: &str, key: &str) -> Self {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(ca_pem.as_bytes()).unwrap()).unwrap();
        let der = CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap();
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
        let config = rustls::ClientConfig::builder()
            .with_root_certificates(roots)
            .with_client_auth_cert(vec![der.clone()], key)
            .unwrap();
        Self { certificate: sha256(&der), tls: TlsConnector::from(Arc::new(config)), address: address.to_owned() }
    }

    /// Somebody who shows no certificate at all.
    pub fn without_certificate(ca_pem: &str, address: &str) -> Self {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(ca_pem.as_bytes()).unwrap()).unwrap();
        let config = rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        Self { certificate: sha256(b""), tls: TlsConnector::from(Arc::new(config)), address: address.to_owned() }
    }

    pub async fn connect(&self) -> TlsStream<TcpStream> {
        self.try_connect().await.unwrap()
    }

    pub async fn try_connect(&self) -> std::io::Result<TlsStream<TcpStream>> {
        let stream = TcpStream::connect(&self.address).await?;
        self.tls.connect(ServerName::try_from("127.0.0.1").unwrap(), stream).await
    }

    /// Sends these bytes on a connection of their own and reads one answer.
    pub async fn raw(&self, bytes: &[u8]) -> Answer {
        let mut stream = self.connect().await;
        stream.write_all(bytes).await.unwrap();
        timeout(Duration::from_secs(30), read(&mut stream)).await.expect("an answer in time")
    }

    /// A call of the gateway's own.
    pub async fn call(&self, method: &str, path: &str, body: &str) -> Answer {
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            self.address,
            body.len()
        );
        let head = if body.is_empty() { head.replace("Content-Length: 0\r\n", "") } else { head };
        self.raw(format!("{head}{body}").as_bytes()).await
    }

    pub async fn open(&self, bundle: &Bundle) -> Answer {
        self.call("POST", "/v1/sessions", &serde_json::to_string(bundle).unwrap()).await
    }

    pub async fn extend(&self, bundle: &Bundle) -> Answer {
        self.call("POST", "/v1/session/extensions", &serde_json::to_string(bundle).unwrap()).await
    }

    /// A request of a page.
    pub async fn get(&self, path: &str) -> Answer {
        self.request("GET", path, "Sec-Fetch-Dest: empty\r\n", "").await
    }

    /// What the browser shows.
    pub async fn visit(&self, path: &str) -> Answer {
        self.request("GET", path, "Sec-Fetch-Dest: document\r\n", "").await
    }

    pub async fn post(&self, path: &str, body: &str) -> Answer {
        self.request("POST", path, "Sec-Fetch-Dest: empty\r\nContent-Type: application/x-www-form-urlencoded\r\n", body)
            .await
    }

    pub async fn request(&self, method: &str, path: &str, fields: &str, body: &str) -> Answer {
        let length = if body.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
        self.raw(format!("{method} {path} HTTP/1.1\r\nHost: payroll.test\r\n{fields}{length}\r\n{body}").as_bytes())
            .await
    }

    pub async fn status(&self) -> serde_json::Value {
        self.call("GET", "/v1/session", "").await.json()
    }
}

/// Reads one answer, by whichever framing it has.
pub async fn read(stream: &mut TlsStream<TcpStream>) -> Answer {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            break end + 4;
        }
        // Byte by byte: what stands behind this answer belongs to the next one.
        if stream.read_buf(&mut (&mut bytes).limit(1)).await.unwrap_or(0) == 0 {
            return Answer {
                status: 0,
                head: String::from_utf8_lossy(&bytes).into_owned(),
                body: vec![],
                closed: true,
            };
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let mut body = bytes.split_off(end);
    let length = head.lines().find_map(|l| l.strip_prefix("content-length: ")).map(|l| l.parse::<usize>().unwrap());
    if head.contains("transfer-encoding: chunked") {
        let mut closed = false;
        while !body.ends_with(b"0\r\n\r\n") && !closed {
            closed = stream.read_buf(&mut body).await.unwrap_or(0) == 0;
        }
        return Answer { status, head, body: dechunk(&body), closed };
    }
    while body.len() < length.unwrap_or(0) {
        let missing = length.unwrap_or(0) - body.len();
        if stream.read_buf(&mut (&mut body).limit(missing)).await.unwrap_or(0) == 0 {
            return Answer { status, head, body, closed: true };
        }
    }
    let closed = head.contains("connection: close");
    Answer { status, head, body, closed }
}

fn dechunk(mut bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    while let Some(end) = bytes.windows(2).position(|w| w == b"\r\n") {
        let size = usize::from_str_radix(std::str::from_utf8(&bytes[..end]).unwrap(), 16).unwrap();
        let rest = &bytes[end + 2..];
        if size == 0 || rest.len() < size + 2 {
            break;
        }
        out.extend_from_slice(&rest[..size]);
        bytes = &rest[size + 2..];
    }
    out
}
