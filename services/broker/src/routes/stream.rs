use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use domain::Role;
use futures_util::Stream;
use statement::Identity;
use tokio::sync::broadcast::error::RecvError;
use wire::broker::Push;
use wire::event::EventKind;

use crate::admission::Known;
use crate::attest::SIGN_IN_SECONDS;
use crate::broker::Broker;
use crate::problems::{self, Answer};
use crate::pushes::Signal;
use crate::streams::StreamPlace;

/// A quiet stream says that it lives this often.
const KEEP_ALIVE: Duration = Duration::from_secs(5);
/// A stream ends after this time, or with the sign-in; the desktop comes back with a fresh proof.
const LONGEST: Duration = Duration::from_secs(3600);

/// `GET /v1/stream`
pub(crate) async fn stream(
    State(broker): State<Arc<Broker>>,
    known: Known,
) -> Answer<Sse<impl Stream<Item = Result<Event, Infallible>> + use<>>> {
    let who = &known.caller.identity;
    let Some(place) = broker.streams.take(&who.person) else {
        let problem = problems::too_many_streams();
        return Err(broker.refuse(EventKind::CallRefused, Some(who), None, problem).await);
    };
    let pushes = pushes(broker, known.caller.identity, known.chain.is_some(), place);
    Ok(Sse::new(pushes).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

/// What this person is told. Every stream begins with `hello`, which means: fetch everything again. Whoever falls behind
/// is cut, comes back, and gets one.
fn pushes(
    broker: Arc<Broker>,
    who: Identity,
    mut enrolled: bool,
    place: StreamPlace,
) -> impl Stream<Item = Result<Event, Infallible>> {
    let mut signals = broker.pushes.subscribe();
    let left = u64::try_from(who.signed_in_at + SIGN_IN_SECONDS - broker.now()).unwrap_or_default();
    let end = tokio::time::Instant::now() + LONGEST.min(Duration::from_secs(left));
    async_stream::stream! {
        let _place = place;
        yield Ok(event(&Push::Hello));
        loop {
            let push = match tokio::time::timeout_at(end, signals.recv()).await {
                Err(_) | Ok(Err(RecvError::Closed | RecvError::Lagged(_))) => return,
                Ok(Ok(signal)) => {
                    if matches!(&signal, Signal::Enrolment { person } if *person == who.person) {
                        enrolled = broker.enrolment(&who).await.is_ok_and(|chain| chain.is_some());
                    }
                    if signal == Signal::Revocation && !broker.is_revoked(&who).await.is_ok_and(|revoked| !revoked) {
                        return;
                    }
                    concerns(&signal, &who, enrolled)
                }
            };
            if let Some(push) = push {
                yield Ok(event(&push));
            }
        }
    }
}

/// The push for this person, if the signal concerns them.
fn concerns(signal: &Signal, who: &Identity, enrolled: bool) -> Option<Push> {
    let has = |role| who.roles.contains(&role);
    match signal {
        Signal::Revocation => None,
        Signal::Policy => enrolled.then_some(Push::Policy),
        Signal::Enrolment { person } => {
            (*person == who.person || (enrolled && has(Role::Administrator))).then_some(Push::Enrolment)
        }
        Signal::Factor { person, change } => (enrolled && (*person == who.person || has(Role::Administrator)))
            .then(|| Push::SecondFactor { person: person.clone(), change: *change }),
        Signal::Request { id, state, requester } => (enrolled && (*requester == who.person || has(Role::Approver)))
            .then(|| Push::Request { id: id.clone(), state: *state }),
    }
}

fn event(push: &Push) -> Event {
    Event::default().data(serde_json::to_string(push).unwrap_or_default())
}
