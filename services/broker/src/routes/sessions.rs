use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::Digest;
use serve::{JsonBody, ProblemResponse};
use wire::broker::{LeaseFor, LeaseRequest, Leases, SessionChange};
use wire::event::EventKind;

use crate::admission::Gateway;
use crate::broker::Broker;
use crate::life::Life;
use crate::problems::{self, Answer};
use crate::store::{RequestRow, StoreError};

/// Sessions in one call for leases: as many as fit into its body. Whoever has more asks in pages.
const MOST_LEASES: usize = 1_000;

/// `POST /v1/leases`
pub(crate) async fn leases(
    State(broker): State<Arc<Broker>>,
    _: Gateway,
    body: Result<JsonBody<LeaseRequest>, ProblemResponse>,
) -> Answer<Json<Leases>> {
    let asked = read(&broker, body).await?;
    if asked.sessions.len() > MOST_LEASES {
        return Err(broker.refuse(EventKind::CallRefused, None, None, problems::too_many_leases()).await);
    }
    let now = broker.now();
    let (mut leases, mut revoked) = (Vec::new(), Vec::new());
    for session in &asked.sessions {
        let chance = chance(&broker, session).await?;
        if chance == Chance::Revoked {
            revoked.push(session.request.clone());
        }
        if chance == Chance::Lives {
            let lease = broker.attestor.lease(&session.request, &session.session, now);
            leases.push(lease.map_err(|_| problems::key_unusable())?);
        }
    }
    Ok(Json(Leases { leases, revoked, now }))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Chance {
    /// An open Session before its end; or an approved request whose opening the gateway has yet to tell.
    Lives,
    Revoked,
    Over,
}

async fn chance(broker: &Broker, lease: &LeaseFor) -> Answer<Chance> {
    let stored = async {
        let Some(row) = broker.store.request(&lease.request).await? else { return Ok(None) };
        let decisions = broker.store.decisions(&row.id).await?;
        Ok(Some((row, decisions)))
    };
    let (row, decisions) = match stored.await {
        Ok(Some(stored)) => stored,
        Ok(None) => return Ok(Chance::Over),
        // What is wrong with one Session ends no other.
        Err(StoreError::BrokenRow(what)) => {
            tracing::error!(request = %lease.request, %what, "no lease for a Session");
            return Ok(Chance::Over);
        }
        Err(error) => return Err(error.into()),
    };
    if broker.is_cut(&row, &decisions).await? || broker.is_extension_cut(&lease.session, &row).await? {
        return Ok(Chance::Revoked);
    }
    let lives = match row.life(&decisions) {
        Life::Open(open) => *open.session() == lease.session && broker.now() < open.ends_at(),
        Life::Approved(approved) => approved.expire(broker.now()).is_err(),
        Life::Waiting(_) | Life::Over(_) => false,
    };
    Ok(if lives { Chance::Lives } else { Chance::Over })
}

/// `POST /v1/session-changes`
pub(crate) async fn changes(
    State(broker): State<Arc<Broker>>,
    _: Gateway,
    body: Result<JsonBody<SessionChange>, ProblemResponse>,
) -> Answer<StatusCode> {
    let change = read(&broker, body).await?;
    let _turn = broker.turn(EventKind::CallRefused, None).await?;
    let (SessionChange::Opened { request, .. }
    | SessionChange::Extended { request, .. }
    | SessionChange::Ended { request, .. }) = &change;
    let row = match broker.find(request.as_str()).await {
        Ok(row) => row,
        Err(problem) => return Err(refuse(&broker, request, problem).await),
    };
    broker.finish(&row.id).await?;
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
        (Life::Open(open), SessionChange::Extended { session, extension, ends_at, .. })
            if *open.session() == session =>
        {
            let until = broker.use_extension(&row, &session, &extension, ends_at).await?;
            Ok(Some(Life::Open(open.extend(until))))
        }
        (Life::Open(open), SessionChange::Ended { session, reason, .. }) if *open.session() == session => {
            Ok(Some(Life::Over(open.end(reason))))
        }
        (Life::Open(_), _) => Err(problems::other_session()),
        (Life::Over(_), SessionChange::Ended { session, .. }) if row.standing.session.as_ref() == Some(&session) => {
            Ok(None)
        }
        // Only what had every Approval can have been opened.
        (Life::Over(over), SessionChange::Ended { session, reason, .. }) if row.is_signed(&decisions) => over
            .note_session(session, reason)
            .map(|over| Some(Life::Over(over)))
            .map_err(|_| problems::settled(row.standing.state)),
        (Life::Approved(_), SessionChange::Extended { .. }) => Err(problems::other_session()),
        (Life::Waiting(_) | Life::Over(_), _) => Err(problems::settled(row.standing.state)),
    }
}

async fn read<T>(broker: &Broker, body: Result<JsonBody<T>, ProblemResponse>) -> Answer<T> {
    match body {
        Ok(JsonBody(body)) => Ok(body),
        Err(problem) => Err(broker.refuse(EventKind::CallRefused, None, None, problem).await),
    }
}

async fn refuse(broker: &Broker, id: &Digest, problem: ProblemResponse) -> ProblemResponse {
    broker.refuse(EventKind::CallRefused, None, Some(id), problem).await
}
