//! What a policy that waits for its second administrator would change.

use std::collections::BTreeMap;

use domain::Digest;
use policy::{InForce, Policy};

use super::{Engine, Inner};
use crate::fault::fault;
use crate::policy_change::allows_more;
use crate::policy_change::asked::Asked;
use crate::show::seconds;
use crate::view::{AllowsMoreView, PolicyLastMonthView, UiError};

const DAYS_30: i64 = 30 * 24 * 3600;

/// What was compared before, by the digests of both texts: of one pair nothing else can be said.
pub(super) type Compared = BTreeMap<(Digest, Digest), Vec<AllowsMoreView>>;

impl Engine {
    /// What this text would have said to everything that was asked in the last 30 days. Every entry of that time is read and
    /// proven, so that it may take a while.
    ///
    /// # Errors
    /// [`UiError`]: `missing-role` for whoever is no reviewer, `not-a-successor`, `not-in-the-log`.
    pub async fn policy_last_month(&self, text: &str) -> Result<PolicyLastMonthView, UiError> {
        let new = self.inner.joined()?.policies().current().successor(text).map_err(|why| {
            let title = format!("This cannot follow the policy in force: {why}.");
            fault("not-a-successor", title, "Load the page again.")
        })?;
        let now = self.inner.now();
        let period = self.asked(now - DAYS_30, now).await?;
        let asked = unhurried(move || Asked::of(&period, &new)).await?;
        let counted = asked.counted();
        let many = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Ok(PolicyLastMonthView {
            from: seconds(now - DAYS_30),
            until: seconds(now),
            requests: many(counted.requests),
            refused: many(counted.refused),
            allowed: many(counted.allowed),
            more: many(counted.more),
            fewer: many(counted.fewer),
            not_asked: many(asked.not_asked.len()),
        })
    }
}

impl Inner {
    /// What `new` allows more than the policy in force, or may.
    pub(super) async fn allows_more(&self, in_force: &InForce, new: &Policy) -> Result<Vec<AllowsMoreView>, UiError> {
        let pair = (in_force.policy.digest().clone(), new.digest().clone());
        if let Some(known) = self.live().compared.get(&pair) {
            return Ok(known.clone());
        }
        let (old, new) = (in_force.policy.clone(), new.clone());
        let more = unhurried(move || allows_more(&old, &new)).await?;
        self.live().compared.insert(pair, more.clone());
        Ok(more)
    }
}

/// Reckons beside everything else that goes on.
async fn unhurried<T: Send + 'static>(reckon: impl FnOnce() -> T + Send + 'static) -> Result<T, UiError> {
    let done = tokio::task::spawn_blocking(reckon).await;
    done.map_err(|_| {
        fault("not-compared", "The policies could not be compared.", "Try again, and sign nothing before it is said.")
    })
}
