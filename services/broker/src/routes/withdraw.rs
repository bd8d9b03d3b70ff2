use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serve::{JsonBody, ProblemResponse};
use statement::{Identity, Refusal, Signed, Withdraw};
use wire::broker::{RequestView, SignedStatement};
use wire::event::{Append, EventKind};

use crate::admission::Admitted;
use crate::broker::{Broker, by};
use crate::life::{Life, Over};
use crate::problems::{self, Answer};
use crate::routes::named::Named;
use crate::store::{RequestRow, Unfinished};

/// `POST /v1/requests/{digest}/withdraw`
pub(crate) async fn withdraw(
    State(broker): State<Arc<Broker>>,
    caller: Admitted,
    Named(id): Named,
    body: Result<JsonBody<SignedStatement>, ProblemResponse>,
) -> Answer<Json<RequestView>> {
    let who = caller.identity();
    let SignedStatement { statement } = broker.body(body, EventKind::RequestRefused, who).await?;
    let _turn = broker.turn(EventKind::RequestRefused, Some(who)).await?;
    let row = match broker.find(&id).await {
        Ok(row) => row,
        Err(problem) => return Err(broker.refuse(EventKind::RequestRefused, Some(who), None, problem).await),
    };
    broker.finish(&row.id).await?;
    let row = broker.find(&id).await?;
    let (signed, over) = match check(&broker, who, &row, &statement).await {
        Ok(checked) => checked,
        Err(problem) => return Err(broker.refuse(EventKind::RequestRefused, Some(who), Some(&row.id), problem).await),
    };
    let mut append = by(Append::new(EventKind::RequestWithdrawn), who)
        .organization(&row.body.organization.id)
        .fact("request", row.id.as_str())
        .statement(signed.compact());
    append.unique = Some(format!("withdraw/{}", row.id));
    let (request, from, next) = (row.id.clone(), row.standing.state, Life::Over(over).standing());
    broker.end_request(Unfinished { request, from, next, append, decision: None }).await?;
    Ok(Json(broker.changed(&row.id).await?))
}

async fn check(broker: &Broker, who: &Identity, row: &RequestRow, compact: &str) -> Answer<(Signed<Withdraw>, Over)> {
    if row.person != who.person {
        return Err(problems::not_the_requester());
    }
    let over = match row.life(&broker.store.decisions(&row.id).await?) {
        Life::Waiting(waiting) => waiting.withdraw(),
        Life::Approved(approved) => approved.withdraw(),
        Life::Open(_) | Life::Over(_) => return Err(problems::settled(row.standing.state)),
    };
    let dossier = broker.dossier([who.kid.clone()], [(who.person.clone(), who.device.clone())]).await?;
    let statement = broker
        .verify(&dossier, |directory, enrolments, now| {
            let (statement, signer) = directory.verify::<Withdraw>(compact)?;
            statement.check_envelope(&broker.trust.gateway_id, now)?;
            enrolments.check(&signer)?;
            if statement.body().request == row.id { Ok(statement) } else { Err(Refusal::OtherRequest) }
        })
        .await?;
    if *statement.kid() != who.kid {
        return Err(problems::not_yours());
    }
    Ok((statement, over))
}
