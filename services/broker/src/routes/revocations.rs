use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::Role;
use serve::{JsonBody, ProblemResponse, refused};
use statement::{Refusal, Revoke, Revoked, Signer, Unverified, verify_revoke};
use wire::broker::{DeviceView, NewRevocation};
use wire::event::{Append, EventKind};

use crate::admission::Admitted;
use crate::attested::attested;
use crate::broker::{Broker, by};
use crate::life::Life;
use crate::problems::{self, Answer};
use crate::pushes::Signal;
use crate::store::{self, RequestRow};

/// `GET /v1/devices`
pub(crate) async fn devices(State(broker): State<Arc<Broker>>, caller: Admitted) -> Answer<Json<Vec<DeviceView>>> {
    if !caller.identity().roles.contains(&Role::Administrator) {
        let problem = refused(&Refusal::MissingRole);
        return Err(broker.refuse(EventKind::CallRefused, Some(caller.identity()), None, problem).await);
    }
    Ok(Json(broker.store.devices().await?))
}

/// `POST /v1/revocations`. In force before its entry is written: when the audit service is away, the entry follows.
pub(crate) async fn revoke(
    State(broker): State<Arc<Broker>>,
    caller: Admitted,
    body: Result<JsonBody<NewRevocation>, ProblemResponse>,
) -> Answer<StatusCode> {
    let who = caller.identity();
    let NewRevocation { statement, mfa } = broker.body(body, EventKind::CallRefused, who).await?;
    let _turn = broker.any_turn().await?;
    let checked = match check(&broker, &caller, &statement, mfa).await {
        Ok(checked) => checked,
        Err(problem) => return Err(broker.refuse(EventKind::CallRefused, Some(who), None, problem).await),
    };
    let event = checked.event(&caller);
    let signed = &checked.signer.statement;
    let new = store::NewRevocation {
        digest: signed.digest(),
        revokes: &signed.body().revokes,
        event: &event,
        now: broker.now(),
    };
    broker.store.add_revocation(&new).await?;
    broker.pushes.send(Signal::Revocation);
    if let Err(problem) = broker.go_on_revoking().await {
        tracing::error!(code = problem.code(), "a revocation is in force and not in the log yet; trying again");
    }
    Ok(StatusCode::NO_CONTENT)
}

struct Checked {
    signer: Signer<Revoke>,
    mfa: Option<String>,
    /// The request, when one Grant is revoked.
    grant: Option<RequestRow>,
}

async fn check(broker: &Broker, caller: &Admitted, compact: &str, mfa: Option<String>) -> Answer<Checked> {
    let who = caller.identity();
    // What is named may be another Device of theirs; of anybody else's nothing is found there.
    let named = match Unverified::<Revoke>::read(compact).map(|read| read.unverified_body().revokes.clone()) {
        Ok(Revoked::Device(device)) => Some(device),
        _ => None,
    };
    let devices = named.into_iter().chain([who.device.clone()]).map(|device| (who.person.clone(), device));
    let dossier = broker.dossier([who.kid.clone()], devices).await?;
    let signer = broker
        .verify(&dossier, |directory, enrolments, now| {
            verify_revoke(compact, directory, enrolments, &broker.trust, now)
        })
        .await?;
    if *signer.statement.kid() != who.kid {
        return Err(problems::not_yours());
    }
    match &signer.statement.body().revokes {
        // Not a request's Grant, but what opens without anybody's decision.
        Revoked::Grant(id) if broker.store.permission(id).await?.is_some() => {
            Ok(Checked { signer, mfa: None, grant: None })
        }
        Revoked::Grant(request) => {
            let row = broker.find(request.as_str()).await?;
            broker.finish(&row.id).await?;
            let row = broker.find(request.as_str()).await?;
            if matches!(row.life(&broker.store.decisions(&row.id).await?), Life::Over(_)) {
                return Err(problems::settled(row.standing.state));
            }
            Ok(Checked { signer, mfa: None, grant: Some(row) })
        }
        Revoked::Sessions(sessions) => {
            for session in sessions {
                if broker.store.requests_of_session(session).await?.is_empty() {
                    return Err(problems::no_such_session());
                }
            }
            let mfa = attested(broker, who, signer.statement.digest(), mfa)?;
            Ok(Checked { signer, mfa: Some(mfa), grant: None })
        }
        // One code for exactly this, as an enrolment takes one: it keeps somebody out until an administrator undoes it.
        Revoked::Device(_) | Revoked::Person(_) => {
            let mfa = attested(broker, who, signer.statement.digest(), mfa)?;
            Ok(Checked { signer, mfa: Some(mfa), grant: None })
        }
    }
}

impl Checked {
    fn event(&self, caller: &Admitted) -> Append {
        let signed = &self.signer.statement;
        let mut append = by(Append::new(EventKind::Revoked), caller.identity()).statement(signed.compact());
        append = match &signed.body().revokes {
            Revoked::Grant(request) => append.fact("request", request.as_str()),
            Revoked::Device(device) => append.fact("revoked-device", device.as_str()),
            Revoked::Person(person) => append.personal("revoked-person", &person.0),
            Revoked::Sessions(sessions) => append
                .fact("sessions", Revoked::digest_of_sessions(sessions).as_str())
                .fact("named", sessions.len().to_string()),
        };
        if let Some(row) = &self.grant {
            append = append.organization(&row.body.organization.id);
            append.session.clone_from(&row.standing.session);
        }
        if let Some(mfa) = &self.mfa {
            append = append.statement(mfa);
        }
        append = append.statement(&caller.caller.pk_token);
        // Written twice after a crash, it counts once; the audit service has a text of its own for it.
        append.unique = Some(format!("revoked/{}", signed.digest()));
        append
    }
}
