//! A Recording whose gateway says nothing any more is sealed here with what has come.

use std::sync::Weak;
use std::time::Duration;

use domain::UnixSeconds;
use wire::audit::EndRecording;

use crate::audit::Audit;

/// A gateway that comes back within this time after the Session's end, or after its last batch, still delivers.
pub(crate) const GRACE_SECONDS: UnixSeconds = 3600;
/// After its own start the audit service waits for a gateway that starts beside it.
pub(crate) const PATIENCE_SECONDS: UnixSeconds = 600;
/// What the entry and the Session's list say.
const REASON: &str = "gateway-silent";
const LOOKED_EVERY: Duration = Duration::from_secs(30);

impl Audit {
    /// Seals every Recording that should have been sealed long ago. One that cannot be is tried again later.
    pub(crate) async fn end_silent(&self) {
        if self.now() < self.started_at.saturating_add(PATIENCE_SECONDS) {
            return;
        }
        let silent = match self.reader.silent(self.now().saturating_sub(GRACE_SECONDS)).await {
            Ok(silent) => silent,
            Err(error) => return tracing::error!(%error, "the store cannot be read"),
        };
        for row in silent {
            let end = EndRecording { reason: REASON.into(), ended_at: row.last_end(), batches: 0 };
            match self.end(&row.session, &end).await {
                Ok(_) => tracing::warn!(session = %row.session, "a Recording was sealed without its gateway"),
                Err(problem) => {
                    tracing::error!(code = problem.code(), session = %row.session, "a silent Recording is not sealed yet");
                }
            }
        }
    }
}

/// Looks for them as long as the service runs.
pub(crate) async fn watch(audit: Weak<Audit>) {
    loop {
        {
            let Some(audit) = audit.upgrade() else { return };
            audit.end_silent().await;
        }
        tokio::time::sleep(LOOKED_EVERY).await;
    }
}
