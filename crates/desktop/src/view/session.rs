use serde::{Deserialize, Serialize};
use specta::Type;

use super::{BreakGlassUseView, ForgottenSessionView, OrganizationView, RequestView, SignatureCheck};

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
    /// What the rules pointed at, once they have looked.
    pub findings: Option<FindingCounts>,
    /// What they point at by now, while it runs. It is in no entry, and may change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[specta(optional)]
    pub so_far: Option<Vec<FindingView>>,
    /// It must be reviewed, and nobody has.
    pub due: bool,
    /// When it was opened by break-glass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[specta(optional)]
    pub break_glass: Option<BreakGlassUseView>,
    /// When the Recording was destroyed by retention.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[specta(optional)]
    pub expired_at: Option<u32>,
}

/// How many Findings of each weight.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct FindingCounts {
    pub stop: u32,
    pub look: u32,
    pub note: u32,
}

/// Something in a Session that a rule points at.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct FindingView {
    pub rule: String,
    /// `stop`, `look` or `note`.
    pub weight: String,
    /// Text, whatever stands in it.
    pub sentence: String,
    /// When it was seen, in milliseconds; nothing when it is about the Session as a whole.
    pub at_ms: Option<f64>,
    pub times: u32,
}

/// What a list of Sessions is asked for; the service decides what is a filter.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SessionFilter {
    pub organization: Option<String>,
    pub person: Option<String>,
    pub scope: Option<String>,
    pub from: Option<u32>,
    pub to: Option<u32>,
    /// Each as it is written: `reason:!maintenance`, `length:>5`.
    #[serde(default)]
    pub tokens: Vec<String>,
    /// Looked for in names, tickets, ids and justifications.
    #[serde(default)]
    pub text: String,
    /// `newest`, `oldest`, `longest`, `shortest`, `findings` or `findings-last`; the first where it is empty.
    #[serde(default)]
    pub order: String,
    pub cursor: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SessionPage {
    pub sessions: Vec<SessionView>,
    /// Those of the same page whose Organization was forgotten.
    pub forgotten: Vec<ForgottenSessionView>,
    /// How many were looked through for the text; nothing without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[specta(optional)]
    pub looked: Option<u32>,
    pub next: Option<String>,
}

/// How many Sessions there are of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SessionCountView {
    pub sessions: u32,
    /// There are more, which nobody counted.
    pub more: bool,
}

/// A list that was taken away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ExportView {
    pub path: String,
    pub sessions: u32,
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
    /// What weighs most first; nothing while the rules have not looked.
    pub findings: Option<Vec<FindingView>>,
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
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
    /// Whether the Organization's page stopped in its window. The window knows that, and not the engine.
    pub page_stopped: bool,
    /// Why it ended; empty while it is open.
    pub ended_by: String,
    /// Who ended it, when somebody signed that and the gateway says so.
    pub ended_for: Option<EndedForView>,
    /// Who watches now, by their sign-in.
    pub watchers: Vec<String>,
    /// The last time that was asked for in it, and what became of that.
    pub more: Option<MoreView>,
}

/// Who ended somebody's Session, and why: text, whatever stands in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct EndedForView {
    pub name: String,
    pub reason: String,
}

/// More time that was asked for in a Session of this computer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct MoreView {
    /// The request that asks for it.
    pub request: String,
    pub seconds: u32,
    /// When the Session ends with it.
    pub ends_at: u32,
    pub state: MoreState,
    /// What the approver who denied it wrote, or why it was refused, in sentences.
    pub why: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum MoreState {
    /// For a second person.
    Waiting,
    /// Countersigned; the gateway does not have it yet.
    Countersigned,
    /// Countersigned; it takes a code of the last 15 minutes to hand it over.
    CodeNeeded,
    Extended,
    Denied,
    Withdrawn,
    /// Nobody decided in time.
    Expired,
    /// The gateway did not take it.
    Refused,
}
