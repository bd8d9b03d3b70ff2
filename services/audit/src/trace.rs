//! Every refused call of a person, or of nobody, leaves one entry; what services are refused they write down themselves.

use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::PersonId;
use serve::{Peer, ProblemResponse};
use wire::event::{Append, EventKind};
use wire::problem::Problem;

use crate::audit::Audit;

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
    let event = call_refused(&request);
    let service = request.extensions().get::<Peer>().is_some_and(|peer| peer.service.is_some());
    request.extensions_mut().insert(trace.clone());
    let answer = next.run(request).await;
    if service || !answer.status().is_client_error() {
        return answer;
    }
    let person = {
        let known = trace.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.noted {
            return answer;
        }
        known.person.clone()
    };
    let (head, body) = answer.into_parts();
    let bytes = to_bytes(body, MAX_PROBLEM).await.unwrap_or_default();
    let Ok(problem) = serde_json::from_slice::<Problem>(&bytes) else {
        return Response::from_parts(head, Body::from(bytes));
    };
    // The refusal itself, or that it could not be written down.
    let answered = audit.refuse(person.as_ref(), event, ProblemResponse::from(problem.clone())).await;
    if *answered.0 == problem { Response::from_parts(head, Body::from(bytes)) } else { answered.into_response() }
}

fn call_refused(request: &Request) -> Append {
    let path: String = request.uri().path().chars().filter(char::is_ascii_graphic).take(200).collect();
    let method: String = request.method().as_str().chars().take(20).collect();
    Append::new(EventKind::CallRefused).fact("call", format!("{method} {path}"))
}
