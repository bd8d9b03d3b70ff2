use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use statement::Identity;
use wire::broker::{FactorView, Me, OwnDevice};

use crate::admission::{Admitted, Known};
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

/// `GET /v1/me/devices`. Nobody's but the caller's; each with its own chain, so that it is verified by itself.
pub(crate) async fn devices(State(broker): State<Arc<Broker>>, caller: Admitted) -> Answer<Json<Vec<OwnDevice>>> {
    let person = &caller.identity().person;
    let mut devices = Vec::new();
    for row in broker.store.devices_of(person).await? {
        let chain = broker.store.chain([(person.clone(), row.device.clone())]).await?;
        devices.push(OwnDevice {
            revoked: broker.is_holder_revoked(person, &row.device).await?,
            device: row.device,
            enrolled_at: row.enrolled_at,
            signed_in_at: row.signed_in_at,
            enrols: chain.enrols,
            enrol_tokens: chain.tokens,
        });
    }
    Ok(Json(devices))
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
