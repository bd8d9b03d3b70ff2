use domain::{OrgId, ReasonCategory, Scope};
use wire::finding::Draw;

use crate::Earlier;

/// What is known of a Session beside its Recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    pub organization: OrgId,
    pub scope: Scope,
    pub reason: ReasonCategory,
    pub ticket: String,
    pub justification: String,
    /// From the first start to the end.
    pub seconds: u64,
    /// Weekday of the opening, 1 is Monday, and minute of that day, in the policy's time zone.
    pub weekday: u8,
    pub minute: u16,
    /// The person had no Session on this Organization before.
    pub first_here: bool,
    /// Earlier Sessions of the same person, newest first.
    pub earlier: Vec<Earlier>,
    pub extensions: u64,
    /// Batches that never came.
    pub missing_batches: u64,
    /// The end that was written down, as `person`, `time` or `gateway-silent`.
    pub ended: String,
    /// Of the sealed Recording; nothing is drawn while a Session runs.
    pub draw: Option<Draw>,
}

impl Context {
    /// Whether ticket or justification name something that the path names, letters apart from case.
    pub(crate) fn names(&self, path: &str) -> bool {
        let said = format!("{} {}", self.ticket, self.justification).to_lowercase();
        let path = path.split('?').next().unwrap_or_default().to_lowercase();
        let mut words = path.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() >= 4);
        // "invoices" in the path, "invoice" in the ticket: the same thing.
        words.any(|word| said.contains(word.trim_end_matches('s')))
    }
}
