//! The gateway's own calls, on its own host names: [`calls::CALLS`], as `wire::gateway` lists them.

mod calls;

use std::net::IpAddr;

use domain::Digest;
use tokio::sync::Mutex;
use tokio::time::Instant;

pub use self::calls::calls;
use self::calls::{Asked, CALLS};
use crate::connection::{Connection, ReadError, Stream};
use crate::exchange::Carrier;
use crate::head::RequestHead;
use crate::opening::MAX_BUNDLE;
use crate::refused::Refused;
use crate::revoking::MAX_REVOCATION;
use crate::shares::Place;

/// No other call than an opening or a revocation has a longer body, in bytes.
const SMALL_BODY: usize = 1024;

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
    // Only somebody with a certificate can open or extend; whoever revokes has no Session here, and shows it by signatures.
    let most = match () {
        () if (is_opening(head) || is_extension(head)) && certificate.is_some() => MAX_BUNDLE,
        () if is_revocation(head) => MAX_REVOCATION,
        () => SMALL_BODY,
    };
    let body = connection.body(head, most).await?;
    // Whoever is still sending may have to give way to others; a call that has come is answered.
    let Some(_busy) = place.busy() else { return Ok(false) };
    let from_a_page = is_from_a_page(head);
    let answer = if from_a_page { Err(no_page()) } else { call(carrier, certificate, place.from(), head, &body).await };
    let (status, kind, body) = match answer {
        Ok((status, body)) => (status, "application/json", body),
        Err(refused) => {
            tracing::info!(code = refused.code, path = head.target, "a call was refused");
            // A refused opening or extension has its own Event, which was written before this.
            let own =
                (is_opening(head) && certificate.is_some()) || (is_extension(head) && of_session(carrier, certificate));
            if from_a_page || !own {
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

async fn call(
    carrier: &Carrier,
    certificate: Option<&Digest>,
    from: IpAddr,
    head: &RequestHead,
    body: &[u8],
) -> Answer {
    let called = CALLS.iter().find(|call| (call.verb.word(), call.path) == (head.method, head.target.as_str()));
    let Some(call) = called else {
        return Err(Refused::new(404, "no-such-call", "There is no such call.", "Update Countersign."));
    };
    (call.answer)(Asked { carrier, certificate, from, head, body }).await
}

/// Programs call here, pages never: whatever a page of a service tries shows one of these.
fn is_from_a_page(head: &RequestHead) -> bool {
    head.headers.iter().any(|(n, _)| n == "origin" || n.starts_with("sec-fetch-"))
}

fn no_page() -> Refused {
    Refused::new(403, "from-a-page", "Pages do not call here.", "Use Countersign.")
}

fn is_opening(head: &RequestHead) -> bool {
    head.method == "POST" && head.target == "/v1/sessions"
}

fn is_extension(head: &RequestHead) -> bool {
    head.method == "POST" && head.target == "/v1/session/extensions"
}

fn of_session(carrier: &Carrier, certificate: Option<&Digest>) -> bool {
    certificate.is_some_and(|c| carrier.life.sessions.of_certificate(c).is_some())
}

fn is_revocation(head: &RequestHead) -> bool {
    head.method == "POST" && head.target == "/v1/revocations"
}

/// For a connection that belongs to no Session.
#[must_use]
pub fn no_session() -> Refused {
    Refused::new(403, "no-session", "There is no session on this connection.", "Open the session in Countersign again.")
}
