//! The gateway's own calls, on its own host names: the table of `wire::gateway`.

use std::time::Duration;

use domain::Digest;
use serde::Serialize;
use tokio::sync::Mutex;
use tokio::time::Instant;
use wire::gateway::Health;

use crate::connection::{Connection, ReadError, Stream};
use crate::exchange::Carrier;
use crate::head::RequestHead;
use crate::opening::MAX_BUNDLE;
use crate::refused::Refused;
use crate::revoking::MAX_REVOCATION;
use crate::shares::Place;

/// No other call than an opening or a revocation has a longer body, in bytes.
const SMALL_BODY: usize = 1024;
/// An answer about health is good for so long: anybody may ask, and each asks others in turn.
const HEALTH_KEPT: Duration = Duration::from_secs(1);

/// What the last answer about health said.
pub type KeptHealth = Mutex<Option<(Instant, Vec<String>)>>;

type Answer = Result<(u16, Vec<u8>), Refused>;

/// Answers one call; true when the connection may go on.
///
/// # Errors
/// [`ReadError`] when the connection is of no use any more.
pub async fn answer<S: Stream>(
    carrier: &Carrier,
    connection: &mut Connection<S>,
    place: &Place,
    certificate: Option<&Digest>,
    head: &RequestHead,
) -> Result<bool, ReadError> {
    // Only somebody with a certificate can open; whoever revokes has no Session here, and shows it by signatures.
    let most = match () {
        () if is_opening(head) && certificate.is_some() => MAX_BUNDLE,
        () if is_revocation(head) => MAX_REVOCATION,
        () => SMALL_BODY,
    };
    let body = connection.body(head, most).await?;
    // Whoever is still sending may have to give way to others; a call that has come is answered.
    let Some(_busy) = place.busy() else { return Ok(false) };
    let answer = call(carrier, certificate, head, &body).await;
    let (status, kind, body) = match answer {
        Ok((status, body)) => (status, "application/json", body),
        Err(refused) => {
            tracing::info!(code = refused.code, path = head.target, "a call was refused");
            // A refused opening has its own Event, which was written before this.
            if !is_opening(head) || certificate.is_none() {
                carrier.life.refused(refused.code, certificate);
            }
            (refused.status, "application/problem+json", serde_json::to_vec(&refused.problem()).unwrap_or_default())
        }
    };
    let headers = [("content-type", kind), ("cache-control", "no-store"), ("x-content-type-options", "nosniff")];
    let headers = headers.map(|(n, v)| (n.to_owned(), v.as_bytes().to_vec()));
    connection.answer(status, &headers, &body, head.keep_alive, head.method != "HEAD").await?;
    Ok(head.keep_alive)
}

async fn call(carrier: &Carrier, certificate: Option<&Digest>, head: &RequestHead, body: &[u8]) -> Answer {
    // Programs call here, pages never: whatever a page of a service tries shows one of these.
    if head.headers.iter().any(|(n, _)| n == "origin" || n.starts_with("sec-fetch-")) {
        return Err(Refused::new(403, "from-a-page", "Pages do not call here.", "Use Countersign."));
    }
    match (head.method, head.target.as_str()) {
        ("GET", "/v1/health") => json(200, &health(carrier).await),
        ("GET", "/v1/jwks") => json(200, &carrier.asserter.jwks()),
        ("POST", "/v1/sessions") => {
            let certificate = certificate.ok_or_else(no_certificate)?;
            let session = carrier.life.open(body, certificate.clone()).await?;
            json(200, &session.opened())
        }
        ("GET", "/v1/session") => json(200, &session(carrier, certificate)?.status()),
        ("POST", "/v1/session/end") => {
            let session = session(carrier, certificate)?;
            session.end("ended-by-requester");
            json(200, &session.status())
        }
        ("POST", "/v1/revocations") => json(200, &carrier.life.revoke(body).await?),
        ("GET", "/v1/proof") => proof(carrier, head),
        _ => Err(Refused::new(404, "no-such-call", "There is no such call.", "Update Countersign.")),
    }
}

fn is_opening(head: &RequestHead) -> bool {
    head.method == "POST" && head.target == "/v1/sessions"
}

fn is_revocation(head: &RequestHead) -> bool {
    head.method == "POST" && head.target == "/v1/revocations"
}

fn session(
    carrier: &Carrier,
    certificate: Option<&Digest>,
) -> Result<std::sync::Arc<crate::session::Session>, Refused> {
    let certificate = certificate.ok_or_else(no_certificate)?;
    carrier.life.sessions.of_certificate(certificate).ok_or_else(no_session)
}

/// For the service: the bundle and the receipt behind an assertion that it got.
fn proof(carrier: &Carrier, head: &RequestHead) -> Answer {
    let unknown = || {
        Refused::new(
            401,
            "unknown-assertion",
            "The assertion is not one of this gateway, or too old.",
            "Use the assertion of the request that is being answered.",
        )
    };
    let compact = head.value("authorization").and_then(|a| a.strip_prefix("Bearer ")).ok_or_else(unknown)?;
    let claims = carrier.asserter.read(compact, carrier.life.clock.now()).ok_or_else(unknown)?;
    let session = carrier.life.sessions.of_id(&claims.session).ok_or_else(unknown)?;
    json(200, &session.proof())
}

async fn health(carrier: &Carrier) -> Health {
    // The lock is held over the calls: whoever asks meanwhile gets the same answer.
    let mut kept = carrier.health.lock().await;
    let missing = match &*kept {
        Some((at, missing)) if at.elapsed() < HEALTH_KEPT => missing.clone(),
        _ => missing(carrier).await,
    };
    if kept.as_ref().is_none_or(|(at, _)| at.elapsed() >= HEALTH_KEPT) {
        *kept = Some((Instant::now(), missing.clone()));
    }
    Health { ready: missing.is_empty(), missing, now: carrier.life.clock.now_millis() }
}

async fn missing(carrier: &Carrier) -> Vec<String> {
    let gate = &carrier.life.gate;
    let mut missing = Vec::new();
    if let Err(error) = gate.log.check_clock(&*carrier.life.clock).await {
        missing.push(error.to_string());
    }
    if let Err(error) = gate.provider.keys_for(None).await {
        missing.push(error.to_string());
    }
    missing
}

fn json(status: u16, value: &impl Serialize) -> Answer {
    let failed = |_| Refused::new(500, "not-writable", "The answer could not be written.", "Tell your administrators.");
    serde_json::to_vec(value).map(|body| (status, body)).map_err(failed)
}

fn no_certificate() -> Refused {
    Refused::new(
        401,
        "no-certificate",
        "This call needs the session's own TLS certificate.",
        "Open the session in Countersign.",
    )
}

/// For a connection that belongs to no Session.
#[must_use]
pub fn no_session() -> Refused {
    Refused::new(403, "no-session", "There is no session on this connection.", "Open the session in Countersign again.")
}
