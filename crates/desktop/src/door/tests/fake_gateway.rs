//! A gateway's outside: TLS that demands a client certificate of this Session, and a few addresses.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use http::header::{CONNECTION, SET_COOKIE, UPGRADE};
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::door::DoorConfig;

type Answer = Response<UnsyncBoxBody<Bytes, hyper::Error>>;

#[derive(Default)]
struct Seen {
    head: Mutex<String>,
    connections: AtomicUsize,
    sockets: AtomicUsize,
}

pub(super) struct FakeGateway {
    address: SocketAddr,
    ca: CertifiedIssuer<'static, KeyPair>,
    seen: Arc<Seen>,
    _running: DropGuard,
}

impl FakeGateway {
    pub(super) async fn start() -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("params");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let ca = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("a CA");
        let acceptor = TlsAcceptor::from(Arc::new(server_config(&ca)));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (seen, running) = (Arc::new(Seen::default()), CancellationToken::new());
        tokio::spawn(listen(listener, acceptor, Arc::clone(&seen), running.clone()));
        Self { address, ca, seen, _running: running.drop_guard() }
    }

    pub(super) fn address(&self) -> String {
        format!("https://{}", self.address)
    }

    /// What a desktop of this gateway gives its door.
    pub(super) fn door_config(&self, hosts: &[&str]) -> DoorConfig {
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(Vec::new()).expect("params");
        let certificate = params.signed_by(&key, &self.ca).expect("a certificate");
        DoorConfig {
            gateway: self.address(),
            ca_pem: self.ca.pem(),
            client_cert_pem: certificate.pem(),
            client_key_pem: key.serialize_pem(),
            hosts: hosts.iter().map(|&h| h.to_owned()).collect(),
            opened_at: 1_000_000_000,
            ends_at: 4_000_000_000,
        }
    }

    /// Connections that brought a request.
    pub(super) fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::SeqCst)
    }

    pub(super) fn open_sockets(&self) -> usize {
        self.seen.sockets.load(Ordering::SeqCst)
    }

    pub(super) async fn until_no_socket(&self) {
        while self.open_sockets() > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// The last request's line and headers.
    pub(super) fn last_head(&self) -> String {
        self.seen.head.lock().expect("not poisoned").clone()
    }
}

fn server_config(ca: &CertifiedIssuer<'static, KeyPair>) -> ServerConfig {
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).expect("params");
    let certificate = params.signed_by(&key, ca).expect("a certificate");
    let mut roots = RootCertStore::empty();
    roots.add(ca.der().clone()).expect("a CA");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let clients = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build();
    ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_client_cert_verifier(clients.expect("a verifier"))
        .with_single_cert(
            vec![certificate.der().clone()],
            rustls::pki_types::PrivateKeyDer::Pkcs8(key.serialize_der().into()),
        )
        .expect("a configuration")
}

async fn listen(listener: TcpListener, acceptor: TlsAcceptor, seen: Arc<Seen>, running: CancellationToken) {
    while let Some(Ok((stream, _))) = running.run_until_cancelled(listener.accept()).await {
        let (acceptor, seen, running) = (acceptor.clone(), Arc::clone(&seen), running.clone());
        tokio::spawn(async move {
            let Ok(tls) = acceptor.accept(stream).await else { return };
            let first = Arc::new(AtomicUsize::new(0));
            let service = service_fn(move |request| {
                if first.fetch_add(1, Ordering::SeqCst) == 0 {
                    seen.connections.fetch_add(1, Ordering::SeqCst);
                }
                let seen = Arc::clone(&seen);
                async move { Ok::<_, Infallible>(answer(request, &seen)) }
            });
            let connection = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(tls), service);
            running.run_until_cancelled(connection.with_upgrades()).await;
        });
    }
}

fn answer(request: Request<Incoming>, seen: &Arc<Seen>) -> Answer {
    let mut head = format!("{} {} {:?}\n", request.method(), request.uri(), request.version());
    for (name, value) in request.headers() {
        head.push_str(&format!("{name}: {}\n", value.to_str().unwrap_or("?")));
    }
    *seen.head.lock().expect("not poisoned") = head;
    match request.uri().path() {
        "/live" => live(request, Arc::clone(seen)),
        "/stream" => parts(vec!["first", "second"], Duration::from_secs(1)),
        "/endless" => parts(vec!["more"; 1000], Duration::from_millis(20)),
        "/page" => whole("page"),
        "/close" => {
            let mut response = whole("bye");
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            response
        }
        _ => {
            let mut response = Response::new(request.into_body().boxed_unsync());
            let cookie = HeaderValue::from_static("__Host-session=abc; Secure; HttpOnly; Path=/");
            response.headers_mut().insert(SET_COOKIE, cookie);
            response
        }
    }
}

fn whole(text: &'static str) -> Answer {
    Response::new(Full::new(Bytes::from_static(text.as_bytes())).map_err(|never| match never {}).boxed_unsync())
}

fn parts(parts: Vec<&'static str>, pause: Duration) -> Answer {
    let frames = futures_util::stream::iter(parts.into_iter().enumerate()).then(move |(n, part)| async move {
        if n > 0 {
            tokio::time::sleep(pause).await;
        }
        Ok(Frame::data(Bytes::from_static(part.as_bytes())))
    });
    Response::new(StreamBody::new(frames).boxed_unsync())
}

/// Switches protocols and sends every byte back.
fn live(request: Request<Incoming>, seen: Arc<Seen>) -> Answer {
    assert_eq!(request.headers()[UPGRADE], "websocket");
    tokio::spawn(async move {
        let stream = TokioIo::new(hyper::upgrade::on(request).await.expect("upgraded"));
        seen.sockets.fetch_add(1, Ordering::SeqCst);
        let (mut reading, mut writing) = tokio::io::split(stream);
        let _cut = tokio::io::copy(&mut reading, &mut writing).await;
        seen.sockets.fetch_sub(1, Ordering::SeqCst);
    });
    let mut response = whole("");
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("upgrade"));
    response.headers_mut().insert(UPGRADE, HeaderValue::from_static("websocket"));
    response
}
