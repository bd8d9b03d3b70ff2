use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::{Digest, OrgId};
use serve::{JsonBody, ProblemResponse};
use wire::broker::{LeaseFor, LeaseRequest, Leases, SessionChange};
use wire::event::{Append, EventKind};

use crate::admission::Gateway;
use crate::broker::Broker;
use crate::extending::Step;
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
    let (SessionChange::Opened { request, .. }
    | SessionChange::Extended { request, .. }
    | SessionChange::Ended { request, .. }) = &change;
    // Nobody's turn waits for the log: it may be away, and many Sessions end at once then.
    let turn = broker.turn(EventKind::CallRefused, None).await?;
    let (organization, steps) = plan(&broker, request, &change).await?;
    drop(turn);
    // What was told before stands there already.
    if steps.is_empty() {
        return Ok(StatusCode::NO_CONTENT);
    }
    let logged = broker.log(told(&change).organization(&organization)).await?;
    let _turn = broker.turn(EventKind::CallRefused, None).await?;
    for Step { request, from, next } in plan(&broker, request, &change).await?.1 {
        broker.store.advance(&logged, &request, from, &next).await?;
        broker.changed(&request).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Where the change brings things as they stand now, in a turn.
async fn plan(broker: &Broker, request: &Digest, change: &SessionChange) -> Answer<(OrgId, Vec<Step>)> {
    let row = match broker.find(request.as_str()).await {
        Ok(row) => row,
        Err(problem) => return Err(refuse(broker, request, problem).await),
    };
    broker.finish(&row.id).await?;
    let row = broker.find(request.as_str()).await?;
    let (id, organization) = (row.id.clone(), row.body.organization.id.clone());
    match follow(broker, row, change).await {
        Ok(steps) => Ok((organization, steps)),
        Err(problem) => Err(refuse(broker, &id, problem).await),
    }
}

/// What the gateway says, as it stands in the log: once, however often it is told.
fn told(change: &SessionChange) -> Append {
    let (what, of, session, more) = match change {
        SessionChange::Opened { request, session, ends_at } => {
            ("opened", request, session, vec![("ends-at", ends_at.to_string())])
        }
        SessionChange::Extended { request, session, extension, ends_at } => {
            ("extended", request, session, vec![("ends-at", ends_at.to_string()), ("extension", extension.to_string())])
        }
        SessionChange::Ended { request, session, reason } => {
            ("ended", request, session, vec![("reason", reason.clone())])
        }
    };
    let event = Append::new(EventKind::GrantChanged).session(session).fact("change", what).fact("request", of.as_str());
    let mut event = more.iter().fold(event, |event, (name, value)| event.fact(name, value));
    let more: String = more.iter().map(|(_, value)| format!("/{value}")).collect();
    event.unique = Some(format!("changed/{of}/{what}/{session}{more}"));
    event
}

/// Where the change brings the request, and the one that extended it; nowhere when it was told before.
async fn follow(broker: &Broker, row: RequestRow, change: &SessionChange) -> Answer<Vec<Step>> {
    let decisions = broker.store.decisions(&row.id).await?;
    let mut steps = Vec::new();
    let next = match (row.life(&decisions), change) {
        (Life::Approved(approved), SessionChange::Opened { session, ends_at, .. }) => {
            Life::Open(approved.open(session.clone(), *ends_at))
        }
        (Life::Approved(approved), SessionChange::Ended { session, reason, .. }) => {
            Life::Over(approved.end(session.clone(), reason.clone(), broker.now()))
        }
        (Life::Open(open), SessionChange::Opened { session, .. }) if open.session() == session => return Ok(steps),
        (Life::Open(open), SessionChange::Extended { session, extension, ends_at, .. })
            if open.session() == session =>
        {
            let extended = broker.extension(&row, session, extension, *ends_at).await?;
            steps.extend(extended.step);
            Life::Open(open.extend(extended.until))
        }
        (Life::Open(open), SessionChange::Ended { session, reason, .. }) if open.session() == session => {
            Life::Over(open.end(reason.clone()))
        }
        (Life::Over(_), SessionChange::Ended { session, .. }) if row.standing.session.as_ref() == Some(session) => {
            return Ok(steps);
        }
        // Only what had every Approval can have been opened.
        (Life::Over(over), SessionChange::Ended { session, reason, .. }) if row.is_signed(&decisions) => {
            let noted = over.note_session(session.clone(), reason.clone());
            Life::Over(noted.map_err(|_| problems::settled(row.standing.state))?)
        }
        (Life::Open(_), _) | (Life::Approved(_), SessionChange::Extended { .. }) => {
            return Err(problems::other_session());
        }
        (Life::Waiting(_) | Life::Over(_), _) => return Err(problems::settled(row.standing.state)),
    };
    steps.push(Step { request: row.id, from: row.standing.state, next: next.standing() });
    Ok(steps)
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
