use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use client::{CallError, ServiceClient};
use domain::SessionId;
use tokio::sync::mpsc;
use wire::audit::{Acknowledged, RecordingState};

use super::Tape;
use super::spool::{Sealed, Spool};

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// An audit service that takes longer than this for one batch is asked anew.
const PATIENCE: Duration = Duration::from_secs(5);

/// The audit service will never take a batch that it refused with one of these.
const FOR_GOOD: [&str; 2] = ["recording-sealed", "other-batch"];

/// Where the batches of one Session go.
#[derive(Clone)]
pub struct AuditSink {
    client: ServiceClient,
    session: SessionId,
}

impl AuditSink {
    /// The recording of this Session at the audit service.
    #[must_use]
    pub fn new(client: ServiceClient, session: SessionId) -> Self {
        Self { client, session }
    }

    /// Uploads one batch. The number of the batch that the audit service wants next tells what it has.
    async fn put(&self, sealed: &Sealed) -> Result<u64, CallError> {
        let path = format!("/v1/recordings/{}/batches/{}", self.session, sealed.batch);
        match self.client.post_bytes::<Acknowledged>(&path, sealed.bytes.clone()).await {
            Ok(answer) => Ok(answer.next_batch),
            // An acknowledgement may have been lost on its way: what it has says whether this one is in.
            Err(CallError::Refused(problem)) if !FOR_GOOD.contains(&problem.code.as_str()) => {
                tracing::warn!(code = problem.code, batch = sealed.batch, "a batch was refused");
                let path = format!("/v1/recordings/{}", self.session);
                Ok(self.client.get_json::<RecordingState>(&path).await?.next_batch)
            }
            Err(error) => Err(error),
        }
    }
}

/// Uploads batches in order, each until it is acknowledged. Ends when the tape is closed and everything is there, or
/// with the first batch that is refused for good: the tape is marked, and the spool keeps what was not taken.
pub(super) async fn run(
    tape: Tape,
    sink: AuditSink,
    spool: Arc<Mutex<Spool>>,
    mut batches: mpsc::UnboundedReceiver<Sealed>,
) {
    while let Some(sealed) = batches.recv().await {
        let mut pause = FIRST_PAUSE;
        loop {
            match tokio::time::timeout(PATIENCE, sink.put(&sealed)).await {
                Ok(Ok(next)) if next > sealed.batch => break,
                Ok(Ok(next)) => tracing::warn!(next, batch = sealed.batch, "the audit service wants another batch"),
                Ok(Err(error)) if error.code().is_some_and(|c| FOR_GOOD.contains(&c)) => {
                    tracing::error!(%error, batch = sealed.batch, "a batch will never be taken; the upload stops");
                    return tape.is_refused_for_good(error.code().unwrap_or_default());
                }
                Ok(Err(error)) => tracing::warn!(%error, batch = sealed.batch, "a batch could not be uploaded"),
                Err(_) => tracing::warn!(batch = sealed.batch, "the audit service takes too long"),
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        tape.is_acknowledged(sealed.next_frame);
        spool.lock().unwrap_or_else(PoisonError::into_inner).forget_up_to(sealed.batch);
    }
}
