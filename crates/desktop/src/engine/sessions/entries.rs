use checkpoint::Checkpoint;
use client::AuditClient;
use merkle::Hash;
use wire::audit::{LogEntry, Sealed};
use wire::event::Event;

use super::altered;
use crate::Engine;
use crate::fault::{call, fault};
use crate::log::paths_under;
use crate::show::{count, label};
use crate::view::{EntryView, UiError};

/// Entries of the log on one page.
pub(super) const PAGE: u32 = 100;

impl Engine {
    /// A page of the log, newest first, below `before`: all its entries without a gap, proven to stand under the last
    /// Checkpoint that this computer verified. One that does not hold is not shown at all.
    ///
    /// # Errors
    /// [`UiError`]: `not-in-the-log`.
    pub async fn entries(&self, before: Option<u32>) -> Result<Vec<EntryView>, UiError> {
        let (joined, audit) = self.inner.audit().await?;
        let Some(checkpoint) = joined.log.last()? else { return Ok(Vec::new()) };
        let before = before.map_or(checkpoint.size, u64::from).min(checkpoint.size);
        if before == 0 {
            return Ok(Vec::new());
        }
        let page = audit.events(Some(before), PAGE).await.map_err(call("the audit service"))?.events;
        let paths = prove(&audit, &checkpoint, before, &page).await?;
        page.iter().zip(paths).map(|(shown, path)| entry(shown, &checkpoint, &path)).collect()
    }
}

/// The recomputed path of every entry from one page below `before` up to it, newest first like the page.
pub(super) async fn prove(
    audit: &AuditClient,
    checkpoint: &Checkpoint,
    before: u64,
    page: &[LogEntry],
) -> Result<Vec<Vec<Hash>>, UiError> {
    let first = before.saturating_sub(u64::from(PAGE));
    let expected = (first..before).rev();
    if !page.iter().map(|e| e.index).eq(expected) {
        return Err(not_proven(first, before, "entries are left out, or stand in another order"));
    }
    let path = |index| async move {
        audit.inclusion(index, checkpoint.size).await.map_err(call("the audit service")).map(|i| i.path)
    };
    let (oldest, newest) = (path(first).await?, path(before - 1).await?);
    let leaves: Vec<&str> = page.iter().rev().map(|e| e.leaf.as_str()).collect();
    paths_under(checkpoint, first, &leaves, [&oldest, &newest])
        .map(|paths| paths.into_iter().rev().collect())
        .ok_or_else(|| not_proven(first, before, "they do not lead to the Checkpoint"))
}

fn not_proven(first: u64, before: u64, why: &str) -> UiError {
    tracing::error!(first, before, why, "a page of the log is not proven");
    fault(
        "not-in-the-log",
        format!(
            "Entries {first} to {} as the audit service shows them are not proven: {why}.",
            before.saturating_sub(1)
        ),
        "Do not rely on what it shows. Call security, and keep this computer as it is.",
    )
}

fn entry(shown: &LogEntry, checkpoint: &Checkpoint, path: &[Hash]) -> Result<EntryView, UiError> {
    let event: Event = serde_json::from_str(&shown.leaf).map_err(|_| altered("an entry is not an Event"))?;
    let opened: Vec<&str> = ["name", "requester-name", "reviewer-name", "person", "requester", "reviewer"]
        .iter()
        .filter_map(|field| shown.personal.get(*field).map(|s| (*field, s)))
        .filter(|(field, sealed)| matches_leaf(&event, field, sealed))
        .map(|(_, sealed)| sealed.value.as_str())
        .collect();
    #[expect(clippy::cast_precision_loss, reason = "JavaScript's numbers hold milliseconds for 285,000 years")]
    let at_ms = event.at as f64;
    Ok(EntryView {
        index: count(shown.index),
        at_ms,
        kind: label(&event.kind),
        source: label(&event.source),
        organization: event.organization.map(|o| o.to_string()).unwrap_or_default(),
        who: opened.first().map(|w| (*w).to_owned()).unwrap_or_default(),
        facts: event.facts.into_iter().collect(),
        leaf: shown.leaf.clone(),
        under: count(checkpoint.size),
        path: path.iter().map(statement::base64url).collect(),
    })
}

/// Whether an opened field is the one that the leaf commits to.
pub(super) fn matches_leaf(event: &Event, field: &str, sealed: &Sealed) -> bool {
    let Ok(salt) = statement::base64url_decode(sealed.salt.as_str()) else { return false };
    let committed = statement::sha256([salt.as_slice(), sealed.value.as_bytes()].concat());
    event.sealed.get(field) == Some(&committed)
}
