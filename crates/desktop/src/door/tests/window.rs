//! The Session window's side of the door, by hand.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::client::conn::http1::SendRequest;
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::door::Door;

pub(super) type Body = BoxBody<Bytes, std::convert::Infallible>;

/// One tunnel through the door, with the TLS that the window speaks in it.
pub(super) struct Window(SendRequest<Body>);

impl Window {
    pub(super) async fn open(door: &Door, host: &'static str) -> Self {
        let mut stream = TcpStream::connect(door.address).await.expect("connects");
        let head = connect_head(&format!("{host}:443"), Some(&door.secret));
        stream.write_all(head.as_bytes()).await.expect("written");
        let answer = read_head(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        let mut roots = RootCertStore::empty();
        roots
            .add(CertificateDer::from_pem_slice(door.certificate_pem.as_bytes()).expect("PEM"))
            .expect("a certificate");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from(host).expect("a name");
        let tls =
            TlsConnector::from(Arc::new(tls)).connect(name, stream).await.expect("TLS with the door's certificate");
        let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(tls)).await.expect("HTTP");
        tokio::spawn(connection.with_upgrades());
        Self(sender)
    }

    pub(super) async fn send(&mut self, request: Request<Body>) -> Response<Incoming> {
        self.0.ready().await.expect("ready");
        self.0.send_request(request).await.expect("an answer")
    }
}

pub(super) fn get(host: &str, path: &str) -> Request<Body> {
    Request::get(path).header("host", host).body(full("")).expect("a request")
}

pub(super) fn full(text: &'static str) -> Body {
    Full::new(Bytes::from_static(text.as_bytes())).boxed()
}

pub(super) fn channel(parts: tokio::sync::mpsc::Receiver<&'static str>) -> Body {
    let frames = futures_util::stream::unfold(parts, |mut parts| async move {
        let part = parts.recv().await?;
        Some((Ok(Frame::data(Bytes::from_static(part.as_bytes()))), parts))
    });
    BodyExt::boxed(StreamBody::new(SyncStream(std::sync::Mutex::new(Box::pin(frames)))))
}

type Frames =
    std::pin::Pin<Box<dyn futures_util::Stream<Item = Result<Frame<Bytes>, std::convert::Infallible>> + Send>>;

/// A boxed body has to be `Sync`; a stream that only one task polls may say so through a lock.
struct SyncStream(std::sync::Mutex<Frames>);

impl futures_util::Stream for SyncStream {
    type Item = Result<Frame<Bytes>, std::convert::Infallible>;

    fn poll_next(
        self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        self.0.lock().expect("one task").as_mut().poll_next(cx)
    }
}

pub(super) fn basic(secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("session:{secret}")))
}

/// The status of a `CONNECT`, with which the connection ends.
pub(super) async fn connect_status(door: &Door, authority: &str, secret: Option<&str>) -> u16 {
    let answer = bare(door, &connect_head(authority, secret)).await;
    answer.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or_else(|| panic!("no status in {answer:?}"))
}

/// What another process on this computer gets for these bytes: the head of the answer.
pub(super) async fn bare(door: &Door, bytes: &str) -> String {
    let mut stream = TcpStream::connect(door.address).await.expect("connects");
    stream.write_all(bytes.as_bytes()).await.expect("written");
    read_head(&mut stream).await
}

fn connect_head(authority: &str, secret: Option<&str>) -> String {
    let authorization = secret.map(|s| format!("Proxy-Authorization: {}\r\n", basic(s))).unwrap_or_default();
    format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n{authorization}\r\n")
}

async fn read_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8(head).expect("text")
}
