//! WebSockets (RFC 6455), message by message: one from the person is judged as a whole and forwarded after the audit
//! service has acknowledged its record, one from the service is released after its record is on disk. No extensions.

mod frames;

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::BytesMut;
use hyper::Response;
use hyper::body::Incoming;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use recording::Captured;
use statement::base64url;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::timeout;

use crate::authorise::{message_is_inside, other_organization};
use crate::connection::{Connection, Stream};
use crate::exchange::{Asking, Stop, progress::Progress};
use crate::forwarded;
use crate::head::RequestHead;
use crate::life::note;
use crate::redact;
use crate::refused::Refused;
use crate::session::Session;
use crate::sieve::Sieve;
use crate::targets::Target;
use frames::{FrameError, Message, MessageReader, close_frame};

/// Closing one side takes no longer than this.
const FAREWELL: Duration = Duration::from_millis(200);
const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// An accepted WebSocket, before its first frame.
pub struct Socket {
    service: TokioIo<Upgraded>,
    target: Arc<Target>,
    exchange: u64,
    sieve: Sieve,
    may_send: bool,
}

/// Whether a WebSocket is asked for.
///
/// # Errors
/// [`Refused`] when it is asked for in a way that is not exactly RFC 6455's, or by a page of another origin.
pub fn is_wanted(head: &RequestHead, target: &Target, has_more: bool) -> Result<bool, Refused> {
    let upgrades: Vec<&str> = head.values("upgrade").collect();
    let wanted = upgrades.iter().any(|u| u.to_ascii_lowercase().contains("websocket"));
    if !wanted {
        return Ok(false);
    }
    let bad = |code, title: &str| Err(Refused::new(400, code, title, "Load the page again."));
    let one = upgrades.len() == 1 && upgrades[0].eq_ignore_ascii_case("websocket");
    let connection = head.tokens("connection").any(|t| t.eq_ignore_ascii_case("upgrade"));
    let key = head.value("sec-websocket-key").and_then(|k| STANDARD.decode(k).ok()).is_some_and(|k| k.len() == 16);
    if !one || !connection || !key || head.method != "GET" || head.value("sec-websocket-version") != Some("13") {
        return bad("websocket-handshake", "The live connection was not asked for as it must be.");
    }
    if has_more {
        return bad("bytes-before-upgrade", "The live connection began before it was allowed.");
    }
    let same = |origin: &str| target.hosts.iter().any(|h| origin == format!("https://{h}"));
    if !head.value("origin").is_some_and(same) {
        return Err(Refused::new(
            403,
            "websocket-origin",
            "Another page tried to open a live connection.",
            "Go back to the Organization's own pages.",
        ));
    }
    Ok(true)
}

/// Checks the service's 101, records it, and passes it on.
pub(crate) async fn switch<S: Stream>(
    session: &Session,
    connection: &mut Connection<S>,
    answer: Response<Incoming>,
    asking: &Asking<'_>,
    may_send: bool,
    progress: &mut Progress,
) -> Result<Socket, Stop> {
    let key = asking.head.value("sec-websocket-key").unwrap_or_default();
    let accept = STANDARD.encode(aws_lc_rs::digest::digest(
        &aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY,
        format!("{key}{GUID}").as_bytes(),
    ));
    let value = |name: &str| answer.headers().get(name).and_then(|v| v.to_str().ok());
    let right = value("sec-websocket-accept") == Some(accept.as_str())
        && value("sec-websocket-extensions").is_none()
        && value("upgrade").is_some_and(|u| u.eq_ignore_ascii_case("websocket"));
    if !right {
        return Err(Refused::new(
            502,
            "websocket-answer",
            "The service did not accept the live connection as it must.",
            "Load the page again.",
        )
        .into());
    }
    let headers = forwarded::to_person(answer.headers());
    let recorded = session.tape().record([progress.response(101, &headers)]);
    session.tape().durable(recorded).await;
    session.tape().passable().await;
    let upgraded = hyper::upgrade::on(answer).await.map_err(|_| Stop::Service)?;
    let mut head = b"HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n".to_vec();
    for (name, value) in headers.iter().filter(|(n, v)| n != "upgrade" && !v.iter().any(|b| matches!(b, b'\r' | b'\n')))
    {
        head.extend_from_slice(&[name.as_bytes(), b": ", value, b"\r\n"].concat());
    }
    head.extend_from_slice(b"\r\n");
    progress.is_answered = true;
    connection.write(&head).await?;
    Ok(Socket {
        service: TokioIo::new(upgraded),
        target: asking.target.clone(),
        exchange: progress.exchange,
        sieve: progress.sieve.clone(),
        may_send,
    })
}

