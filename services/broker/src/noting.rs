//! What stands around every route, for what no route writes down.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use serve::{Known, Peer, ProblemResponse, View, Viewer};
use wire::event::EventKind;

use crate::broker::Broker;
use crate::problems::{self, Answer};
use crate::routes::CALLS;

/// Writes down what somebody is shown, before they are; a call that is none; and later, what could not be written when it
/// was refused.
pub(crate) async fn note(State(broker): State<Arc<Broker>>, mut request: Request, next: Next) -> Response {
    let (view, known) = (View::of(&CALLS, &request), Known::default());
    let service = request.extensions().get::<Peer>().and_then(|peer| peer.service);
    request.extensions_mut().insert(known.clone());
    let answer = next.run(request).await;
    let identity = known.identity();
    let viewer = identity.as_ref().map(Viewer::Person).or(service.map(Viewer::Service));
    if let (true, Some(view), Some(viewer)) = (answer.status().is_success(), view, viewer)
        && let Err(unwritten) = viewed(&broker, &view, viewer).await
    {
        broker.unwritten.count(unwritten.code(), 1);
        return unwritten.into_response();
    }
    let Some(problem) = answer.extensions().get::<ProblemResponse>().cloned() else { return answer };
    if problems::UNWRITTEN.contains(&problem.code()) {
        broker.unwritten.count(problem.code(), 1);
    }
    if !serve::NOWHERE.contains(&problem.code()) {
        return answer;
    }
    let answered = broker.refuse(EventKind::CallRefused, None, None, problem.clone()).await;
    if answered == problem { answer } else { answered.into_response() }
}

async fn viewed(broker: &Broker, view: &View, viewer: Viewer<'_>) -> Answer<()> {
    let now = broker.now();
    if !broker.viewings.has(viewer, view, now) {
        broker.log(view.event(viewer)).await?;
        broker.viewings.written(viewer, view, now);
    }
    Ok(())
}
