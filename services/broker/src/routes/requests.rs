use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use domain::{Organization, Role, UnixSeconds};
use policy::{Ask, InForce};
use serve::{JsonBody, ProblemResponse};
use statement::{Factor, Request, Signer, verify_request};
use wire::broker::{RequestList, RequestView, SignedStatement, WhichRequests};
use wire::event::{Append, EventKind};

use crate::admission::Admitted;
use crate::asked::asked;
use crate::attested::factor_of;
use crate::broker::Broker;
use crate::life::{Approved, Life, Waiting};
use crate::problems::{self, Answer};
use crate::routes::named::Named;
use crate::store::RequestRow;

/// A statement reaches the broker within this time of its signature, in seconds.
pub(crate) const FRESH_SECONDS: i64 = 300;
/// Requests of one person that may wait at one time.
const MOST_WAITING: i64 = 20;

/// `GET /v1/organizations`
pub(crate) async fn organizations(State(broker): State<Arc<Broker>>, _: Admitted) -> Json<Vec<Organization>> {
    Json(broker.organizations.clone())
}

/// `GET /v1/requests`
pub(crate) async fn list(
    State(broker): State<Arc<Broker>>,
    caller: Admitted,
    which: Result<Query<WhichRequests>, QueryRejection>,
) -> Answer<Json<Vec<RequestView>>> {
    let who = caller.identity();
    let is_approver = who.roles.contains(&Role::Approver);
    let rows = match which.ok().map(|Query(which)| which.view) {
        Some(RequestList::Mine) => broker.store.requests_of(&who.person).await?,
        Some(RequestList::Inbox) if is_approver => broker.store.requests_for(&who.person).await?,
        Some(RequestList::Decided) => broker.store.requests_decided_by(&who.person).await?,
        Some(RequestList::Inbox) => Vec::new(),
        None => {
            let problem = problems::no_such_list();
            return Err(broker.refuse(EventKind::CallRefused, Some(who), None, problem).await);
        }
    };
    let mut views = Vec::with_capacity(rows.len());
    for row in rows {
        views.push(broker.view(row).await?);
    }
    Ok(Json(views))
}

/// `GET /v1/requests/{digest}`
pub(crate) async fn one(
    State(broker): State<Arc<Broker>>,
    caller: Admitted,
    Named(id): Named,
) -> Answer<Json<RequestView>> {
    let who = caller.identity();
    let row = match broker.find(&id).await {
        Ok(row) => row,
        Err(problem) => return Err(broker.refuse(EventKind::CallRefused, Some(who), None, problem).await),
    };
    // Whoever may not see it learns no more than that they see nothing.
    let may_see = row.person == who.person || who.roles.iter().any(|r| matches!(r, Role::Approver | Role::Reviewer));
    if !may_see {
        let problem = problems::no_such_request();
        return Err(broker.refuse(EventKind::CallRefused, Some(who), Some(&row.id), problem).await);
    }
    Ok(Json(broker.view(row).await?))
}

/// `POST /v1/requests`
pub(crate) async fn ask(
    State(broker): State<Arc<Broker>>,
    caller: Admitted,
    body: Result<JsonBody<SignedStatement>, ProblemResponse>,
) -> Answer<Json<RequestView>> {
    let who = caller.identity();
    let SignedStatement { statement } = broker.body(body, EventKind::RequestRefused, who).await?;
    broker.compare_before_turn(who, &[&statement]).await?;
    let _turn = broker.turn(EventKind::RequestRefused, Some(who)).await?;
    let verified = match verify(&broker, &caller, &statement).await {
        Ok(verified) => verified,
        Err(problem) => return Err(broker.refuse(EventKind::RequestRefused, Some(who), None, problem).await),
    };
    let written = |kind| asked(Append::new(kind), &verified.request, verified.factor.as_ref());
    let new = match check(&broker, &statement, &verified).await {
        Ok(new) => new,
        // What was asked stands beside the refusal, so that it can be asked again of another policy.
        Err(problem) => return Err(broker.refuse_as(written(EventKind::RequestRefused), Some(who), problem).await),
    };
    let mut append = written(EventKind::RequestSigned)
        .fact("approvals-needed", new.approvals_needed.to_string())
        .personal("justification", &new.body.justification)
        .statement(&new.compact);
    if let Some(extends) = &new.body.extends {
        append = append.fact("extends", extends.session.as_str());
    }
    if let Some(permission) = &new.body.break_glass {
        append = append.fact("break-glass", permission.as_str());
    }
    append.unique = Some(format!("request/{}", new.id));
    let logged = broker.log_step(append, EventKind::RequestRefused, who).await?;
    broker.store.add_request(&logged, &new).await?;
    Ok(Json(broker.changed(&new.id).await?))
}

