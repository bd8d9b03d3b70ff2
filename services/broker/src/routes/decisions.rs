use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use policy::{Ask, Decider, InForce};
use serve::{JsonBody, ProblemResponse};
use statement::{Decision, Factor, Identity, Request, Signed, Signer, Verdict, verify_decision, verify_request};
use wire::broker::{NewDecision, RequestState, RequestView};
use wire::event::{Append, EventKind};

use crate::admission::Admitted;
use crate::attested::{attested, factor_in, factor_of};
use crate::broker::{Broker, by};
use crate::life::{Life, Waiting};
use crate::problems::{self, Answer};
use crate::routes::named::Named;
use crate::routes::requests::{fresh, kebab};
use crate::store::{NewDecisionRow, RequestRow, Unfinished};

/// A decision in which everything was checked, and where it brings the request.
struct Step {
    decision: Signed<Decision>,
    next: Life,
    /// The attestation that an Approval was checked with.
    mfa: Option<String>,
}

/// `POST /v1/requests/{digest}/decisions`
pub(crate) async fn decide(
    State(broker): State<Arc<Broker>>,
    caller: Admitted,
    Named(id): Named,
    body: Result<JsonBody<NewDecision>, ProblemResponse>,
) -> Answer<Json<RequestView>> {
    let who = caller.identity();
    let new = broker.body(body, EventKind::DecisionRefused, who).await?;
    if new.mfa.is_some() {
        // An Approval: a Denial is never held up.
        let asked = broker.find(&id).await.map(|row| row.compact);
        broker.compare_before_turn(who, &asked.iter().chain([&new.statement]).collect::<Vec<_>>()).await?;
    }
    let _turn = broker.turn(EventKind::DecisionRefused, Some(who)).await?;
    let row = match broker.find(&id).await {
        Ok(row) => row,
        Err(problem) => return Err(broker.refuse(EventKind::DecisionRefused, Some(who), None, problem).await),
    };
    broker.finish(&row.id).await?;
    let row = broker.find(&id).await?;
    let step = match check(&broker, who, &row, new).await {
        Ok(step) => step,
        Err(problem) => return Err(broker.refuse(EventKind::DecisionRefused, Some(who), Some(&row.id), problem).await),
    };
    let append = event(&step.decision, &row, who);
    let new = NewDecisionRow {
        digest: step.decision.digest().clone(),
        compact: step.decision.compact().to_owned(),
        body: step.decision.body().clone(),
        mfa: step.mfa,
        token: who.kid.clone(),
        person: who.person.clone(),
        device: who.device.clone(),
        name: who.name.clone(),
        decided_at: step.decision.payload().iat,
    };
    let next = step.next.standing();
    if next.state == RequestState::Denied {
        let (request, from) = (row.id.clone(), row.standing.state);
        broker.end_request(Unfinished { request, from, next, append, decision: Some(new) }).await?;
    } else {
        let logged = broker.log_step(append, EventKind::DecisionRefused, who).await?;
        broker.store.add_decision(&logged, &row.id, &new, &next).await?;
    }
    Ok(Json(broker.changed(&row.id).await?))
}

async fn check(broker: &Broker, who: &Identity, row: &RequestRow, new: NewDecision) -> Answer<Step> {
    if row.person == who.person {
        return Err(if row.subject == who.subject { problems::own_request() } else { problems::same_person() });
    }
    let waiting = still_waiting(broker, who, row).await?;
    let policies = broker.policies_named_in(&row.compact).await?;
    let in_force = policies.current();
    let (request, decided) = verified(broker, in_force, who, row, &new.statement).await?;
    let decision = &decided.statement;
    fresh(decision.payload().iat, broker.now())?;
    let (next, mfa) = match decision.body().verdict {
        Verdict::Deny => (Life::Over(waiting.deny()), None),
        Verdict::Approve => {
            let mfa = attested(broker, who, decision.digest(), new.mfa)?;
            let factor = factor_in(broker, &mfa, decision.payload().iat)?;
            allowed(broker, in_force, row, &request, (&decided, &factor)).await?;
            (waiting.approve(decision.payload().iat), Some(mfa))
        }
    };
    Ok(Step { decision: decided.statement, next, mfa })
}

/// The request as one that can be decided, by this person, now.
async fn still_waiting(broker: &Broker, who: &Identity, row: &RequestRow) -> Answer<Waiting> {
    let decisions = broker.store.decisions(&row.id).await?;
    let Life::Waiting(waiting) = row.life(&decisions) else { return Err(problems::settled(row.standing.state)) };
    if decisions.iter().any(|d| d.person == who.person) {
        return Err(problems::decided_twice());
    }
    waiting.expire(broker.now()).err().ok_or_else(|| problems::settled(RequestState::Expired))
}

/// The request, verified again, and the decision, both as every desktop and the gateway will.
async fn verified(
    broker: &Broker,
    in_force: &InForce,
    who: &Identity,
    row: &RequestRow,
    compact: &str,
) -> Answer<(Signer<Request>, Signer<Decision>)> {
    let devices = [(row.person.clone(), row.device.clone()), (who.person.clone(), who.device.clone())];
    let dossier = broker.dossier([row.token.clone(), who.kid.clone()], devices).await?;
    let (request, decision) = broker
        .verify(&dossier, |directory, enrolments, now| {
            let request = verify_request(&row.compact, directory, enrolments, &in_force.trust, now)?;
            let decision = verify_decision(compact, &request, directory, enrolments, &in_force.trust, now)?;
            decision.statement.check_envelope(&broker.trust.gateway_id, now)?;
            Ok((request, decision))
        })
        .await?;
    if *decision.statement.kid() != who.kid {
        return Err(problems::not_yours());
    }
    // A Denial is told and never held up: what its signer saw is in its entry.
    if decision.statement.body().verdict == Verdict::Approve {
        broker.check_what_signers_saw(&dossier.enrols, &[&row.compact, compact]).await?;
    }
    Ok((request, decision))
}

/// What was granted is something that the policy allows too, and this person may countersign it.
async fn allowed(
    broker: &Broker,
    in_force: &InForce,
    row: &RequestRow,
    request: &Signer<Request>,
    (decision, decided_with): (&Signer<Decision>, &Factor),
) -> Answer<()> {
    let factor = factor_of(broker, &row.token, row.requested_at).await?;
    let asked = Ask::of(request, factor.as_ref());
    let granted = asked.on(decision.statement.body().terms);
    in_force.policy.evaluate(&granted).map_err(|r| problems::by_policy(&r))?;
    let decides = Decider::of(decision, decided_with);
    in_force.policy.may_approve(&asked, &decides).map_err(|r| problems::by_policy(&r))
}

fn event(decision: &Signed<Decision>, row: &RequestRow, who: &Identity) -> Append {
    let body = decision.body();
    let kind = match body.verdict {
        Verdict::Approve => EventKind::Approved,
        Verdict::Deny => EventKind::Denied,
    };
    let mut append = by(Append::new(kind), who)
        .organization(&row.body.organization.id)
        .fact("request", row.id.as_str())
        .fact("decision", decision.digest().as_str())
        .fact("policy", body.policy.as_str())
        .fact("scope", kebab(&body.terms.scope))
        .fact("duration-seconds", body.terms.duration_seconds.to_string())
        .personal("comment", &body.comment)
        .statement(decision.compact());
    append.unique = Some(format!("decision/{}", decision.digest()));
    append
}
