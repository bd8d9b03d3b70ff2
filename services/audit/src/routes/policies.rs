use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serve::{JsonBody, ProblemResponse};
use statement::Adoption;
use wire::event::Receipt;
use wire::policies::LoggedPolicies;

use crate::audit::Audit;
use crate::people::{Anybody, FromService};
use crate::problem;

pub(super) async fn list(
    State(audit): State<Arc<Audit>>,
    _who: Anybody,
) -> Result<Json<LoggedPolicies>, ProblemResponse> {
    audit.logged_policies().await.map(Json)
}

pub(super) async fn adopt(
    State(audit): State<Arc<Audit>>,
    FromService(service): FromService,
    JsonBody(adoption): JsonBody<Adoption>,
) -> Result<Json<Receipt>, ProblemResponse> {
    if service != serve::Service::Broker {
        return Err(problem::other_service());
    }
    audit.adopt(adoption).await.map(Json)
}
