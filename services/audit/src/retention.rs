//! Recordings are kept for as long as the policy in force says; then their keys are destroyed.

use std::sync::Weak;
use std::time::Duration;

use domain::SessionId;
use serve::ProblemResponse;
use wire::event::{Append, EventKind};

use crate::audit::Audit;
use crate::error::StoreError;
use crate::problem;
use crate::sequencer::{Command, NewExpiry};

const LOOKED_EVERY: Duration = Duration::from_secs(3600);
/// Recordings that are destroyed in one go.
const AT_ONCE: u32 = 200;
const DAY: i64 = 24 * 3600;

impl Audit {
    /// Destroys every sealed Recording that was kept for long enough and that nobody owes a review. One that cannot be is tried
    /// again later.
    pub(crate) async fn expire(&self) {
        if let Err(error) = self.try_to_expire().await {
            tracing::error!(code = error.code(), "Recordings are kept for longer than the policy says");
        }
        self.sweep().await;
    }

    async fn try_to_expire(&self) -> Result<(), ProblemResponse> {
        let policies = self.policies().await?;
        let policy = &policies.current().policy;
        let days = policy.heading().retention.days();
        let at = self.now();
        let ended_before = at.saturating_sub(i64::from(days) * DAY);
        for session in self.reader.kept_too_long(ended_before, AT_ONCE).await? {
            let event = self.expired(&session).await?.fact("recording-days", days.to_string());
            let event = event.fact("policy", policy.digest().as_str()).fact("at", at.to_string());
            let new = NewExpiry { session, policy: policy.digest().clone(), ended_before, at, event };
            self.writer.perform(Command::Expire(Box::new(new))).await?.receipt()?;
        }
        Ok(())
    }

    /// The entry about it, which names what was destroyed.
    async fn expired(&self, session: &SessionId) -> Result<Append, ProblemResponse> {
        let row = self.reader.session(session).await?.ok_or_else(problem::no_session)?;
        let seal = self.seal(session).await?.ok_or_else(problem::no_session)?;
        let manifest = seal.manifest.digest().map_err(StoreError::Seal)?;
        Ok(Append::new(EventKind::RecordingExpired)
            .organization(&row.organization)
            .session(session)
            .fact("manifest", manifest.to_string())
            .fact("ended-at", row.ended.map_or(0, |(ended_at, _)| ended_at).to_string()))
    }
}

/// Looks as long as the service runs.
pub(crate) async fn watch(audit: Weak<Audit>) {
    loop {
        {
            let Some(audit) = audit.upgrade() else { return };
            audit.expire().await;
        }
        tokio::time::sleep(LOOKED_EVERY).await;
    }
}
