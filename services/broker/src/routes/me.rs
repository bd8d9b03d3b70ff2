use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use wire::broker::Me;

use crate::admission::Known;
use crate::broker::Broker;
use crate::problems::Answer;

/// `GET /v1/me`
pub(crate) async fn me(State(broker): State<Arc<Broker>>, known: Known) -> Answer<Json<Me>> {
    let who = known.caller.identity;
    let factor = broker.store.factor(&who.person).await?;
    let enrolled = known.chain.is_some();
    let chain = known.chain.unwrap_or_default();
    Ok(Json(Me {
        person: who.person,
        name: who.name,
        roles: who.roles,
        device: who.device,
        enrolled,
        second_factor: factor.is_some_and(|f| f.confirmed),
        now: broker.now(),
        enrols: chain.enrols,
        enrol_tokens: chain.tokens,
    }))
}
