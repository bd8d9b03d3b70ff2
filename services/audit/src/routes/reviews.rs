use std::sync::Arc;

use axum::extract::{Path, State};
use axum::{Extension, Json};
use serve::{JsonBody, ProblemResponse};
use wire::broker::SignedStatement;
use wire::event::Receipt;

use super::session_id;
use crate::audit::Audit;
use crate::noted::Whom;
use crate::people::Reviewer;
use crate::sequencer::Command;
use crate::trace::Trace;
use crate::{problem, reviewing};

pub(super) async fn review(
    State(audit): State<Arc<Audit>>,
    Reviewer(person): Reviewer,
    Extension(trace): Extension<Trace>,
    Path(session): Path<String>,
    JsonBody(signed): JsonBody<SignedStatement>,
) -> Result<Json<Receipt>, ProblemResponse> {
    let session = session_id(&session)?;
    let row = audit.reader.session(&session).await?.ok_or_else(problem::no_session)?;
    let detail = audit.reader.detail(&row)?;
    let seal = audit.seal(&session).await?;
    let verified = reviewing::verify(&audit, &person, &row, &detail, seal.as_ref(), &signed.statement).await;
    let result = match verified {
        Ok(review) => audit.writer.perform(Command::Review(Box::new(review))).await,
        Err(refusal) => Err(refusal),
    };
    match result {
        Ok(done) => done.receipt().map(Json),
        Err(refusal) if refusal.0.status >= 500 => Err(refusal),
        Err(refusal) => {
            trace.is_noted();
            let event = reviewing::refused_event(&session, Some(&row), &signed.statement);
            Err(audit.refuse(&Whom::Person(person.identity.person), event, refusal).await)
        }
    }
}
