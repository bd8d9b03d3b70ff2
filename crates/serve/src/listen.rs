use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::{Peer, ProblemResponse, Service};

/// The largest body that is read unless a route says otherwise (its own [`DefaultBodyLimit`]), in bytes.
pub const BODY_LIMIT: usize = 128 * 1024;
/// Connections at one time; more wait.
const CONNECTIONS: usize = 1024;
/// The handshake is done within this time.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// A request's head is whole within this time, the quiet time before it included.
const HEAD: Duration = Duration::from_secs(30);
/// The head of the answer is there within this time after the head of the request.
const ANSWER: Duration = Duration::from_secs(60);
/// Connections may finish this long after the service was asked to stop.
const FAREWELL: Duration = Duration::from_secs(3);
/// Bytes of a request's head: a PK token, an attestation and a proof fit, not much more.
const HEAD_BYTES: usize = 64 * 1024;
/// Header fields in a request.
const HEADERS: usize = 64;

/// Serves `router` over TLS until `shutdown` is ready. Every request carries a [`Peer`] in its extensions; an answer that
/// does not say how long it may be kept may not be kept.
///
/// # Errors
/// None that end the service: a connection that fails is dropped, and an accept that fails is tried again.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    tls: Arc<ServerConfig>,
    shutdown: impl Future<Output = ()> + Send,
) -> std::io::Result<()> {
    let router = router.layer(DefaultBodyLimit::max(BODY_LIMIT));
    let acceptor = TlsAcceptor::from(tls);
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let (stop, stopped) = watch::channel(false);
    let mut connections = JoinSet::new();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let place = tokio::select! {
            () = &mut shutdown => break,
            place = places.clone().acquire_owned() => place.map_err(std::io::Error::other)?,
        };
        let (stream, address) = tokio::select! {
            () = &mut shutdown => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
        };
        let (acceptor, router, stopped) = (acceptor.clone(), router.clone(), stopped.clone());
        connections.spawn(async move {
            connection(stream, address, acceptor, router, stopped).await;
            drop(place);
        });
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    let _ = stop.send(true);
    let all = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(FAREWELL, all).await.is_err() {
        tracing::info!("open streams are cut");
    }
    Ok(())
}

async fn connection(
    stream: TcpStream,
    address: SocketAddr,
    acceptor: TlsAcceptor,
    router: Router,
    mut stopped: watch::Receiver<bool>,
) {
    let _ = stream.set_nodelay(true);
    let stream = match tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return tracing::debug!(%address, %error, "the handshake failed"),
        Err(_) => return tracing::debug!(%address, "the handshake took too long"),
    };
    let certificate = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
    let peer = Peer { service: certificate.and_then(Service::of), address };
    let service = service_fn(move |request| answer(router.clone(), peer, request));
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD).max_header_size(HEAD_BYTES).max_headers(HEADERS);
    let mut connection = std::pin::pin!(http.serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        result = &mut connection => return log_end(address, result),
        _ = stopped.wait_for(|stop| *stop) => connection.as_mut().graceful_shutdown(),
    }
    log_end(address, connection.await);
}

async fn answer(router: Router, peer: Peer, mut request: hyper::Request<Incoming>) -> Result<Response, Infallible> {
    request.extensions_mut().insert(peer);
    let called = TowerToHyperService::new(router).call(request.map(Body::new));
    let mut answer = match tokio::time::timeout(ANSWER, called).await {
        Ok(answer) => answer?,
        Err(_) => too_slow().into_response(),
    };
    let headers = answer.headers_mut();
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    Ok(answer)
}

fn too_slow() -> ProblemResponse {
    let advice = "Try again; if it stays so, tell whoever runs the service.";
    ProblemResponse::new(408, "too-slow", "The call took too long.", advice)
}

fn log_end(address: SocketAddr, result: hyper::Result<()>) {
    if let Err(error) = result {
        tracing::debug!(%address, %error, "the connection broke");
    }
}

#[cfg(test)]
mod tests;
