use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use statement::Identity;
use wire::broker::{FactorView, Me};

use crate::admission::Known;
use crate::broker::Broker;
use crate::problems::Answer;
use crate::recovery;
use crate::seal::Sealed;
use crate::store::FactorRow;

/// `GET /v1/me`
pub(crate) async fn me(State(broker): State<Arc<Broker>>, known: Known) -> Answer<Json<Me>> {
    let who = known.caller.identity;
    let factor = broker.store.factor(&who.person).await?;
    let factor = factor.and_then(|factor| view(&broker, &who, &factor));
    let enrolled = known.chain.is_some();
    let chain = known.chain.unwrap_or_default();
    Ok(Json(Me {
        person: who.person,
        name: who.name,
        roles: who.roles,
        device: who.device,
        enrolled,
        second_factor: factor.is_some(),
        factor,
        now: broker.now(),
        enrols: chain.enrols,
        enrol_tokens: chain.tokens,
    }))
}

/// A confirmed factor. Recovery codes that cannot be read are none.
fn view(broker: &Broker, who: &Identity, factor: &FactorRow) -> Option<FactorView> {
    let marks = factor.recovery.as_ref().and_then(|sealed| broker.opened(Sealed::Recovery, who, sealed).ok());
    let left = marks.map_or(0, |marks| recovery::left(&marks));
    Some(FactorView {
        confirmed_at: factor.confirmed_at?,
        counts_from: factor.counts_from,
        recovery_codes_left: u32::try_from(left).unwrap_or_default(),
    })
}
