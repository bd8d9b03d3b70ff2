use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use domain::Role;
use serve::{JsonBody, ProblemResponse, refused};
use statement::{Adopt, Adoption, Refusal, Signer, verify_adopt};
use wire::event::{Append, EventKind};
use wire::policies::{NewPolicy, PolicyList, ProposedPolicy};

use crate::admission::Admitted;
use crate::attested::attested;
use crate::broker::{Broker, by};
use crate::ledger::LedgerError;
use crate::policies::{Known, not_adopted};
use crate::problems::{self, Answer};
use crate::pushes::Signal;
use crate::store::ProposalRow;

/// `GET /v1/policies`: what is in force, for everybody; what is proposed, for administrators.
pub(crate) async fn list(State(broker): State<Arc<Broker>>, caller: Admitted) -> Answer<Json<PolicyList>> {
    let sees_proposals = caller.identity().roles.contains(&Role::Administrator);
    answer(&broker, sees_proposals).await.map(Json)
}

/// `POST /v1/policies`: the first administrator proposes, another one adopts.
pub(crate) async fn sign(
    State(broker): State<Arc<Broker>>,
    caller: Admitted,
    body: Result<JsonBody<NewPolicy>, ProblemResponse>,
) -> Answer<Json<PolicyList>> {
    let who = caller.identity();
    let new = broker.body(body, EventKind::PolicyRefused, who).await?;
    broker.compare_before_turn(who, &[&new.statement]).await?;
    let _turn = broker.turn(EventKind::PolicyRefused, Some(who)).await?;
    let step = match check(&broker, &caller, new).await {
        Ok(step) => step,
        Err(problem) => return Err(broker.refuse(EventKind::PolicyRefused, Some(who), None, problem).await),
    };
    match step {
        Step::Propose(new) => propose(&broker, &caller, &new.0, &new.1).await?,
        Step::Adopt(adoption) => {
            let adopted = broker.ledger.adopt(&adoption).await;
            // Whatever came of it stands in the log.
            broker.forget_policies().await;
            if let Err(error) = adopted {
                let problem = match error {
                    LedgerError::Refused { code, why } if code != problems::OTHER_LOG => {
                        problems::not_a_successor(&why)
                    }
                    other => other.into(),
                };
                return Err(broker.refuse(EventKind::PolicyRefused, Some(who), None, problem).await);
            }
            broker.store.forget_proposals().await?;
        }
    }
    broker.pushes.send(Signal::Policy);
    answer(&broker, true).await.map(Json)
}

enum Step {
    Propose(Box<(Signer<Adopt>, ProposalRow)>),
    Adopt(Box<Adoption>),
}

async fn check(broker: &Broker, caller: &Admitted, new: NewPolicy) -> Answer<Step> {
    let who = caller.identity();
    // Nobody else has a text read here.
    if !who.roles.contains(&Role::Administrator) {
        return Err(refused(&Refusal::MissingRole));
    }
    let Known { policies, .. } = broker.policies().await?;
    let in_force = policies.current();
    let policy = in_force.successor(&new.text).map_err(|why| not_adopted(&why))?;
    let dossier = broker.dossier([who.kid.clone()], [(who.person.clone(), who.device.clone())]).await?;
    let signer = broker
        .verify(&dossier, |directory, enrolments, now| {
            verify_adopt(&new.statement, policy.digest(), directory, enrolments, &in_force.trust, now)
        })
        .await?;
    if *signer.statement.kid() != who.kid {
        return Err(problems::not_yours());
    }
    broker.check_what_signers_saw(&dossier.enrols, &[&new.statement]).await?;
    let mfa = attested(broker, who, signer.statement.digest(), new.mfa)?;
    let own = Adoption {
        text: new.text,
        statements: vec![new.statement],
        mfa: vec![mfa],
        enrols: dossier.enrols,
        pk_tokens: dossier.tokens,
    };
    let now = broker.now();
    let about_it = broker.store.proposals(now).await?.into_iter().find(|row| row.adoption.text == own.text);
    let Some(proposal) = about_it else {
        let expires_at = signer.statement.payload().exp;
        let row = ProposalRow { adoption: own, proposed_at: now, expires_at };
        return Ok(Step::Propose(Box::new((signer, row))));
    };
    let both = joined(proposal.adoption, own);
    broker.check_what_signers_saw(&both.enrols, &both.statements).await?;
    let keys = broker.keys().await?;
    let chain = policies.follow(&both, &keys, now).map_err(|why| not_adopted(&why))?;
    let signers = chain.current().adopted.iter().flat_map(|(adopted, _)| adopted.signers());
    for signer in signers {
        if broker.is_revoked(&signer.identity).await? {
            return Err(problems::revoked());
        }
    }
    Ok(Step::Adopt(Box::new(both)))
}

/// What both administrators signed and rest on, each thing once.
fn joined(first: Adoption, second: Adoption) -> Adoption {
    let once = |mut all: Vec<String>, more: Vec<String>| {
        all.extend(more);
        all.sort_unstable();
        all.dedup();
        all
    };
    Adoption {
        text: first.text,
        statements: [first.statements, second.statements].concat(),
        mfa: [first.mfa, second.mfa].concat(),
        enrols: once(first.enrols, second.enrols),
        pk_tokens: once(first.pk_tokens, second.pk_tokens),
    }
}

async fn propose(broker: &Broker, caller: &Admitted, signer: &Signer<Adopt>, row: &ProposalRow) -> Answer<()> {
    let Adopt { comment, policy, previous } = signer.statement.body();
    let mut append = by(Append::new(EventKind::PolicyProposed), caller.identity())
        .fact("policy", policy.as_str())
        .fact("previous", previous.as_str())
        .personal("comment", comment)
        .statement(signer.statement.compact());
    append.unique = Some(format!("proposal/{}", signer.statement.digest()));
    let logged = broker.log(append).await?;
    Ok(broker.store.add_proposal(&logged, policy, row).await?)
}

async fn answer(broker: &Broker, sees_proposals: bool) -> Answer<PolicyList> {
    let Known { policies, logged } = broker.policies().await?;
    let rows = if sees_proposals { broker.store.proposals(broker.now()).await? } else { Vec::new() };
    let follows = |row: &ProposalRow| policies.current().successor(&row.adoption.text).is_ok();
    let shown = |row: ProposalRow| ProposedPolicy { adoption: row.adoption, proposed_at: row.proposed_at };
    Ok(PolicyList { adopted: logged, proposed: rows.into_iter().filter(follows).map(shown).collect() })
}
