use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serve::{JsonBody, ProblemResponse, Service};
use statement::Forgetting;
use wire::event::Receipt;
use wire::forgetting::LoggedForgettings;

use crate::audit::Audit;
use crate::people::{Anybody, FromService};
use crate::problem;

pub(super) async fn list(
    State(audit): State<Arc<Audit>>,
    _who: Anybody,
) -> Result<Json<LoggedForgettings>, ProblemResponse> {
    audit.logged_forgettings().await.map(Json)
}

pub(super) async fn forget(
    State(audit): State<Arc<Audit>>,
    FromService(service): FromService,
    JsonBody(forgetting): JsonBody<Forgetting>,
) -> Result<Json<Receipt>, ProblemResponse> {
    if service != Service::Broker {
        return Err(problem::other_service());
    }
    let receipt = audit.forget(forgetting).await?;
    // Nothing opens any more: whoever waits for the answer waits for no files.
    tokio::spawn(async move { audit.sweep().await });
    Ok(Json(receipt))
}
