use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use domain::{Digest, PersonId, Role};
use serve::{JsonBody, ProblemResponse, refused};
use statement::{
    BreakGlass, BreakGlassPermission, Refusal, SignedBreakGlass, Signer, verify_break_glass, verify_permission,
};
use wire::break_glass::{NewPermission, PermissionList, ProposedPermission};
use wire::event::{Append, EventKind};

use crate::admission::Admitted;
use crate::attested::attested;
use crate::broker::{Broker, by};
use crate::ledger::LedgerError;
use crate::problems::{self, Answer};
use crate::store::ProposedRow;

/// `GET /v1/break-glass`: all for administrators and reviewers, for others what names them.
pub(crate) async fn list(State(broker): State<Arc<Broker>>, caller: Admitted) -> Answer<Json<PermissionList>> {
    answer(&broker, &caller).await.map(Json)
}

/// `POST /v1/break-glass`: the first administrator proposes, another one signs the same.
pub(crate) async fn sign(
    State(broker): State<Arc<Broker>>,
    caller: Admitted,
    body: Result<JsonBody<NewPermission>, ProblemResponse>,
) -> Answer<Json<PermissionList>> {
    let who = caller.identity();
    let new = broker.body(body, EventKind::BreakGlassRefused, who).await?;
    broker.compare_before_turn(who, &[&new.statement]).await?;
    let _turn = broker.turn(EventKind::BreakGlassRefused, Some(who)).await?;
    let step = match check(&broker, &caller, new).await {
        Ok(step) => step,
        Err(problem) => return Err(broker.refuse(EventKind::BreakGlassRefused, Some(who), None, problem).await),
    };
    match step {
        Step::Propose(signer, row) => propose(&broker, &caller, &signer, &row).await?,
        Step::File(id, permission) => match broker.ledger.permit(&permission).await {
            // What an earlier call filed whose answer was lost is filed.
            Ok(()) | Err(LedgerError::Taken) => broker.store.keep_permission(&id, &permission).await?,
            Err(LedgerError::Refused { code, why }) if code != problems::OTHER_LOG => {
                let problem = problems::not_filed(&why);
                return Err(broker.refuse(EventKind::BreakGlassRefused, Some(who), None, problem).await);
            }
            Err(error) => return Err(error.into()),
        },
    }
    answer(&broker, &caller).await.map(Json)
}

enum Step {
    Propose(Box<Signer<BreakGlass>>, ProposedRow),
    File(Digest, Box<BreakGlassPermission>),
}

async fn check(broker: &Broker, caller: &Admitted, new: NewPermission) -> Answer<Step> {
    let who = caller.identity();
    if !who.roles.contains(&Role::Administrator) {
        return Err(refused(&Refusal::MissingRole));
    }
    let trust = broker.policies().await?.policies.current().trust.clone();
    let dossier = broker.dossier([who.kid.clone()], [(who.person.clone(), who.device.clone())]).await?;
    let signer = broker
        .verify(&dossier, |directory, enrolments, now| {
            verify_break_glass(&new.statement, directory, enrolments, &trust, now)
        })
        .await?;
    if *signer.statement.kid() != who.kid {
        return Err(problems::not_yours());
    }
    broker.check_what_signers_saw(&dossier.enrols, &[&new.statement]).await?;
    known_organizations(broker, signer.statement.body())?;
    let mfa = attested(broker, who, signer.statement.digest(), new.mfa)?;
    let (id, now) = (signer.statement.body().id(), broker.now());
    let own = BreakGlassPermission {
        signed: SignedBreakGlass { statements: vec![new.statement], mfa: vec![mfa] },
        enrols: dossier.enrols,
        pk_tokens: dossier.tokens,
    };
    if broker.store.permission(&id).await?.is_some() {
        return Err(problems::filed_already());
    }
    let proposed = broker.store.proposed_permissions(now).await?.into_iter().find(|row| row.id == id);
    let Some(proposed) = proposed else {
        let expires_at = signer.statement.payload().exp;
        let row = ProposedRow { id, permission: own, proposed_at: now, expires_at };
        return Ok(Step::Propose(Box::new(signer), row));
    };
    let permission = joined(proposed.permission, own);
    broker.check_what_signers_saw(&permission.enrols, &permission.signed.statements).await?;
    let keys = broker.keys().await?;
    let permitted = verify_permission(&permission, &trust, &keys, now).map_err(|r| refused(&r))?;
    for signer in permitted.signers() {
        if broker.is_revoked(&signer.identity).await? {
            return Err(problems::revoked());
        }
    }
    Ok(Step::File(id, Box::new(permission)))
}

fn known_organizations(broker: &Broker, body: &BreakGlass) -> Answer<()> {
    let known = body.organizations.iter().all(|o| broker.organizations.contains(o));
    if known { Ok(()) } else { Err(problems::organization_unknown()) }
}

/// What both administrators signed and rest on, each thing once.
fn joined(first: BreakGlassPermission, second: BreakGlassPermission) -> BreakGlassPermission {
    let once = |mut all: Vec<String>, more: Vec<String>| {
        all.extend(more);
        all.sort_unstable();
        all.dedup();
        all
    };
    BreakGlassPermission {
        signed: SignedBreakGlass {
            statements: [first.signed.statements, second.signed.statements].concat(),
            mfa: [first.signed.mfa, second.signed.mfa].concat(),
        },
        enrols: once(first.enrols, second.enrols),
        pk_tokens: once(first.pk_tokens, second.pk_tokens),
    }
}

async fn propose(broker: &Broker, caller: &Admitted, signer: &Signer<BreakGlass>, row: &ProposedRow) -> Answer<()> {
    let body = signer.statement.body();
    let mut append = by(Append::new(EventKind::BreakGlassProposed), caller.identity())
        .fact("permission", row.id.as_str())
        .fact("until", body.until.to_string())
        .fact("uses", body.uses.to_string())
        .personal("reason", &body.reason)
        .statement(signer.statement.compact());
    append.unique = Some(format!("proposal/{}", signer.statement.digest()));
    let logged = broker.log(append).await?;
    Ok(broker.store.propose_permission(&logged, row).await?)
}

async fn answer(broker: &Broker, caller: &Admitted) -> Answer<PermissionList> {
    let who = caller.identity();
    let holds = |role: Role| who.roles.contains(&role);
    let sees_all = holds(Role::Administrator) || holds(Role::Reviewer);
    let names = |persons: &[PersonId]| persons.contains(&who.person);
    let permissions = broker.permissions().await?.into_iter();
    let shown = permissions.filter(|(permitted, _)| sees_all || names(&permitted.body().persons));
    let permissions = shown.map(|(_, logged)| logged).collect();
    let rows =
        if holds(Role::Administrator) { broker.store.proposed_permissions(broker.now()).await? } else { Vec::new() };
    let proposed = rows.into_iter();
    let proposed =
        proposed.map(|row| ProposedPermission { permission: row.permission, proposed_at: row.proposed_at }).collect();
    Ok(PermissionList { permissions, proposed })
}
