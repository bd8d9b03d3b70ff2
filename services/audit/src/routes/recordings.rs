use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use recording::open_batch;
use serve::{JsonBody, ProblemResponse};
use wire::audit::{Acknowledged, EndRecording, OpenRecording, RecordingState};
use wire::event::Receipt;

use super::session_id;
use crate::activity;
use crate::audit::Audit;
use crate::people::FromGateway;
use crate::problem;
use crate::segments::fold_later;
use crate::sequencer::{Command, NewBatch};

type Answer<T> = Result<Json<T>, ProblemResponse>;

pub(super) async fn open(
    State(audit): State<Arc<Audit>>,
    _gateway: FromGateway,
    JsonBody(asked): JsonBody<OpenRecording>,
) -> Answer<Receipt> {
    audit.open(asked).await.map(Json)
}

pub(super) async fn state(
    State(audit): State<Arc<Audit>>,
    _gateway: FromGateway,
    Path(session): Path<String>,
) -> Answer<RecordingState> {
    let row = audit.reader.session(&session_id(&session)?).await?.ok_or_else(problem::no_session)?;
    Ok(Json(RecordingState {
        session: row.session,
        next_batch: row.next_batch,
        sealed: row.ended.is_some(),
        request: row.request,
        device: row.device,
        opened_at: row.opened_at,
        ends_at: row.ends_at,
    }))
}

/// Takes a batch: opened to see that it is one, stored as it came, on disk before the answer.
pub(super) async fn batch(
    State(audit): State<Arc<Audit>>,
    _gateway: FromGateway,
    Path((session, number)): Path<(String, String)>,
    body: Result<Bytes, BytesRejection>,
) -> Answer<Acknowledged> {
    let body = body.map_err(|rejection| problem::no_whole_body(rejection.status().as_u16()))?;
    let session = session_id(&session)?;
    let number: u64 = number.parse().map_err(|_| problem::malformed("The batch's number is not one."))?;
    let (opener, opened_session) = (audit.clone(), session.clone());
    let opened = tokio::task::spawn_blocking(move || {
        let frames = open_batch(&opener.ingest, &opened_session, number, &body)?;
        Ok::<_, recording::SealError>((activity::progress(&frames), body))
    });
    let (progress, body) = opened.await.map_err(|_| problem::stopped())?.map_err(|error| {
        tracing::warn!(%error, %session, number, "a batch that does not open");
        problem::malformed("The batch does not open as this Session's batch of this number.")
    })?;
    let batch = NewBatch { session: session.clone(), number, sealed: body.to_vec(), progress };
    let next_batch = audit.writer.perform(Command::Batch(Box::new(batch))).await?.next_batch()?;
    fold_later(&audit, session);
    Ok(Json(Acknowledged { next_batch }))
}

pub(super) async fn end(
    State(audit): State<Arc<Audit>>,
    _gateway: FromGateway,
    Path(session): Path<String>,
    JsonBody(end): JsonBody<EndRecording>,
) -> Answer<Receipt> {
    audit.end(&session_id(&session)?, &end).await.map(Json)
}
