use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use wire::broker::{Materials, RequestState};
use wire::event::EventKind;

use crate::admission::Admitted;
use crate::broker::Broker;
use crate::problems::{self, Answer};
use crate::routes::named::Named;
use crate::store::RequestRow;

/// `GET /v1/requests/{digest}/materials`
pub(crate) async fn materials(
    State(broker): State<Arc<Broker>>,
    caller: Admitted,
    Named(id): Named,
) -> Answer<Json<Materials>> {
    let who = caller.identity();
    let row = match broker.find(&id).await {
        Ok(row) => row,
        Err(problem) => return Err(broker.refuse(EventKind::CallRefused, Some(who), None, problem).await),
    };
    // An open one too: the same Device may resume its Session.
    let problem = match row.standing.state {
        _ if row.person != who.person => problems::not_the_requester(),
        RequestState::Approved | RequestState::Open => return collect(&broker, &caller, row).await.map(Json),
        other => problems::not_approved(other),
    };
    Err(broker.refuse(EventKind::CallRefused, Some(who), Some(&row.id), problem).await)
}

async fn collect(broker: &Broker, caller: &Admitted, row: RequestRow) -> Answer<Materials> {
    let who = caller.identity();
    let decisions = broker.store.decisions(&row.id).await?;
    let mut tokens = vec![row.token.clone(), who.kid.clone()];
    tokens.extend(decisions.iter().map(|d| d.token.clone()));
    let mut devices = vec![(row.person.clone(), row.device.clone())];
    devices.extend(decisions.iter().map(|d| (d.person.clone(), d.device.clone())));
    let mut dossier = broker.dossier(tokens, devices).await?;
    let permission = match &row.body.break_glass {
        Some(id) => broker.store.permission(id).await?,
        None => None,
    };
    if let Some(permission) = &permission {
        dossier.tokens.extend(permission.pk_tokens.iter().cloned());
        dossier.enrols.extend(permission.enrols.iter().cloned());
        for all in [&mut dossier.tokens, &mut dossier.enrols] {
            all.sort_unstable();
            all.dedup();
        }
    }
    let mut mfa = Vec::new();
    // The one that the request was signed with, which the policy asks about, and the newest.
    for (subject, until) in [(&row.token, row.requested_at), (&row.token, broker.now()), (&who.kid, broker.now())] {
        let attested = broker.store.sign_in_attestation(subject, until).await?;
        mfa.extend(attested.map(|(compact, _)| compact));
    }
    mfa.dedup();
    mfa.extend(decisions.iter().filter_map(|d| d.mfa.clone()));
    Ok(Materials {
        pk_tokens: dossier.tokens,
        enrols: dossier.enrols,
        request: row.compact,
        decisions: decisions.into_iter().map(|d| d.compact).collect(),
        mfa,
        break_glass: permission.map(|permission| permission.signed),
    })
}
