use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderName, header};
use axum::{Extension, Json};
use domain::Digest;
use serve::{JsonBody, ProblemResponse};
use wire::event::Receipt;
use wire::revealing::{NewReveal, RevealList, RevealedMarks};

use crate::audit::Audit;
use crate::noted::Whom;
use crate::people::{Countersigner, Reviewer};
use crate::trace::Trace;
use crate::{problem, revealing};

pub(super) async fn list(
    State(audit): State<Arc<Audit>>,
    _who: Countersigner,
) -> Result<Json<RevealList>, ProblemResponse> {
    audit.reveals().await.map(Json)
}

pub(super) async fn sign(
    State(audit): State<Arc<Audit>>,
    Countersigner(person): Countersigner,
    Extension(trace): Extension<Trace>,
    JsonBody(new): JsonBody<NewReveal>,
) -> Result<Json<Receipt>, ProblemResponse> {
    match audit.take_reveal(&person, &new).await {
        Ok(receipt) => Ok(Json(receipt)),
        Err(refusal) if refusal.0.status >= 500 => Err(refusal),
        Err(refusal) => {
            trace.is_noted();
            let event = revealing::refused_event(&new.statement);
            Err(audit.refuse(&Whom::Person(person.identity.person), event, refusal).await)
        }
    }
}

pub(super) async fn read(
    State(audit): State<Arc<Audit>>,
    Reviewer(person): Reviewer,
    Path(reveal): Path<String>,
) -> Result<([(HeaderName, &'static str); 1], Json<RevealedMarks>), ProblemResponse> {
    let id: Digest = reveal.parse().map_err(|_| problem::no_reveal())?;
    let marks = audit.read_marks(&person, &id).await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(marks)))
}
