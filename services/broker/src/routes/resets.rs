use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use serve::{JsonBody, ProblemResponse, refused};
use statement::{ResetFactor, Signer, verify_reset, verify_reset_factor};
use wire::broker::{FactorChange, NewReset};
use wire::event::{Append, EventKind};

use crate::admission::Admitted;
use crate::attest::digest_of;
use crate::attested::attested;
use crate::broker::{Broker, by};
use crate::problems::{self, Answer};
use crate::pushes::Signal;

/// `POST /v1/factor-resets`
pub(crate) async fn reset(
    State(broker): State<Arc<Broker>>,
    caller: Admitted,
    body: Result<JsonBody<NewReset>, ProblemResponse>,
) -> Answer<StatusCode> {
    let who = caller.identity();
    let NewReset { statement, mfa } = broker.body(body, EventKind::SecondFactorRefused, who).await?;
    broker.compare_before_turn(who, &[&statement]).await?;
    let _turn = broker.turn(EventKind::SecondFactorRefused, Some(who)).await?;
    let (signer, mfa) = match check(&broker, &caller, &statement, mfa).await {
        Ok(checked) => checked,
        Err(problem) => return Err(broker.refuse(EventKind::SecondFactorRefused, Some(who), None, problem).await),
    };
    let reset = &signer.statement;
    let person = &reset.body().person;
    let mut append = by(Append::new(EventKind::SecondFactorReset), who)
        .fact("attestation", digest_of(&mfa).as_str())
        .personal("reset-person", &person.0)
        .statement(&statement)
        .statement(&mfa)
        .statement(&caller.caller.pk_token);
    // Sent again after a crash between its entry and its effect, it has its effect; the audit service has a text of its own.
    append.unique = Some(format!("factor-reset/{}", reset.digest()));
    let logged = broker.log(append).await?;
    broker.store.reset_factor(&logged, reset.digest(), person, broker.now()).await?;
    broker.pushes.send(Signal::Factor { person: person.clone(), change: FactorChange::Reset });
    Ok(StatusCode::NO_CONTENT)
}

async fn check(
    broker: &Broker,
    caller: &Admitted,
    compact: &str,
    mfa: Option<String>,
) -> Answer<(Signer<ResetFactor>, String)> {
    let who = caller.identity();
    let dossier = broker.dossier([who.kid.clone()], [(who.person.clone(), who.device.clone())]).await?;
    let signer = broker
        .verify(&dossier, |directory, enrolments, now| verify_reset(compact, directory, enrolments, &broker.trust, now))
        .await?;
    if *signer.statement.kid() != who.kid {
        return Err(problems::not_yours());
    }
    broker.check_what_signers_saw(&dossier.enrols, &[compact]).await?;
    if broker.store.was_reset_by(signer.statement.digest()).await? {
        return Err(problems::reset_already());
    }
    if broker.store.factor(&signer.statement.body().person).await?.is_none() {
        return Err(problems::nothing_to_reset());
    }
    let mfa = attested(broker, who, signer.statement.digest(), mfa)?;
    verify_reset_factor(&signer.statement, &mfa, &broker.trust).map_err(|r| refused(&r))?;
    Ok((signer, mfa))
}