/// What the caller signed a moment ago, about an Organization that there is.
struct Verified {
    request: Signer<Request>,
    factor: Option<Factor>,
    in_force: Arc<InForce>,
}

async fn verify(broker: &Broker, caller: &Admitted, compact: &str) -> Answer<Verified> {
    let who = caller.identity();
    let dossier = broker.dossier([who.kid.clone()], [(who.person.clone(), who.device.clone())]).await?;
    let policies = broker.policies_named_in(compact).await?;
    let in_force = policies.current().clone();
    let request = broker
        .verify(&dossier, |directory, enrolments, now| {
            let request = verify_request(compact, directory, enrolments, &in_force.trust, now)?;
            request.statement.check_envelope(&broker.trust.gateway_id, now)?;
            Ok(request)
        })
        .await?;
    if *request.statement.kid() != who.kid {
        return Err(problems::not_yours());
    }
    broker.check_what_signers_saw(&dossier.enrols, &[compact]).await?;
    fresh(request.statement.payload().iat, broker.now())?;
    known_organization(broker, request.statement.body())?;
    let factor = factor_of(broker, &who.kid, request.statement.payload().iat).await?;
    Ok(Verified { request, factor, in_force })
}

async fn check(broker: &Broker, compact: &str, verified: &Verified) -> Answer<RequestRow> {
    let Verified { request, factor, in_force } = verified;
    let who = &request.identity;
    broker.check_extends(who, request.statement.body()).await?;
    let allowed = in_force.policy.evaluate(&Ask::of(request, factor.as_ref())).map_err(|r| problems::by_policy(&r))?;
    let permission = broker.permission_of(request).await?;
    let Signer { statement, identity } = request;
    let (payload, body, identity) = (statement.payload(), statement.body().clone(), identity.clone());
    if broker.store.request(statement.digest()).await?.is_some() {
        return Err(problems::sent_already());
    }
    if broker.store.waiting_requests(&who.person).await? >= MOST_WAITING {
        return Err(problems::too_many_waiting());
    }
    let life = match permission {
        Some((permitted, _)) => Life::Approved(Approved::in_advance(payload.exp.min(permitted.body().until))),
        None => Life::Waiting(Waiting::new(payload.exp, allowed.approvals)),
    };
    Ok(RequestRow {
        id: statement.digest().clone(),
        compact: compact.to_owned(),
        token: identity.kid.clone(),
        requested_at: payload.iat,
        standing: life.standing(),
        body,
        person: identity.person,
        device: identity.device,
        subject: identity.subject,
        name: identity.name,
        approvals_needed: allowed.approvals,
    })
}

/// A statement that lay around is refused: what its signer saw may have changed.
pub(crate) fn fresh(signed_at: UnixSeconds, now: UnixSeconds) -> Answer<()> {
    if now - signed_at > FRESH_SECONDS { Err(problems::stale()) } else { Ok(()) }
}

fn known_organization(broker: &Broker, body: &Request) -> Answer<()> {
    let asked = &body.organization;
    match broker.organizations.iter().find(|o| o.id == asked.id) {
        None => Err(problems::organization_unknown()),
        Some(known) if known.name != asked.name => Err(problems::organization_renamed()),
        Some(_) => Ok(()),
    }
}

/// The word of an enum as it stands on the wire.
pub(crate) fn kebab<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}
