use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use domain::Digest;
use futures_util::future::BoxFuture;
use serde::Serialize;
use serve::call::Leaves::{Each, Hourly};
use serve::call::Who::{Anybody, Assertion, Requester, Session as OfSession};
use serve::call::{Call, Verb};
use statement::{Bundle, Revoke, SessionOpen};
use tokio::time::{Instant, timeout};
use wire::event::EventKind as K;
use wire::gateway::{AssertionKeys, Health, OpenedSession, Revocation, RevocationHeard, ServiceProof, SessionStatus};

use super::{Answer, no_session};
use crate::exchange::Carrier;
use crate::head::RequestHead;
use crate::life::END_KEPT;
use crate::refused::Refused;
use crate::session::Session;

/// An answer about health is good for so long: anybody may ask, and each asks others in turn.
const HEALTH_KEPT: Duration = Duration::from_secs(1);
/// Who does not answer within this time is missing.
const HEALTH_TIME: Duration = Duration::from_secs(3);

/// A call with what it came with.
pub struct Asked<'a> {
    pub carrier: &'a Carrier,
    pub certificate: Option<&'a Digest>,
    /// Where the connection comes from.
    pub from: IpAddr,
    pub head: &'a RequestHead,
    pub body: &'a [u8],
}

type Answers = fn(Asked<'_>) -> BoxFuture<'_, Answer>;

const fn get(path: &'static str, summary: &'static str, answer: Answers) -> Call<Answers> {
    Call::new(Verb::Get, path, summary, answer)
}

const fn post(path: &'static str, summary: &'static str, answer: Answers) -> Call<Answers> {
    Call::new(Verb::Post, path, summary, answer)
}

/// There is no other own call than these, and a test walks them with everybody who could knock.
pub static CALLS: [Call<Answers>; 8] = [
    get("/v1/health", "Whether a Session could be opened now.", |asked| Box::pin(health(asked)))
        .by(&[Anybody])
        .gives::<Health>(),
    get("/v1/jwks", "The keys that assertions verify with.", |asked| Box::pin(keys(asked)))
        .by(&[Anybody])
        .gives::<AssertionKeys>(),
    post("/v1/sessions", "Opens a Session, or goes on with it from the same Device.", |asked| Box::pin(open(asked)))
        .by(&[Requester])
        .takes::<Bundle>()
        .signed::<SessionOpen>()
        .gives::<OpenedSession>()
        .leaves(Each(&[K::SessionOpened, K::SessionResumed]))
        .refused(K::SessionRefused),
    get("/v1/session", "How the Session is doing.", |asked| Box::pin(status(asked)))
        .by(&[OfSession])
        .gives::<SessionStatus>()
        .leaves(Hourly(K::Viewed)),
    post("/v1/session/extensions", "Moves the Session's end, with signatures of its own.", |asked| {
        Box::pin(extend(asked))
    })
    .by(&[OfSession])
    .takes::<Bundle>()
    .signed::<SessionOpen>()
    .gives::<SessionStatus>()
    .leaves(Each(&[K::SessionExtended]))
    .refused(K::SessionRefused),
    post("/v1/session/end", "Ends the Session.", |asked| Box::pin(end(asked)))
        .by(&[OfSession])
        .gives::<SessionStatus>()
        .leaves(Each(&[K::SessionEnded])),
    post("/v1/revocations", "Ends what a revocation means, whoever brings it.", |asked| Box::pin(revoke(asked)))
        .by(&[Anybody])
        .takes::<Revocation>()
        .signed::<Revoke>()
        .gives::<RevocationHeard>()
        .leaves(Each(&[K::Revoked])),
    get("/v1/proof", "The bundle and the receipt behind an assertion.", |asked| Box::pin(proof(asked)))
        .by(&[Assertion])
        .gives::<ServiceProof>()
        .leaves(Hourly(K::Viewed)),
];

/// The calls, without what answers them.
#[must_use]
pub fn calls() -> Vec<Call<()>> {
    CALLS.iter().map(Call::described).collect()
}

async fn health(asked: Asked<'_>) -> Answer {
    json(&kept_health(asked.carrier).await)
}

async fn keys(asked: Asked<'_>) -> Answer {
    json(&asked.carrier.asserter.keys())
}

async fn open(asked: Asked<'_>) -> Answer {
    let certificate = asked.certificate.ok_or_else(no_certificate)?;
    let session = asked.carrier.life.open(asked.body, certificate.clone(), asked.from).await?;
    json(&session.opened())
}

async fn status(asked: Asked<'_>) -> Answer {
    let session = session(asked.carrier, asked.certificate)?;
    // Why nothing passes has to be told while the log is away too: the entry waits for it.
    session.view_of_status().into_iter().for_each(|view| asked.carrier.life.events.later(view));
    json(&session.status())
}

async fn extend(asked: Asked<'_>) -> Answer {
    let certificate = asked.certificate.ok_or_else(no_certificate)?;
    let session = session(asked.carrier, asked.certificate)?;
    asked.carrier.life.extend(&session, asked.body, certificate, asked.from).await?;
    json(&session.status())
}

async fn end(asked: Asked<'_>) -> Answer {
    let session = session(asked.carrier, asked.certificate)?;
    session.end("ended-by-requester");
    // Whoever heard that it is over is not to find it open again after a crash.
    timeout(END_KEPT, session.end_kept().cancelled()).await.map_err(|_| end_not_kept())?;
    json(&session.status())
}

async fn revoke(asked: Asked<'_>) -> Answer {
    json(&asked.carrier.life.revoke(asked.body).await?)
}

fn end_not_kept() -> Refused {
    Refused::new(
        503,
        "end-not-kept",
        "The Session is over, but the gateway cannot note that on its disk now.",
        "Nothing passes any more. Tell your administrators; the gateway's disk is full or cannot be written.",
    )
}

fn session(carrier: &Carrier, certificate: Option<&Digest>) -> Result<Arc<Session>, Refused> {
    let certificate = certificate.ok_or_else(no_certificate)?;
    carrier.life.sessions.of_certificate(certificate).ok_or_else(no_session)
}

/// For the service: the bundle and the receipt behind an assertion that it got.
async fn proof(asked: Asked<'_>) -> Answer {
    let Asked { carrier, head, .. } = asked;
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
    json(&carrier.life.prove(&session).await?)
}

async fn kept_health(carrier: &Carrier) -> Health {
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

/// Asked at once and not for long: whoever asks about health has to hear of those who are silent too.
async fn missing(carrier: &Carrier) -> Vec<String> {
    let gate = &carrier.life.gate;
    let clock = timeout(HEALTH_TIME, gate.log.check_clock(&*carrier.life.clock));
    let keys = timeout(HEALTH_TIME, gate.provider.keys_for(None));
    let (clock, keys) = tokio::join!(clock, keys);
    let late = |who: &str| format!("{who} does not answer in time");
    let clock = clock.map_or_else(|_| Some(late("the audit service")), |agrees| agrees.err().map(|e| e.to_string()));
    let keys = keys.map_or_else(|_| Some(late("the identity provider")), |known| known.err().map(|e| e.to_string()));
    clock.into_iter().chain(keys).collect()
}

fn json(value: &impl Serialize) -> Answer {
    let failed = |_| Refused::new(500, "not-writable", "The answer could not be written.", "Tell your administrators.");
    serde_json::to_vec(value).map(|body| (200, body)).map_err(failed)
}

fn no_certificate() -> Refused {
    Refused::new(
        401,
        "no-certificate",
        "This call needs the session's own TLS certificate.",
        "Open the session in Countersign.",
    )
}
