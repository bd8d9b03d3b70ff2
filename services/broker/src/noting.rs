//! What stands around every route, for what no route writes down.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use serve::{CalledBy, Hourly, Known, Peer, ProblemResponse};
use tokio::time::timeout;
use wire::event::EventKind;

use crate::broker::Broker;
use crate::problems::{self, Answer};
use crate::routes::CALLS;

/// A lease waits for the log this long.
const LEASE_PATIENCE: Duration = Duration::from_secs(1);

/// Writes down what somebody is shown, before they are; a call that is none; and later, what could not be written when it
/// was refused.
pub(crate) async fn note(State(broker): State<Arc<Broker>>, mut request: Request, next: Next) -> Response {
    let (hourly, known) = (Hourly::of(&CALLS, &request), Known::default());
    let service = request.extensions().get::<Peer>().and_then(|peer| peer.service);
    request.extensions_mut().insert(known.clone());
    let answer = next.run(request).await;
    let identity = known.identity();
    let by = identity.as_ref().map(CalledBy::Person).or(service.map(CalledBy::Service));
    if let (true, Some(hourly), Some(by)) = (answer.status().is_success(), hourly, by)
        && let Err(unwritten) = written_or_soon(&broker, &hourly, by).await
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

/// What was called for stands in the log before it is given; but Sessions that wait for leases end within 15 s, so these are given
/// whether or not the log answers, and the next call writes what this one could not.
async fn written_or_soon(broker: &Broker, call: &Hourly, by: CalledBy<'_>) -> Answer<()> {
    if !call.is("POST /v1/leases") {
        return written(broker, call, by).await;
    }
    if !matches!(timeout(LEASE_PATIENCE, written(broker, call, by)).await, Ok(Ok(()))) {
        tracing::warn!("leases are given that are not in the log yet");
    }
    Ok(())
}

async fn written(broker: &Broker, call: &Hourly, by: CalledBy<'_>) -> Answer<()> {
    let now = broker.now();
    if !broker.hours.has(by, call, now) {
        broker.log(call.event(by)).await?;
        broker.hours.written(by, call, now);
    }
    Ok(())
}
