//! The one port: accepts, tells own calls from traffic of Sessions, and keeps connections.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use ::serve::tls::Tls;
use domain::Digest;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use crate::api;
use crate::connection::{Connection, Patience, ReadError, Stream};
use crate::exchange::{Carrier, Next, answer_refusal};
use crate::head::RequestHead;
use crate::refused::Refused;
use crate::shares::{Holder, Place, Shares};
use crate::socket;
use crate::tls::peer_digest;
use crate::upstream::Upstream;

const HANDSHAKE_TIME: Duration = Duration::from_secs(10);

/// Accepts connections for ever.
pub async fn accept(listener: TcpListener, tls: Tls, carrier: Arc<Carrier>, hosts: Arc<[String]>) {
    let shares = Arc::new(Shares::default());
    loop {
        match listener.accept().await {
            Ok((stream, from)) => match shares.arrive(from.ip()) {
                Some(place) => {
                    let (tls, carrier, hosts) = (TlsAcceptor::from(tls.now()), carrier.clone(), hosts.clone());
                    tokio::spawn(shake_hands(stream, from.ip(), place, tls, carrier, hosts));
                }
                None => carrier.life.refused(too_many().code, None),
            },
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn shake_hands(
    stream: TcpStream,
    from: IpAddr,
    place: Place,
    tls: TlsAcceptor,
    carrier: Arc<Carrier>,
    hosts: Arc<[String]>,
) {
    let _ = stream.set_nodelay(true);
    let shaken = tokio::select! {
        shaken = timeout(HANDSHAKE_TIME, tls.accept(stream)) => shaken,
        () = place.gone() => return,
    };
    let stream = match shaken {
        Ok(Ok(stream)) => stream,
        // Whoever comes and goes without a word was refused nothing.
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::UnexpectedEof => return,
        Ok(Err(_)) => return carrier.life.refused("handshake", None),
        Err(_) => return carrier.life.refused("handshake-too-slow", None),
    };
    let certificate = peer_digest(stream.get_ref().1);
    let known = certificate.clone().filter(|c| carrier.life.sessions.of_certificate(c).is_some());
    let Some(place) = place.settle(known.map_or(Holder::Stranger(from), Holder::Person)) else {
        return carrier.life.refused(too_many().code, certificate.as_ref());
    };
    let patience = if place.is_beyond() { Patience::SHORT } else { Patience::USUAL };
    let connection = Connection::new(stream, patience);
    tokio::select! {
        () = serve(connection, &place, certificate, carrier, &hosts) => {}
        () = place.gone() => {}
    }
}

/// Serves one connection to its end.
pub async fn serve<S: Stream>(
    mut connection: Connection<S>,
    place: &Place,
    certificate: Option<Digest>,
    carrier: Arc<Carrier>,
    hosts: &[String],
) {
    let mut upstream = Upstream::default();
    loop {
        let head = tokio::select! {
            head = connection.head() => head,
            () = over(&carrier, certificate.as_ref(), &upstream) => {
                upstream.cut();
                continue;
            }
        };
        let head = match head {
            Ok(Some(head)) => head,
            Ok(None) => break,
            Err(error) => {
                unclear(&carrier, &mut connection, certificate.as_ref(), &error).await;
                break;
            }
        };
        if hosts.contains(&head.host) {
            match api::answer(&carrier, &mut connection, place, certificate.as_ref(), &head).await {
                Ok(true) => continue,
                Ok(false) => break,
                Err(error) => {
                    if let Some(refused) = error.refused() {
                        carrier.life.refused(refused.code, certificate.as_ref());
                        let _ = answer_refusal(&mut connection, &head, &refused, false).await;
                    }
                    break;
                }
            }
        }
        let Some(_busy) = place.busy() else { break };
        match traffic(&carrier, place, certificate.as_ref(), &mut connection, &mut upstream, &head).await {
            Next::Again => {}
            Next::Close => break,
            Next::Socket(socket) => {
                if let Some(session) = certificate.and_then(|c| carrier.life.sessions.of_certificate(&c))
                    && let Some(refused) = socket::relay(&session, connection, *socket).await
                {
                    carrier.note_refusal(&session, "SOCKET", "", &refused).await;
                }
                return;
            }
        }
    }
    connection.close().await;
}

/// Returns when the Session for which a connection to the service is kept is over: not even a silent one outlives it.
async fn over(carrier: &Carrier, certificate: Option<&Digest>, upstream: &Upstream) {
    match certificate.and_then(|c| carrier.life.sessions.of_certificate(c)) {
        Some(session) if upstream.is_kept() => session.over().await,
        _ => std::future::pending().await,
    }
}

async fn traffic<S: Stream>(
    carrier: &Carrier,
    place: &Place,
    certificate: Option<&Digest>,
    connection: &mut Connection<S>,
    upstream: &mut Upstream,
    head: &RequestHead,
) -> Next {
    match certificate.and_then(|c| carrier.life.sessions.of_certificate(c)) {
        Some(session) if place.is_beyond() => carrier.refuse(&session, connection, head, &too_many(), false).await,
        Some(session) => carrier.carry(&session, connection, upstream, head).await,
        None => {
            let refused = api::no_session();
            carrier.life.refused(refused.code, certificate);
            let _ = answer_refusal(connection, head, &refused, false).await;
            Next::Close
        }
    }
}

/// A head that is refused leaves its mark: in the recording when there is a Session, in the log in any case.
async fn unclear<S: Stream>(
    carrier: &Carrier,
    connection: &mut Connection<S>,
    certificate: Option<&Digest>,
    error: &ReadError,
) {
    let Some(refused) = error.refused() else { return };
    match certificate.and_then(|c| carrier.life.sessions.of_certificate(c)) {
        Some(session) => {
            if !carrier.note_refusal(&session, "", "", &refused).await {
                return;
            }
        }
        None => carrier.life.refused(refused.code, certificate),
    }
    let body = serde_json::to_vec(&refused.problem()).unwrap_or_default();
    let headers = [("content-type".to_owned(), b"application/problem+json".to_vec())];
    let _ = connection.answer(refused.status, &headers, &body, false, true).await;
}

fn too_many() -> Refused {
    Refused::new(
        429,
        "too-many-connections",
        "There are too many connections at once.",
        "Close other pages of this session and load the page again.",
    )
}
