use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use policy::Ask;
use serve::{JsonBody, ProblemResponse, refused};
use statement::{
    Decision, Identity, MfaPurpose, Refusal, Signed, Signer, Verdict, verify_decision, verify_mfa, verify_request,
};
use wire::broker::{NewDecision, RequestView};
use wire::event::{Append, EventKind};

use crate::admission::Admitted;
use crate::broker::{Broker, by};
use crate::life::{Life, Waiting};
use crate::problems::{self, Answer};
use crate::routes::requests::{fresh, kebab};
use crate::store::{NewDecisionRow, RequestRow};

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
    Path(id): Path<String>,
    body: Result<JsonBody<NewDecision>, ProblemResponse>,
) -> Answer<Json<RequestView>> {
    let who = caller.identity();
    let new = broker.body(body, EventKind::DecisionRefused, who).await?;
    let _turn = broker.turn().await?;
    let row = match broker.find(&id).await {
        Ok(row) => row,
        Err(problem) => return Err(broker.refuse(EventKind::DecisionRefused, Some(who), None, problem).await),
    };
    let step = match check(&broker, who, &row, new).await {
        Ok(step) => step,
        Err(problem) => return Err(broker.refuse(EventKind::DecisionRefused, Some(who), Some(&row.id), problem).await),
    };
    let logged = broker.log(event(&step.decision, &row, who)).await?;
    let new = NewDecisionRow {
        digest: step.decision.digest(),
        compact: step.decision.compact(),
        body: step.decision.body(),
        mfa: step.mfa.as_deref(),
        signer: who,
        decided_at: step.decision.payload().iat,
    };
    broker.store.add_decision(&logged, &row.id, &new, &step.next.standing()).await?;
    Ok(Json(broker.changed(&row.id).await?))
}

async fn check(broker: &Broker, who: &Identity, row: &RequestRow, new: NewDecision) -> Answer<Step> {
    if row.person == who.person {
        return Err(if row.subject == who.subject { problems::own_request() } else { problems::same_person() });
    }
    let waiting = still_waiting(broker, who, row).await?;
    let decision = verified(broker, who, row, &new.statement).await?;
    fresh(decision.payload().iat, broker.now())?;
    let (next, mfa) = match decision.body().verdict {
        Verdict::Deny => (Life::Over(waiting.deny()), None),
        Verdict::Approve => {
            let mfa = new.mfa.ok_or_else(problems::code_needed)?;
            attested(broker, who, &decision, &mfa)?;
            allowed(broker, row, &decision)?;
            (waiting.approve(decision.payload().iat), Some(mfa))
        }
    };
    Ok(Step { decision, next, mfa })
}

/// The request as one that can be decided, by this person, now.
async fn still_waiting(broker: &Broker, who: &Identity, row: &RequestRow) -> Answer<Waiting> {
    let decisions = broker.store.decisions(&row.id).await?;
    let Life::Waiting(waiting) = row.life(&decisions) else { return Err(problems::settled(row.standing.state)) };
    if decisions.iter().any(|d| d.person == who.person) {
        return Err(problems::decided_twice());
    }
    waiting.expire(broker.now()).err().ok_or_else(|| problems::settled(wire::broker::RequestState::Expired))
}

/// The decision, verified as every desktop and the gateway will, with the request verified again before it.
async fn verified(broker: &Broker, who: &Identity, row: &RequestRow, compact: &str) -> Answer<Signed<Decision>> {
    let devices = [(row.person.clone(), row.device.clone()), (who.person.clone(), who.device.clone())];
    let dossier = broker.dossier([row.token.clone(), who.kid.clone()], devices).await?;
    let Signer { statement, .. } = broker
        .verify(&dossier, |directory, enrolments, now| {
            let request = verify_request(&row.compact, directory, enrolments, &broker.trust, now)?;
            let decision = verify_decision(compact, &request, directory, enrolments, &broker.trust, now)?;
            decision.statement.check_envelope(&broker.trust.gateway_id, now)?;
            Ok(decision)
        })
        .await?;
    if *statement.kid() != who.kid {
        return Err(problems::not_yours());
    }
    Ok(statement)
}

/// A code was taken for exactly this decision, by its signer, a moment ago.
fn attested(broker: &Broker, who: &Identity, decision: &Signed<Decision>, mfa: &str) -> Answer<()> {
    let attestation = verify_mfa(mfa, &broker.trust).map_err(|r| refused(&r))?;
    attestation
        .check_envelope(&broker.trust.gateway_id, broker.now())
        .map_err(|r| refused(&if r == Refusal::Expired { Refusal::SecondFactorTooOld } else { r }))?;
    let body = attestation.body();
    let for_this = body.purpose == MfaPurpose::Statement && body.statement.as_ref() == Some(decision.digest());
    if for_this && body.subject == who.kid { Ok(()) } else { Err(problems::code_needed()) }
}

/// What was granted is something that the policy allows too.
fn allowed(broker: &Broker, row: &RequestRow, decision: &Signed<Decision>) -> Answer<()> {
    let terms = decision.body().terms;
    let ask = Ask {
        reason: row.body.reason,
        scope: terms.scope,
        duration_seconds: terms.duration_seconds,
        requester_roles: &[domain::Role::Engineer],
    };
    broker.policy.evaluate(&ask).map(|_| ()).map_err(|r| problems::by_policy(&r))
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
        .fact("scope", kebab(&body.terms.scope))
        .fact("duration-seconds", body.terms.duration_seconds.to_string())
        .personal("comment", &body.comment)
        .statement(decision.compact());
    append.unique = Some(format!("decision/{}", decision.digest()));
    append
}
