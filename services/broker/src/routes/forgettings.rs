use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use domain::{Digest, Role};
use serve::{JsonBody, ProblemResponse, refused};
use statement::{Forget, Forgetting, Refusal, Signer, verify_forget, verify_forgetting};
use wire::event::{Append, EventKind};
use wire::forgetting::{ForgettingList, NewForgetting, ProposedForgetting};

use crate::admission::Admitted;
use crate::attested::attested;
use crate::broker::{Broker, by};
use crate::ledger::LedgerError;
use crate::problems::{self, Answer};
use crate::store::ProposedForgettingRow;

/// `GET /v1/forgettings`: what was forgotten for everybody, what is proposed for administrators.
pub(crate) async fn list(State(broker): State<Arc<Broker>>, caller: Admitted) -> Answer<Json<ForgettingList>> {
    answer(&broker, &caller).await.map(Json)
}

/// `POST /v1/forgettings`: the first administrator proposes, another one signs the same. The audit service verifies both itself.
pub(crate) async fn sign(
    State(broker): State<Arc<Broker>>,
    caller: Admitted,
    body: Result<JsonBody<NewForgetting>, ProblemResponse>,
) -> Answer<Json<ForgettingList>> {
    let who = caller.identity();
    let new = broker.body(body, EventKind::ForgettingRefused, who).await?;
    broker.compare_before_turn(who, &[&new.statement]).await?;
    let _turn = broker.turn(EventKind::ForgettingRefused, Some(who)).await?;
    let step = match check(&broker, &caller, new).await {
        Ok(step) => step,
        Err(problem) => return Err(broker.refuse(EventKind::ForgettingRefused, Some(who), None, problem).await),
    };
    match step {
        Step::Propose(signer, row) => propose(&broker, &caller, &signer, &row).await?,
        Step::Forget(id, forgetting) => match broker.ledger.forget(&forgetting).await {
            Ok(()) => broker.store.drop_forgetting(&id).await?,
            Err(LedgerError::Refused { code, why }) if code != problems::OTHER_LOG => {
                let problem = problems::not_forgotten(&why);
                return Err(broker.refuse(EventKind::ForgettingRefused, Some(who), None, problem).await);
            }
            Err(error) => return Err(error.into()),
        },
    }
    answer(&broker, &caller).await.map(Json)
}

enum Step {
    Propose(Box<Signer<Forget>>, ProposedForgettingRow),
    Forget(Digest, Box<Forgetting>),
}

async fn check(broker: &Broker, caller: &Admitted, new: NewForgetting) -> Answer<Step> {
    let who = caller.identity();
    if !who.roles.contains(&Role::Administrator) {
        return Err(refused(&Refusal::MissingRole));
    }
    let trust = broker.policies().await?.policies.current().trust.clone();
    let dossier = broker.dossier([who.kid.clone()], [(who.person.clone(), who.device.clone())]).await?;
    let signer = broker
        .verify(&dossier, |directory, enrolments, now| {
            verify_forget(&new.statement, directory, enrolments, &trust, now)
        })
        .await?;
    if *signer.statement.kid() != who.kid {
        return Err(problems::not_yours());
    }
    broker.check_what_signers_saw(&dossier.enrols, &[&new.statement]).await?;
    if !broker.organizations.contains(&signer.statement.body().organization) {
        return Err(problems::organization_unknown());
    }
    let mfa = attested(broker, who, signer.statement.digest(), new.mfa)?;
    let (id, now) = (signer.statement.body().id(), broker.now());
    let own = Forgetting {
        statements: vec![new.statement],
        mfa: vec![mfa],
        enrols: dossier.enrols,
        pk_tokens: dossier.tokens,
    };
    let proposed = broker.store.proposed_forgettings(now).await?.into_iter().find(|row| row.id == id);
    let Some(proposed) = proposed else {
        let expires_at = signer.statement.payload().exp;
        let row = ProposedForgettingRow { id, forgetting: own, proposed_at: now, expires_at };
        return Ok(Step::Propose(Box::new(signer), row));
    };
    let forgetting = joined(proposed.forgetting, own);
    broker.check_what_signers_saw(&forgetting.enrols, &forgetting.statements).await?;
    let keys = broker.keys().await?;
    let forgotten = verify_forgetting(&forgetting, &trust, &keys, now).map_err(|r| refused(&r))?;
    for signer in forgotten.signers() {
        if broker.is_revoked(&signer.identity).await? {
            return Err(problems::revoked());
        }
    }
    Ok(Step::Forget(id, Box::new(forgetting)))
}

/// What both administrators signed and rest on, each thing once.
fn joined(first: Forgetting, second: Forgetting) -> Forgetting {
    let once = |mut all: Vec<String>, more: Vec<String>| {
        all.extend(more);
        all.sort_unstable();
        all.dedup();
        all
    };
    Forgetting {
        statements: [first.statements, second.statements].concat(),
        mfa: [first.mfa, second.mfa].concat(),
        enrols: once(first.enrols, second.enrols),
        pk_tokens: once(first.pk_tokens, second.pk_tokens),
    }
}

/// Under no Organization's key: what was proposed is known when that is gone.
async fn propose(
    broker: &Broker,
    caller: &Admitted,
    signer: &Signer<Forget>,
    row: &ProposedForgettingRow,
) -> Answer<()> {
    let body = signer.statement.body();
    let mut append = by(Append::new(EventKind::ForgettingProposed), caller.identity())
        .fact("organization", body.organization.id.as_str())
        .personal("justification", &body.justification)
        .statement(signer.statement.compact());
    append.unique = Some(format!("proposal/{}", signer.statement.digest()));
    let logged = broker.log(append).await?;
    Ok(broker.store.propose_forgetting(&logged, row).await?)
}

async fn answer(broker: &Broker, caller: &Admitted) -> Answer<ForgettingList> {
    let forgettings = broker.ledger.forgettings().await?.forgettings;
    let is_administrator = caller.identity().roles.contains(&Role::Administrator);
    let rows = if is_administrator { broker.store.proposed_forgettings(broker.now()).await? } else { Vec::new() };
    let proposed = rows.into_iter();
    let proposed =
        proposed.map(|row| ProposedForgetting { forgetting: row.forgetting, proposed_at: row.proposed_at }).collect();
    Ok(ForgettingList { forgettings, proposed })
}
