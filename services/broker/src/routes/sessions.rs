use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::Digest;
use serve::{JsonBody, ProblemResponse};
use wire::broker::{LeaseFor, LeaseRequest, Leases, RequestState, SessionChange};
use wire::event::EventKind;

use crate::admission::Gateway;
use crate::broker::Broker;
use crate::life::Life;
use crate::problems::{self, Answer};
use crate::store::RequestRow;

/// Sessions in one call for leases.
const MOST_LEASES: usize = 1_000;

/// `POST /v1/leases`
pub(crate) async fn leases(
    State(broker): State<Arc<Broker>>,
    _: Gateway,
    body: Result<JsonBody<LeaseRequest>, ProblemResponse>,
) -> Answer<Json<Leases>> {
    let JsonBody(asked) = body?;
    let now = broker.now();
    let mut leases = Vec::new();
    for session in asked.sessions.iter().take(MOST_LEASES) {
        if may_live(&broker, session).await? {
            let lease = broker.attestor.lease(&session.request, &session.session, now);
            leases.push(lease.map_err(|_| problems::key_unusable())?);
        }
    }
    Ok(Json(Leases { leases, now }))
}

/// An open Session before its end; or an approved request whose opening the gateway has yet to tell.
async fn may_live(broker: &Broker, lease: &LeaseFor) -> Answer<bool> {
    let Some(row) = broker.store.request(&lease.request).await? else { return Ok(false) };
    let decisions = broker.store.decisions(&row.id).await?;
    Ok(match row.life(&decisions) {
        Life::Open(open) => *open.session() == lease.session && broker.now() < open.ends_at(),
        Life::Approved(approved) => approved.expire(broker.now()).is_err(),
        Life::Waiting(_) | Life::Over(_) => false,
    })
}

/// `POST /v1/session-changes`
pub(crate) async fn changes(
    State(broker): State<Arc<Broker>>,
    _: Gateway,
    body: Result<JsonBody<SessionChange>, ProblemResponse>,
) -> Answer<StatusCode> {
    let JsonBody(change) = body?;
    let _turn = broker.turn().await?;
    let (SessionChange::Opened { request, .. } | SessionChange::Ended { request, .. }) = &change;
    let row = broker.find(request.as_str()).await?;
    let (id, from) = (row.id.clone(), row.standing.state);
    match follow(&broker, row, change).await {
        Ok(Some(next)) => {
            broker.store.follow(&id, from, &next.standing()).await?;
            broker.changed(&id).await?;
            Ok(StatusCode::NO_CONTENT)
        }
        Ok(None) => Ok(StatusCode::NO_CONTENT),
        Err(problem) => Err(refuse(&broker, &id, problem).await),
    }
}

/// Where the change brings the request; `None` when it was told before.
async fn follow(broker: &Broker, row: RequestRow, change: SessionChange) -> Answer<Option<Life>> {
    let decisions = broker.store.decisions(&row.id).await?;
    match (row.life(&decisions), change) {
        (Life::Approved(approved), SessionChange::Opened { session, ends_at, .. }) => {
            Ok(Some(Life::Open(approved.open(session, ends_at))))
        }
        (Life::Approved(approved), SessionChange::Ended { session, reason, .. }) => {
            Ok(Some(Life::Over(approved.end(session, reason, broker.now()))))
        }
        (Life::Open(open), SessionChange::Opened { session, .. }) if *open.session() == session => Ok(None),
        (Life::Open(open), SessionChange::Ended { session, reason, .. }) if *open.session() == session => {
            Ok(Some(Life::Over(open.end(reason))))
        }
        (Life::Open(_), _) => Err(problems::other_session()),
        (Life::Over(_), SessionChange::Ended { session, .. })
            if row.standing.state == RequestState::Ended && row.standing.session.as_ref() == Some(&session) =>
        {
            Ok(None)
        }
        (Life::Waiting(_) | Life::Over(_), _) => Err(problems::settled(row.standing.state)),
    }
}

async fn refuse(broker: &Broker, id: &Digest, problem: ProblemResponse) -> ProblemResponse {
    broker.refuse(EventKind::CallRefused, None, Some(id), problem).await
}
