use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use crate::broker::Broker;

mod codes;
mod decisions;
mod enrolments;
mod materials;
mod me;
mod requests;
mod sessions;
mod stream;
mod withdraw;

/// The broker's API, as `wire::broker` lists it.
pub(crate) fn router(broker: Arc<Broker>) -> Router {
    Router::new()
        .route("/v1/me", get(me::me))
        .route("/v1/second-factor", post(codes::begin))
        .route("/v1/second-factor/confirm", post(codes::confirm))
        .route("/v1/codes", post(codes::take))
        .route("/v1/enrolments", get(enrolments::list).post(enrolments::enrol))
        .route("/v1/organizations", get(requests::organizations))
        .route("/v1/requests", get(requests::list).post(requests::ask))
        .route("/v1/requests/{digest}", get(requests::one))
        .route("/v1/requests/{digest}/decisions", post(decisions::decide))
        .route("/v1/requests/{digest}/withdraw", post(withdraw::withdraw))
        .route("/v1/requests/{digest}/materials", get(materials::materials))
        .route("/v1/stream", get(stream::stream))
        .route("/v1/leases", post(sessions::leases))
        .route("/v1/session-changes", post(sessions::changes))
        .fallback(serve::no_such_call)
        .method_not_allowed_fallback(serve::wrong_method)
        .with_state(broker)
}
