use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::Role;
use serve::{JsonBody, ProblemResponse, refused};
use statement::{Enrol, Refusal, Signed};
use wire::broker::{NewEnrolment, PendingEnrolment};
use wire::event::{Append, EventKind};

use crate::admission::Admitted;
use crate::attest::{SIGN_IN_SECONDS, digest_of};
use crate::attested::attested;
use crate::broker::Broker;
use crate::problems::{self, Answer};
use crate::pushes::Signal;
use crate::store::EnrolmentRow;

/// `GET /v1/enrolments`
pub(crate) async fn list(State(broker): State<Arc<Broker>>, caller: Admitted) -> Answer<Json<Vec<PendingEnrolment>>> {
    if !caller.identity().roles.contains(&Role::Administrator) {
        let problem = refused(&Refusal::MissingRole);
        return Err(broker.refuse(EventKind::CallRefused, Some(caller.identity()), None, problem).await);
    }
    Ok(Json(broker.store.pending(broker.now() - SIGN_IN_SECONDS).await?))
}

/// `POST /v1/enrolments`
pub(crate) async fn enrol(
    State(broker): State<Arc<Broker>>,
    caller: Admitted,
    body: Result<JsonBody<NewEnrolment>, ProblemResponse>,
) -> Answer<StatusCode> {
    let who = caller.identity();
    let NewEnrolment { statement, mfa } = broker.body(body, EventKind::EnrolmentRefused, who).await?;
    broker.compare_before_turn(who, &[&statement]).await?;
    let _turn = broker.turn(EventKind::EnrolmentRefused, Some(who)).await?;
    let (enrol, mfa) = match check(&broker, &caller, &statement, mfa).await {
        Ok(checked) => checked,
        Err(problem) => return Err(broker.refuse(EventKind::EnrolmentRefused, Some(who), None, problem).await),
    };
    let Enrol { device, person } = enrol.body();
    let append = Append::new(EventKind::Enrolled)
        .fact("device", device.as_str())
        .fact("by", who.device.as_str())
        .fact("attestation", digest_of(&mfa).as_str())
        .personal("person", &person.0)
        .personal("by", &who.person.0)
        .statement(&statement)
        .statement(&mfa)
        .statement(&caller.caller.pk_token);
    let logged = broker.log(append).await?;
    let new = EnrolmentRow {
        digest: enrol.digest(),
        compact: &statement,
        mfa: &mfa,
        person,
        device,
        signer: who,
        now: broker.now(),
    };
    broker.store.add_enrolment(&logged, &new).await?;
    broker.pushes.send(Signal::Enrolment { person: person.clone() });
    Ok(StatusCode::NO_CONTENT)
}

async fn check(
    broker: &Broker,
    caller: &Admitted,
    compact: &str,
    mfa: Option<String>,
) -> Answer<(Signed<Enrol>, String)> {
    let who = caller.identity();
    let dossier = broker.dossier([who.kid.clone()], [(who.person.clone(), who.device.clone())]).await?;
    let statement = broker
        .verify(&dossier, |directory, enrolments, now| {
            let (statement, signer) = directory.verify::<Enrol>(compact)?;
            statement.check_envelope(&broker.trust.gateway_id, now)?;
            enrolments.clone().add(&statement, &signer, &broker.trust, now)?;
            Ok(statement)
        })
        .await?;
    if *statement.kid() != who.kid {
        return Err(problems::not_yours());
    }
    broker.check_what_signers_saw(&dossier.enrols, &[compact]).await?;
    let Enrol { device, person } = statement.body();
    if !broker.store.is_pending(person, device).await? {
        let enrolled = broker.store.has_enrolment(person, device).await?;
        return Err(if enrolled { problems::enrolled_already() } else { problems::nobody_waits() });
    }
    let mfa = attested(broker, who, statement.digest(), mfa)?;
    Ok((statement, mfa))
}