/// Relays until one side closes or the Session is over. Tells what the person did that is not allowed, if that ended it.
pub async fn relay<S: Stream>(session: &Session, connection: Connection<S>, socket: Socket) -> Option<Refused> {
    let _guard = session.exchange_guard();
    let (person, ahead) = connection.into_parts();
    let (from_person, mut to_person) = tokio::io::split(person);
    let (from_service, mut to_service) = tokio::io::split(socket.service);
    let relay = Relay { session, target: &socket.target, exchange: socket.exchange, sieve: socket.sieve };
    let cut = tokio::select! {
        cut = relay.person_to_service(from_person, ahead, &mut to_service, socket.may_send) => cut,
        cut = relay.service_to_person(from_service, &mut to_person) => cut,
        () = session.over() => session.ended_by(),
    };
    let cut = session.ended_by().or(cut);
    relay.record_end(cut);
    let code = if cut.is_some() { 1008 } else { 1000 };
    let frame = close_frame(code, cut.unwrap_or("closed"));
    let farewell = async {
        let _ = to_person.write_all(&frame).await;
        let _ = to_person.shutdown().await;
    };
    // Neither side's slowness keeps the other's connection.
    let _ = tokio::join!(timeout(FAREWELL, farewell), timeout(FAREWELL, to_service.shutdown()));
    match cut {
        Some("other-organization") => Some(other_organization(session.grant())),
        Some("scope") => {
            Some(Refused::new(403, "scope", "The Scope does not allow messages here.", "Nothing was sent."))
        }
        Some("websocket-frame") => {
            Some(Refused::new(400, "websocket-frame", "A message was not clear.", "Nothing was sent."))
        }
        _ => None,
    }
}

struct Relay<'a> {
    session: &'a Session,
    target: &'a Target,
    exchange: u64,
    sieve: Sieve,
}

impl Relay<'_> {
    async fn person_to_service(
        &self,
        mut from: impl AsyncRead + Unpin,
        ahead: BytesMut,
        to: &mut (impl AsyncWrite + Unpin),
        may_send: bool,
    ) -> Option<&'static str> {
        let (mut buffer, mut reader) = (ahead, MessageReader::new(true));
        loop {
            let message = match next(&mut reader, &mut from, &mut buffer).await {
                Ok(Some(message)) => message,
                Ok(None) => return None,
                Err(_) => return Some("websocket-frame"),
            };
            if !message.is_control && !may_send {
                return Some("scope");
            }
            if !message.is_control && !message_is_inside(self.session.grant(), self.target, &message.payload) {
                return Some("other-organization");
            }
            self.session.tape().passable().await;
            let recorded = self.session.tape().record(self.record_of(&message, true));
            self.session.tape().acknowledged(recorded).await;
            if self.session.alive().is_err() || to.write_all(&message.raw).await.is_err() || to.flush().await.is_err() {
                return None;
            }
        }
    }

    async fn service_to_person(
        &self,
        mut from: impl AsyncRead + Unpin,
        to: &mut (impl AsyncWrite + Unpin),
    ) -> Option<&'static str> {
        let (mut buffer, mut reader) = (BytesMut::new(), MessageReader::new(false));
        loop {
            let message = match next(&mut reader, &mut from, &mut buffer).await {
                Ok(Some(message)) => message,
                Ok(None) => return None,
                Err(_) => return Some("websocket-frame"),
            };
            let recorded = self.session.tape().record(self.record_of(&message, false));
            self.session.tape().durable(recorded).await;
            self.session.tape().passable().await;
            if to.write_all(&message.raw).await.is_err() || to.flush().await.is_err() {
                return None;
            }
        }
    }

    fn record_of(&self, message: &Message, from_person: bool) -> Vec<Captured> {
        let payload = &message.payload;
        let kept = if message.is_control { Some(self.sieve.control(payload)) } else { self.sieve.message(payload) };
        let not_kept = kept.is_none().then(|| {
            let what = self.sieve.not_kept(&message.payload);
            note("body-not-kept", &format!("A message of exchange {}: {what}.", self.exchange))
        });
        let bytes = base64url(kept.unwrap_or_else(|| redact::MARK.into()));
        let message = Captured::Socket { exchange: self.exchange, from_person, text: message.text, bytes };
        not_kept.into_iter().chain([message]).collect()
    }

    fn record_end(&self, cut: Option<&str>) {
        let done = Captured::Done {
            exchange: self.exchange,
            body_bytes: 0,
            body_digest: statement::sha256(b""),
            took_ms: 0,
            cut: cut.map(str::to_owned),
        };
        self.session.tape().record([done]);
    }
}

async fn next(
    reader: &mut MessageReader,
    from: &mut (impl AsyncRead + Unpin),
    buffer: &mut BytesMut,
) -> Result<Option<Message>, FrameError> {
    loop {
        if let Some(message) = reader.read(buffer)? {
            return Ok(Some(message));
        }
        match from.read_buf(buffer).await {
            Ok(n) if n > 0 => {}
            _ => return Ok(None),
        }
    }
}
