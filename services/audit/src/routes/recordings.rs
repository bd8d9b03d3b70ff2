use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use domain::{Digest, SessionId};
use recording::open_whole_batch;
use serve::{JsonBody, ProblemResponse};
use wire::audit::{Acknowledged, EndRecording, ExtendRecording, OpenRecording, RecordingState, TakenGrant};
use wire::event::Receipt;

use super::session_id;
use crate::activity;
use crate::audit::Audit;
use crate::people::FromGateway;
use crate::problem;
use crate::segments::fold_later;
use crate::sequencer::{Command, NewBatch, Progress};
use crate::tally::Came;

/// What marks stand for takes no more of one batch, in bytes; a gateway keeps less in a whole Session.
const MOST_BESIDE: usize = 4 * 1024 * 1024;

type Answer<T> = Result<Json<T>, ProblemResponse>;

pub(super) async fn open(
    State(audit): State<Arc<Audit>>,
    _gateway: FromGateway,
    JsonBody(asked): JsonBody<OpenRecording>,
) -> Answer<Receipt> {
    audit.open(asked).await.map(Json)
}

pub(super) async fn extend(
    State(audit): State<Arc<Audit>>,
    _gateway: FromGateway,
    Path(session): Path<String>,
    JsonBody(asked): JsonBody<ExtendRecording>,
) -> Answer<Receipt> {
    audit.extend(&session_id(&session)?, asked).await.map(Json)
}

pub(super) async fn state(
    State(audit): State<Arc<Audit>>,
    _gateway: FromGateway,
    Path(session): Path<String>,
) -> Answer<RecordingState> {
    let row = audit.reader.session(&session_id(&session)?).await?.ok_or_else(problem::no_session)?;
    audit.state_of(row).await.map(Json)
}

pub(super) async fn of_grant(
    State(audit): State<Arc<Audit>>,
    _gateway: FromGateway,
    Path(request): Path<String>,
) -> Answer<TakenGrant> {
    let request: Digest = request.parse().map_err(|_| problem::no_session())?;
    let row = audit.reader.session_of_request(&request).await?.ok_or_else(problem::no_session)?;
    audit.taken(row).await.map(Json)
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
    let (progress, plain_bytes) = audit.look_into(&session, number, body.clone()).await?;
    let came = Came { sealed_bytes: body.len() as u64, plain_bytes };
    let batch = NewBatch { session: session.clone(), number, sealed: body.to_vec(), plain_bytes, progress };
    let next_batch = audit.writer.perform(Command::Batch(Box::new(batch))).await?.next_batch()?;
    audit.watches.came();
    if number.checked_add(1) != Some(next_batch) {
        // Not in order: with this one, others that came before may count.
        audit.tally.forget(&session);
    }
    fold_later(&audit, session, came);
    Ok(Json(Acknowledged { next_batch }))
}

pub(super) async fn end(
    State(audit): State<Arc<Audit>>,
    _gateway: FromGateway,
    Path(session): Path<String>,
    JsonBody(end): JsonBody<EndRecording>,
) -> Answer<Receipt> {
    let sealed = audit.end(&session_id(&session)?, &end).await.map(Json);
    audit.watches.came();
    sealed
}

impl Audit {
    /// Opens a batch in its turn to see that it is one: what it adds to the counters, and what it unpacks to.
    async fn look_into(
        &self,
        session: &SessionId,
        number: u64,
        sealed: Bytes,
    ) -> Result<(Progress, u64), ProblemResponse> {
        let turn = self.unpacking.turn().await?;
        let (ingest, of) = (self.ingest.clone(), session.clone());
        let opening = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let batch = open_whole_batch(&ingest, &of, number, &sealed)?;
            let beside: usize = batch.originals.iter().map(|o| o.value.len()).sum();
            if beside > MOST_BESIDE {
                return Err(recording::SealError::TooLong);
            }
            Ok((activity::progress(&batch.frames), batch.plain_bytes))
        });
        opening.await.map_err(|_| problem::stopped())?.map_err(|error| {
            tracing::warn!(%error, %session, number, "a batch that does not open");
            problem::malformed("The batch does not open as this Session's batch of this number.")
        })
    }
}
