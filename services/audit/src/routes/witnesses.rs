use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serve::{JsonBody, ProblemResponse};
use wire::audit::{NewCosignature, Witnesses};

use crate::audit::Audit;
use crate::people::Person;

/// No entry says that somebody's Device looked: it would be the next head to look at.
pub(super) async fn cosign(
    State(audit): State<Arc<Audit>>,
    person: Person,
    JsonBody(brought): JsonBody<NewCosignature>,
) -> Result<Json<Witnesses>, ProblemResponse> {
    audit.take_cosignature(&person, &brought).await?;
    audit.witnesses().await.map(Json)
}

pub(super) async fn list(State(audit): State<Arc<Audit>>, _who: Person) -> Result<Json<Witnesses>, ProblemResponse> {
    audit.witnesses().await.map(Json)
}
