//! Recordings are kept for as long as the policy in force says; then their keys are destroyed.

use std::sync::Weak;
use std::time::{Duration, Instant};

use domain::{SessionId, UnixSeconds};
use serve::ProblemResponse;
use wire::event::{Append, EventKind};

use crate::audit::Audit;
use crate::error::StoreError;
use crate::problem;
use crate::sequencer::{Command, NewExpiry};

const LOOKED_EVERY: Duration = Duration::from_secs(3600);
/// Recordings that are destroyed in one go.
const AT_ONCE: u32 = 200;
/// A clock that is set right bit by bit is moved by less than this, in seconds.
const MOST_MOVED: u64 = 60;
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

/// Looks as long as the service runs. Segments that a crash left are taken away at once; what may be destroyed waits for the first
/// look, and for a clock that nobody has moved.
pub(crate) async fn watch(audit: Weak<Audit>) {
    let Some(began) = audit.upgrade().map(|audit| audit.now()) else { return };
    let started = Instant::now();
    if let Some(audit) = audit.upgrade() {
        audit.sweep().await;
    }
    loop {
        tokio::time::sleep(LOOKED_EVERY).await;
        let Some(audit) = audit.upgrade() else { return };
        if is_steady(began, audit.now(), started.elapsed()) {
            audit.expire().await;
        } else {
            tracing::error!(
                "the clock was moved while the service ran: nothing is destroyed before it is started again"
            );
        }
    }
}

/// Whether the clock went as long as the time that really passed. One that jumped may say of everything that it was kept for
/// long enough, and nothing brings it back.
fn is_steady(began: UnixSeconds, now: UnixSeconds, passed: Duration) -> bool {
    let passed = i64::try_from(passed.as_secs()).unwrap_or(i64::MAX);
    now.saturating_sub(began).abs_diff(passed) <= MOST_MOVED
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ops_07_a_clock_that_jumped_destroys_nothing() {
        let (began, hour) = (1_790_000_000, Duration::from_secs(3600));
        for (now, steady) in [
            (began + 3600, true),
            (began + 3660, true),
            (began + 3540, true),
            (began + 3661, false),
            (began + 3539, false),
            (began + 400 * DAY, false),
            (began - 20 * 365 * DAY, false),
        ] {
            assert_eq!(is_steady(began, now, hour), steady, "{now}");
        }
        assert!(is_steady(began, began + 90 * DAY, Duration::from_secs(90 * 86_400)));
    }
}
