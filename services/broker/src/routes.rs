use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodFilter, MethodRouter, on};

use crate::broker::Broker;
use crate::unwritten::count_unwritten;

mod codes;
mod decisions;
mod enrolments;
mod materials;
mod me;
mod named;
mod refusals;
mod requests;
mod revocations;
mod sessions;
mod stream;
mod withdraw;

/// One call of the API.
pub(crate) struct Call {
    pub(crate) verb: Verb,
    pub(crate) path: &'static str,
    answer: fn(MethodFilter) -> MethodRouter<Arc<Broker>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    Get,
    Post,
}

const fn get(path: &'static str, answer: fn(MethodFilter) -> MethodRouter<Arc<Broker>>) -> Call {
    Call { verb: Verb::Get, path, answer }
}

const fn post(path: &'static str, answer: fn(MethodFilter) -> MethodRouter<Arc<Broker>>) -> Call {
    Call { verb: Verb::Post, path, answer }
}

/// The broker's API, as `wire::broker` lists it. There is no other way to a handler than this table, and a test walks
/// it with everybody who could knock.
pub(crate) static CALLS: [Call; 19] = [
    get("/v1/me", |verb| on(verb, me::me)),
    post("/v1/second-factor", |verb| on(verb, codes::begin)),
    post("/v1/second-factor/confirm", |verb| on(verb, codes::confirm)),
    post("/v1/codes", |verb| on(verb, codes::take)),
    get("/v1/enrolments", |verb| on(verb, enrolments::list)),
    post("/v1/enrolments", |verb| on(verb, enrolments::enrol)),
    get("/v1/organizations", |verb| on(verb, requests::organizations)),
    get("/v1/requests", |verb| on(verb, requests::list)),
    post("/v1/requests", |verb| on(verb, requests::ask)),
    get("/v1/requests/{digest}", |verb| on(verb, requests::one)),
    post("/v1/requests/{digest}/decisions", |verb| on(verb, decisions::decide)),
    post("/v1/requests/{digest}/withdraw", |verb| on(verb, withdraw::withdraw)),
    get("/v1/requests/{digest}/materials", |verb| on(verb, materials::materials)),
    post("/v1/revocations", |verb| on(verb, revocations::revoke)),
    get("/v1/devices", |verb| on(verb, revocations::devices)),
    post("/v1/refusals", |verb| on(verb, refusals::report)),
    get("/v1/stream", |verb| on(verb, stream::stream)),
    post("/v1/leases", |verb| on(verb, sessions::leases)),
    post("/v1/session-changes", |verb| on(verb, sessions::changes)),
];

/// Every call of [`CALLS`], and an answer for what is none.
pub(crate) fn router(broker: Arc<Broker>) -> Router {
    CALLS
        .iter()
        .fold(Router::new(), |router, call| {
            let verb = match call.verb {
                Verb::Get => MethodFilter::GET,
                Verb::Post => MethodFilter::POST,
            };
            router.route(call.path, (call.answer)(verb))
        })
        .fallback(serve::no_such_call)
        .method_not_allowed_fallback(serve::wrong_method)
        .layer(from_fn_with_state(broker.clone(), count_unwritten))
        .with_state(broker)
}
