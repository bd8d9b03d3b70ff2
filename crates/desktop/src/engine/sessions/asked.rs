//! What was asked in a period, taken and refused, as the log tells it.

mod reading;

use std::collections::BTreeMap;

use client::AuditClient;
use domain::UnixSeconds;
use policy::Policies;

use super::entries::{PAGE, prove};
use crate::Engine;
use crate::fault::call;
use crate::joined::Joined;
use crate::view::UiError;
use reading::Reading;
pub(crate) use reading::{LoggedAsk, NotAskable, Then};

/// Requests, the oldest first, and how many other refusals there were, by kind and code.
type AsksAndOthers = (Vec<LoggedAsk>, BTreeMap<(String, String), u32>);

/// Requests of a period and the policies of the installation, each verified here.
pub(crate) struct AskedInPeriod {
    pub(crate) from: UnixSeconds,
    /// The end of the period, or now when that is earlier.
    pub(crate) until: UnixSeconds,
    pub(crate) policies: Policies,
    /// The oldest first.
    pub(crate) asks: Vec<LoggedAsk>,
    /// Refusals that are about no request whose signature held, by kind and code.
    pub(crate) others: BTreeMap<(String, String), u32>,
}

impl Engine {
    /// Everything that was asked from `from` on and before `until`. Every entry in between is proven to stand in the log, and
    /// none is left out.
    ///
    /// # Errors
    /// [`UiError`]: `missing-role` for whoever is no reviewer, `not-in-the-log`.
    pub(crate) async fn asked(&self, from: UnixSeconds, until: UnixSeconds) -> Result<AskedInPeriod, UiError> {
        self.policies().await?;
        let (joined, audit) = self.inner.audit().await?;
        let (asks, others) = read(&joined, &audit, from, until).await?;
        let until = until.min(self.inner.now());
        Ok(AskedInPeriod { from, until, policies: joined.policies(), asks, others })
    }
}

/// From the last Checkpoint that this computer verified down to the beginning of the period.
pub(super) async fn read(
    joined: &Joined,
    audit: &AuditClient,
    from: UnixSeconds,
    until: UnixSeconds,
) -> Result<AsksAndOthers, UiError> {
    let mut reading = Reading::of(from, until);
    let Some(checkpoint) = joined.log.last()? else { return Ok(reading.done()) };
    let mut before = checkpoint.size;
    while before > 0 && !reading.is_over() {
        let page = audit.events(Some(before), PAGE).await.map_err(call("the audit service"))?.events;
        prove(audit, &checkpoint, before, &page).await?;
        page.iter().try_for_each(|entry| reading.take(entry))?;
        before = before.saturating_sub(u64::from(PAGE));
    }
    Ok(reading.done())
}

#[cfg(test)]
pub(crate) mod tests;
