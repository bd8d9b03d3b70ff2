use std::convert::Infallible;
use std::sync::Arc;

use hyper::server::conn::http1::Builder;
use hyper::service::service_fn;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;

use super::carry::Carrier;
use super::proxy::Proxy;
use super::{IDLE, MAX_BUFFER, MAX_HEAD, PATIENCE};

/// One tunnel: TLS with the Session's certificate, then HTTP/1.1 requests to this one host.
pub(super) async fn serve(upgrade: OnUpgrade, host: String, proxy: Arc<Proxy>, room: OwnedSemaphorePermit) {
    let Ok(Ok(stream)) = timeout(PATIENCE, upgrade).await else { return };
    let handshake = proxy.acceptor.accept(TokioIo::new(stream));
    let Ok(Ok(tls)) = timeout(PATIENCE, handshake).await else { return };
    if tls.get_ref().1.server_name().is_some_and(|name| !name.eq_ignore_ascii_case(&host)) {
        return;
    }
    let carrier = Arc::new(Carrier::new(host, proxy, room));
    let carrying = service_fn(move |request| {
        let carrier = Arc::clone(&carrier);
        async move { Ok::<_, Infallible>(carrier.carry(request).await) }
    });
    let ended = Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(IDLE)
        .max_buf_size(MAX_BUFFER)
        .max_header_size(MAX_HEAD)
        .auto_date_header(false)
        .serve_connection(TokioIo::new(tls), carrying)
        .with_upgrades()
        .await;
    if let Err(error) = ended {
        tracing::debug!(%error, "a tunnel of the door ended");
    }
}
