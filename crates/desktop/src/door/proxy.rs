use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use http::{Method, Request, Response};
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::server::conn::http1::Builder;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::gateway::{Body, Gateway};
use super::lock::Lock;
use super::{MAX_BUFFER, MAX_CONNECTIONS, MAX_HEAD, PATIENCE, page, tunnel};

/// Everything that the connections of one door share.
pub(super) struct Proxy {
    lock: Lock,
    hosts: Vec<String>,
    pub(super) acceptor: TlsAcceptor,
    pub(super) gateway: Gateway,
    pub(super) closing: CancellationToken,
    callers: Arc<Semaphore>,
    tunnels: Arc<Semaphore>,
}

impl Proxy {
    pub(super) fn new(
        lock: Lock,
        hosts: Vec<String>,
        tls: Arc<ServerConfig>,
        gateway: Gateway,
        closing: CancellationToken,
    ) -> Self {
        Self {
            lock,
            hosts,
            acceptor: TlsAcceptor::from(tls),
            gateway,
            closing,
            callers: Arc::new(Semaphore::new(MAX_CONNECTIONS)),
            tunnels: Arc::new(Semaphore::new(MAX_CONNECTIONS)),
        }
    }

    /// The Session's host that `CONNECT` asks for, exactly `HOST:443`.
    fn host_of<B>(&self, request: &Request<B>) -> Option<String> {
        let authority = request.uri().authority()?.as_str();
        let host = authority.strip_suffix(":443")?;
        self.hosts.iter().find(|h| h.eq_ignore_ascii_case(host)).cloned()
    }
}

/// Takes callers until the door closes.
pub(super) async fn listen(listener: TcpListener, proxy: Arc<Proxy>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors, most likely: accepting at once again would only burn the processor.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let Ok(room) = Arc::clone(&proxy.callers).try_acquire_owned() else { continue };
        let proxy = Arc::clone(&proxy);
        tokio::spawn(async move {
            let closing = proxy.closing.clone();
            tokio::select! {
                () = closing.cancelled() => {}
                () = serve(stream, proxy) => {}
            }
            drop(room);
        });
    }
}

async fn serve(stream: TcpStream, proxy: Arc<Proxy>) {
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let answering = service_fn(move |request| {
        let proxy = Arc::clone(&proxy);
        async move { Ok::<_, Infallible>(answer(request, &proxy)) }
    });
    let ended = Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .max_buf_size(MAX_BUFFER)
        .max_header_size(MAX_HEAD)
        .serve_connection(TokioIo::new(stream), answering)
        .with_upgrades()
        .await;
    if let Err(error) = ended {
        tracing::debug!(%error, "a caller of the door went away");
    }
}

/// The lock comes before the host, so that a stranger does not learn which hosts there are.
fn answer(request: Request<Incoming>, proxy: &Arc<Proxy>) -> Response<Body> {
    if request.method() != Method::CONNECT {
        return page::only_connect();
    }
    if !proxy.lock.opens_for(request.headers()) {
        return page::locked();
    }
    let Some(host) = proxy.host_of(&request) else { return page::other_host() };
    let Ok(room) = Arc::clone(&proxy.tunnels).try_acquire_owned() else { return page::full() };
    let (proxy, upgrade) = (Arc::clone(proxy), hyper::upgrade::on(request));
    tokio::spawn(async move {
        let closing = proxy.closing.clone();
        tokio::select! {
            () = closing.cancelled() => {}
            () = tunnel::serve(upgrade, host, proxy, room) => {}
        }
    });
    Response::new(Empty::new().map_err(|never| match never {}).boxed())
}
