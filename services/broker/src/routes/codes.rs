use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use domain::Digest;
use serve::{Caller, JsonBody, ProblemResponse};
use statement::MfaPurpose;
use wire::broker::{Attestation, Code};
use wire::event::{Append, EventKind};

use crate::admission::Enrolled;
use crate::attest::digest_of;
use crate::broker::{Broker, by};
use crate::factor::Tries;
use crate::problems::{self, Answer};
use crate::store::NewAttestation;

/// `POST /v1/codes`
pub(crate) async fn take(
    State(broker): State<Arc<Broker>>,
    caller: Enrolled,
    body: Result<JsonBody<Code>, ProblemResponse>,
) -> Answer<Json<Attestation>> {
    let who = &caller.caller.identity;
    let code = broker.body(body, EventKind::SecondFactorRefused, who).await?;
    let _turn = broker.turn(EventKind::SecondFactorRefused, Some(who)).await?;
    let problem = match broker.store.factor(&who.person).await? {
        Some(_) if (code.purpose == MfaPurpose::Statement) != code.statement.is_some() => problems::code_for_nothing(),
        // It signs people in; whoever brought it about with a recovery code or a reset countersigns nothing with it yet.
        Some(factor) if code.statement.is_some() && broker.now() < factor.counts_from => {
            problems::factor_waits(factor.counts_from, broker.now())
        }
        Some(factor) if factor.confirmed_at.is_some() => {
            let tries = broker.right_code(who, &factor.secret, factor.tries, &code.code).await?;
            return pass(&broker, &caller.caller, tries, code.statement.as_ref()).await;
        }
        _ => problems::factor_missing(),
    };
    Err(broker.refuse(EventKind::SecondFactorRefused, Some(who), None, problem).await)
}

async fn pass(broker: &Broker, caller: &Caller, tries: Tries, statement: Option<&Digest>) -> Answer<Json<Attestation>> {
    let (who, now) = (&caller.identity, broker.now());
    let compact =
        broker.attestor.mfa(&who.kid, caller.address, statement, now).map_err(|_| problems::key_unusable())?;
    let digest = digest_of(&compact);
    let mut append = by(Append::new(EventKind::SecondFactorPassed), who).fact("attestation", digest.as_str());
    append = match statement {
        Some(statement) => append.fact("purpose", "statement").fact("statement", statement.as_str()),
        None => append.fact("purpose", "sign-in"),
    };
    if let Some(address) = caller.address {
        append = append.personal("address", address.to_string());
    }
    let logged = broker.log(append).await?;
    let attestation = NewAttestation { digest: &digest, subject: &who.kid, statement, compact: &compact, now };
    broker.store.use_step(&logged, &who.person, tries.last_step, &attestation).await?;
    Ok(Json(Attestation { attestation: compact }))
}
