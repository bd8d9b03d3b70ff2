//! Every refused call leaves one entry, whoever made it.

use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::PersonId;
use serve::{Peer, ProblemResponse, Service};
use wire::event::{Append, EventKind};
use wire::problem::Problem;

use crate::audit::Audit;
use crate::noted::Whom;
use crate::problem;

/// No problem is longer, in bytes.
const MAX_PROBLEM: usize = 64 * 1024;

/// What becomes known of a call while it is answered.
#[derive(Clone, Default)]
pub(crate) struct Trace(Arc<Mutex<Known>>);

#[derive(Default)]
struct Known {
    person: Option<PersonId>,
    noted: bool,
}

impl Trace {
    /// Whose PK token the call carries, once that is verified.
    pub fn is_of(&self, person: &PersonId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).person = Some(person.clone());
    }

    /// An entry of its own kind was written already.
    pub fn is_noted(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).noted = true;
    }
}

/// Stands around every route.
pub(crate) async fn note_refusals(State(audit): State<Arc<Audit>>, mut request: Request, next: Next) -> Response {
    let trace = Trace::default();
    let service = request.extensions().get::<Peer>().and_then(|peer| peer.service);
    let event = call_refused(&request, service);
    let appends = request.uri().path() == "/v1/events";
    request.extensions_mut().insert(trace.clone());
    let answer = next.run(request).await;
    if !answer.status().is_client_error() {
        return answer;
    }
    let whom = {
        let known = trace.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.noted {
            return answer;
        }
        service.map(Whom::service).or_else(|| known.person.clone().map(Whom::Person)).unwrap_or(Whom::Nobody)
    };
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
