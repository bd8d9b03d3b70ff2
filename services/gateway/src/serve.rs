//! The one port: accepts, tells own calls from traffic of Sessions, and keeps connections.

use std::sync::Arc;
use std::time::Duration;

use domain::Digest;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use wire::event::{Append, EventKind};

use crate::api;
use crate::connection::{Connection, Stream};
use crate::exchange::{Carrier, Next, answer_refusal};
use crate::head::RequestHead;
use crate::socket;
use crate::tls::peer_digest;
use crate::upstream::Upstream;

const HANDSHAKE_TIME: Duration = Duration::from_secs(10);
const MAX_CONNECTIONS: usize = 2048;

/// Accepts connections for ever.
pub async fn accept(listener: TcpListener, tls: TlsAcceptor, carrier: Arc<Carrier>, hosts: Arc<[String]>) {
    let room = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let Ok(permit) = room.clone().acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, _)) => {
                let (tls, carrier, hosts) = (tls.clone(), carrier.clone(), hosts.clone());
                tokio::spawn(async move {
                    shake_hands(stream, tls, carrier, hosts).await;
                    drop(permit);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn shake_hands(stream: TcpStream, tls: TlsAcceptor, carrier: Arc<Carrier>, hosts: Arc<[String]>) {
    let _ = stream.set_nodelay(true);
    let Ok(Ok(stream)) = timeout(HANDSHAKE_TIME, tls.accept(stream)).await else { return };
    let certificate = peer_digest(stream.get_ref().1);
    serve(Connection::new(stream), certificate, carrier, &hosts).await;
}

/// Serves one connection to its end.
pub async fn serve<S: Stream>(
    mut connection: Connection<S>,
    certificate: Option<Digest>,
    carrier: Arc<Carrier>,
    hosts: &[String],
) {
    let mut upstream = Upstream::default();
    loop {
        let head = match connection.head().await {
            Ok(Some(head)) => head,
            Ok(None) => break,
            Err(error) => {
                if let Some(refused) = error.refused() {
                    if !unclear(&carrier, certificate.as_ref(), &refused).await {
                        break;
                    }
                    let body = serde_json::to_vec(&refused.problem()).unwrap_or_default();
                    let headers = [("content-type".to_owned(), b"application/problem+json".to_vec())];
                    let _ = connection.answer(refused.status, &headers, &body, false, true).await;
                }
                break;
            }
        };
        if hosts.contains(&head.host) {
            match api::answer(&carrier, &mut connection, certificate.as_ref(), &head).await {
                Ok(true) => continue,
                Ok(false) => break,
                Err(error) => {
                    if let Some(refused) = error.refused() {
                        let _ = answer_refusal(&mut connection, &head, &refused, false).await;
                    }
                    break;
                }
            }
        }
        match traffic(&carrier, certificate.as_ref(), &mut connection, &mut upstream, &head).await {
            Next::Again => {}
            Next::Close => break,
            Next::Socket(socket) => {
                if let Some(session) = certificate.and_then(|c| carrier.life.sessions.of_certificate(&c)) {
                    if let Some(refused) = socket::relay(&session, connection, *socket).await {
                        carrier.note_refusal(&session, "SOCKET", "", &refused).await;
                    }
                }
                return;
            }
        }
    }
    connection.close().await;
}

async fn traffic<S: Stream>(
    carrier: &Carrier,
    certificate: Option<&Digest>,
    connection: &mut Connection<S>,
    upstream: &mut Upstream,
    head: &RequestHead,
) -> Next {
    match certificate.and_then(|c| carrier.life.sessions.of_certificate(c)) {
        Some(session) => carrier.carry(&session, connection, upstream, head).await,
        None => {
            let refused = api::no_session();
            carrier.life.events.sometimes(Append::new(EventKind::CallRefused).fact("code", refused.code));
            let _ = answer_refusal(connection, head, &refused, false).await;
            Next::Close
        }
    }
}

/// A head that is refused leaves its mark: in the recording when there is a Session, in the log in any case. False when
/// the connection is to be closed without an answer.
async fn unclear(carrier: &Carrier, certificate: Option<&Digest>, refused: &crate::refused::Refused) -> bool {
    match certificate.and_then(|c| carrier.life.sessions.of_certificate(c)) {
        Some(session) => carrier.note_refusal(&session, "", "", refused).await,
        None => {
            carrier.life.events.sometimes(Append::new(EventKind::CallRefused).fact("code", refused.code));
            true
        }
    }
}
