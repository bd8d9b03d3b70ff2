use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use hyper::body::{Body as _, Incoming};
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use self::attended::Attended;
use self::exchange::{Answered, Timely};
use self::gate::{Gate, Ticket};
use crate::tls::Tls;
use crate::{Peer, ProblemResponse, Service};

mod attended;
mod exchange;
mod gate;
mod limits;

pub(crate) use self::exchange::{Exchange, TooSlow};
#[cfg(test)]
pub(crate) use self::gate::Gate as TestGate;
pub use self::limits::Limits;

/// The largest body that is read unless a route says otherwise (its own [`DefaultBodyLimit`]), in bytes.
pub const BODY_LIMIT: usize = 128 * 1024;
/// Connections may finish this long after the service was asked to stop.
const FAREWELL: Duration = Duration::from_secs(3);
/// Bytes of a request's head: a PK token, an attestation and a proof fit, not much more.
const HEAD_BYTES: usize = 64 * 1024;
/// Header fields in a request.
const HEADERS: usize = 64;

/// Serves `router` over TLS until `shutdown` is ready, within the usual [`Limits`]. Every request carries a [`Peer`] in
/// its extensions; an answer that does not say how long it may be kept may not be kept.
///
/// # Errors
/// None that end the service: a connection that fails is dropped, and an accept that fails is tried again.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    tls: impl Into<Tls> + Send,
    shutdown: impl Future<Output = ()> + Send,
) -> std::io::Result<()> {
    serve_within(Limits::default(), listener, router, tls, shutdown).await
}

/// As [`serve`], within these limits.
///
/// # Errors
/// As [`serve`].
pub async fn serve_within(
    limits: Limits,
    listener: TcpListener,
    router: Router,
    tls: impl Into<Tls> + Send,
    shutdown: impl Future<Output = ()> + Send,
) -> std::io::Result<()> {
    let router = router.layer(DefaultBodyLimit::max(BODY_LIMIT));
    let tls = tls.into();
    let gate = Gate::new(limits);
    let (stop, stopped) = watch::channel(false);
    let mut connections = JoinSet::new();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let (stream, address) = tokio::select! {
            () = &mut shutdown => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    gate.spare();
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
        };
        let ticket = Arc::new(gate.admit(address.ip()));
        let (acceptor, router, stopped) = (TlsAcceptor::from(tls.now()), router.clone(), stopped.clone());
        connections.spawn(async move {
            tokio::select! {
                () = connection(stream, address, acceptor, router, stopped, &ticket) => {}
                () = ticket.cut() => tracing::debug!(%address, "made room for another connection"),
            }
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
    ticket: &Arc<Ticket>,
) {
    let limits = *ticket.gate().limits();
    let _ = stream.set_nodelay(true);
    let stream = match tokio::time::timeout(limits.handshake, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return tracing::debug!(%address, %error, "the handshake failed"),
        Err(_) => return tracing::debug!(%address, "the handshake took too long"),
    };
    let certificate = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
    let peer = Peer { service: certificate.and_then(Service::of), address };
    if !ticket.enter(peer.service) {
        return tracing::warn!(%address, "every place for connections like this one is in use");
    }
    let service =
        service_fn(move |request| answer(router.clone(), peer, limits, Exchange::new(ticket.clone()), request));
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits.head).max_header_size(HEAD_BYTES).max_headers(HEADERS);
    let stream = TokioIo::new(Attended::new(stream, limits.stall));
    let mut connection = std::pin::pin!(http.serve_connection(stream, service));
    tokio::select! {
        result = &mut connection => return log_end(address, result),
        _ = stopped.wait_for(|stop| *stop) => connection.as_mut().graceful_shutdown(),
    }
    log_end(address, connection.await);
}

async fn answer(
    router: Router,
    peer: Peer,
    limits: Limits,
    exchange: Exchange,
    mut request: hyper::Request<Incoming>,
) -> Result<Response, Infallible> {
    request.extensions_mut().insert(peer);
    request.extensions_mut().insert(exchange.clone());
    let request = request
        .map(|body| if body.is_end_stream() { Body::empty() } else { Body::new(Timely::new(body, limits.body)) });
    let called = TowerToHyperService::new(router).call(request);
    let mut answer = match tokio::time::timeout(limits.answer, called).await {
        Ok(answer) => answer?,
        Err(_) => too_slow().into_response(),
    };
    let headers = answer.headers_mut();
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream")) {
        exchange.streams();
    }
    Ok(answer.map(|body| Body::new(Answered { body, _exchange: exchange })))
}

pub(crate) fn too_slow() -> ProblemResponse {
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
