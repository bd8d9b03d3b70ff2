//! The API, as `wire::audit` lists it. One file a group of calls.

mod events;
mod evidence;
mod log;
mod recordings;
mod reviews;
mod segments;
mod sessions;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

use crate::audit::Audit;
use crate::trace::note_refusals;

/// A bundle is many statements and tokens.
const BUNDLE_LIMIT: usize = 1024 * 1024;
/// A sealed batch of frames.
const BATCH_LIMIT: usize = 64 * 1024 * 1024;

/// All calls.
pub(crate) fn router(audit: Arc<Audit>) -> Router {
    let batches = post(recordings::batch).layer(DefaultBodyLimit::max(BATCH_LIMIT));
    let open = post(recordings::open).layer(DefaultBodyLimit::max(BUNDLE_LIMIT));
    let append = post(events::append).get(events::list).layer(DefaultBodyLimit::max(BUNDLE_LIMIT));
    Router::new()
        .route("/v1/time", get(log::time))
        .route("/checkpoint", get(log::checkpoint))
        .route("/tile/{*path}", get(log::tile))
        .route("/v1/inclusion", get(log::inclusion))
        .route("/v1/consistency", get(log::consistency))
        .route("/v1/provider-keys", get(log::provider_keys))
        .route("/v1/events", append)
        .route("/v1/recordings", open)
        .route("/v1/recordings/{session}", get(recordings::state))
        .route("/v1/grants/{request}", get(recordings::of_grant))
        .route("/v1/recordings/{session}/batches/{number}", batches)
        .route("/v1/recordings/{session}/end", post(recordings::end))
        .route("/v1/sessions", get(sessions::list))
        .route("/v1/sessions/{session}", get(sessions::one))
        .route("/v1/sessions/{session}/frames", get(sessions::frames))
        .route("/v1/sessions/{session}/segments/{number}", get(segments::lines))
        .route("/v1/sessions/{session}/reviews", post(reviews::review))
        .route("/v1/sessions/{session}/evidence", post(evidence::make))
        .route("/v1/evidence", post(evidence::make_period))
        .fallback(serve::no_such_call)
        .method_not_allowed_fallback(serve::wrong_method)
        .layer(from_fn_with_state(audit.clone(), note_refusals))
        .with_state(audit)
}

/// An id in the address; anything else names no Session.
pub(crate) fn session_id(text: &str) -> Result<domain::SessionId, serve::ProblemResponse> {
    text.parse().map_err(|_| crate::problem::no_session())
}
