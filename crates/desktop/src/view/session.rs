use serde::{Deserialize, Serialize};
use specta::Type;

use super::{BreakGlassUseView, OrganizationView, RequestView, SignatureCheck};

/// A Session in lists and in the bar.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SessionView {
    pub id: String,
    pub organization: OrganizationView,
    pub name: String,
    pub approvers: Vec<String>,
    pub scope: String,
    pub reason: String,
    pub ticket: String,
    pub opened_at: u32,
    pub ends_at: u32,
    pub ended_at: Option<u32>,
    pub ended_by: Option<String>,
    pub exchanges: u32,
    pub writes: u32,
    pub refused: u32,
    pub activity: String,
    /// `nothing-to-report`, `flagged`, or empty.
    pub review: String,
    /// When it was opened by break-glass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[specta(optional)]
    pub break_glass: Option<BreakGlassUseView>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SessionFilter {
    pub organization: Option<String>,
    pub person: Option<String>,
    pub scope: Option<String>,
    pub from: Option<u32>,
    pub to: Option<u32>,
    pub cursor: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SessionPage {
    pub sessions: Vec<SessionView>,
    pub next: Option<String>,
}

/// One Session with what this computer verified about it.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SessionDetailView {
    pub session: SessionView,
    pub request: RequestView,
    /// "In the log, unaltered", or why not.
    pub proof: ProofView,
    pub manifest: Option<String>,
    pub reviews: Vec<ReviewView>,
    /// The caller signed neither side and may review.
    pub reviewable: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ProofView {
    pub verified: bool,
    pub entry: u32,
    pub checkpoint: u32,
    /// Steps of the inclusion path that were recomputed here.
    pub steps: u32,
    pub detail: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ReviewView {
    pub name: String,
    pub at: u32,
    pub verdict: String,
    pub note: String,
    pub check: SignatureCheck,
}

/// A live Session of this computer, for the session bar.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct DoorView {
    pub request: String,
    pub session: String,
    pub organization: OrganizationView,
    pub scope: String,
    pub reason: String,
    pub ticket: String,
    pub opened_at: u32,
    pub ends_at: u32,
    pub address: String,
    pub recording_lag_ms: u32,
    pub paused: bool,
    /// Why it ended; empty while it is open.
    pub ended_by: String,
}
