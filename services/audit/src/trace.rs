//! Every refused call leaves one entry, whoever made it; and what the table calls hourly leaves one an hour.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serve::{CalledBy, Hourly, Known, Peer, ProblemResponse, Service};
use wire::event::{Append, EventKind};
use wire::problem::Problem;

use crate::audit::Audit;
use crate::noted::Whom;
use crate::opening::one_line;
use crate::problem;
use crate::routes::CALLS;

/// No problem is longer, in bytes.
const MAX_PROBLEM: usize = 64 * 1024;

/// What becomes known of a call while it is answered.
#[derive(Clone, Default)]
pub(crate) struct Trace(Arc<AtomicBool>);

impl Trace {
    /// An entry of its own kind was written already.
    pub fn is_noted(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Stands around every route.
pub(crate) async fn note(State(audit): State<Arc<Audit>>, mut request: Request, next: Next) -> Response {
    let (trace, known) = (Trace::default(), Known::default());
    let hourly = Hourly::of(&CALLS, &request);
    let service = request.extensions().get::<Peer>().and_then(|peer| peer.service);
    let event = call_refused(&request, service);
    let appends = request.uri().path() == "/v1/events";
    request.extensions_mut().insert(trace.clone());
    request.extensions_mut().insert(known.clone());
    let answer = next.run(request).await;
    // A service is itself, whatever else its call carries.
    let who = known.identity().filter(|_| service.is_none());
    let by = service.map(CalledBy::Service).or(who.as_ref().map(CalledBy::Person));
    if let (true, Some(hourly), Some(by)) = (answer.status().is_success(), hourly, by)
        && let Err(unwritten) = written(&audit, &hourly, by).await
    {
        return unwritten.into_response();
    }
    if !answer.status().is_client_error() || trace.0.load(Ordering::Relaxed) {
        return answer;
    }
    let whom = service.map(Whom::service).or_else(|| who.map(|w| Whom::Person(w.person))).unwrap_or(Whom::Nobody);
    let (head, body) = answer.into_parts();
    let bytes = to_bytes(body, MAX_PROBLEM).await.unwrap_or_default();
    let Ok(refusal) = serde_json::from_slice::<Problem>(&bytes) else {
        return Response::from_parts(head, Body::from(bytes));
    };
    // A service that appends once and for all asks again after each restart: its entry is there.
    if appends && service.is_some() && refusal.code == problem::already_taken().code() {
        return Response::from_parts(head, Body::from(bytes));
    }
    // The refusal itself, or that it could not be written down.
    let answered = audit.refuse(&whom, event, ProblemResponse::from(refusal.clone())).await;
    if *answered.0 == refusal { Response::from_parts(head, Body::from(bytes)) } else { answered.into_response() }
}

/// What was called for stands in the log before it is given.
async fn written(audit: &Audit, call: &Hourly, by: CalledBy<'_>) -> Result<(), ProblemResponse> {
    let now = audit.now();
    if !audit.hours.has(by, call, now) {
        let event = call.event(by);
        let event = match by {
            CalledBy::Person(who) => event.personal("name", one_line(&who.name)),
            CalledBy::Service(_) => of_organization(audit, event).await?,
        };
        audit.note(event).await?;
        audit.hours.written(by, call, now);
    }
    Ok(())
}

/// Evidence takes what is about its Session and its Organization.
async fn of_organization(audit: &Audit, event: Append) -> Result<Append, ProblemResponse> {
    let Some(session) = &event.session else { return Ok(event) };
    let row = audit.reader.session(session).await?;
    Ok(match row {
        Some(row) => event.organization(&row.organization),
        None => event,
    })
}

fn is_extension(path: &str) -> bool {
    path.starts_with("/v1/recordings/") && path.ends_with("/extensions")
}

fn call_refused(request: &Request, service: Option<Service>) -> Append {
    let path = request.uri().path();
    let opens = (path == "/v1/recordings" || is_extension(path)) && service == Some(Service::Gateway);
    let kind = if opens { EventKind::SessionRefused } else { EventKind::CallRefused };
    let path: String = request.uri().path().chars().filter(char::is_ascii_graphic).take(200).collect();
    let method: String = request.method().as_str().chars().take(20).collect();
    Append::new(kind).fact("call", format!("{method} {path}"))
}
