//! What the windows show: plain values for the UI, exported to TypeScript. Times are Unix seconds unless the name
//! ends in `_ms`. Numbers fit JavaScript's.

use serde::{Deserialize, Serialize};
use specta::Type;

/// The first thing the UI asks, and again after every change it is told of.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct AppState {
    pub profile: String,
    pub step: SetupStep,
    /// Who runs this installation; empty before joining.
    pub operator: String,
    pub log_key: String,
    pub person: Option<PersonView>,
    pub device: Option<DeviceView>,
    pub status: StatusView,
    /// Milliseconds to add to this computer's clock to get the server's.
    pub clock_offset_ms: i32,
    pub policy: PolicyView,
}

/// How far this computer is from being usable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum SetupStep {
    /// No keyring, or a locked one: nothing can be kept safely. `StatusView::keyring` says what to do.
    NoKeyring,
    /// No join file yet.
    Join,
    /// Joined; nobody is signed in.
    SignIn,
    /// Signed in; an administrator has to enrol this Device.
    WaitForEnrolment,
    /// Enrolled; no second factor yet.
    SecondFactor,
    /// Signed in; the code for this sign-in is missing.
    Code,
    Ready,
}

#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PersonView {
    pub person: String,
    pub name: String,
    /// `engineer`, `approver`, `reviewer`, `administrator`.
    pub roles: Vec<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct DeviceView {
    pub name: String,
    /// Thumbprint.
    pub key: String,
    /// First 8 characters in groups of 4.
    pub key_short: String,
    pub kept_in: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct StatusView {
    pub broker: Link,
    pub audit: Link,
    pub gateway: Link,
    pub log: LogView,
    /// What to do about the keyring; empty when it works.
    pub keyring: String,
    pub sessions_recording: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum Link {
    Unknown,
    Connected,
    Unreachable,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum LogVerdict {
    Intact,
    Waiting,
    Broken,
}

/// What this computer verified about the audit log.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct LogView {
    pub verdict: LogVerdict,
    /// Entries under the last verified Checkpoint.
    pub size: u32,
    /// Root in base64url; empty before the first check.
    pub root: String,
    /// The first 88 bits of the root in eight words.
    pub words: Vec<String>,
    pub checked_at: Option<u32>,
    /// Why it is broken or waiting, in a sentence.
    pub detail: String,
    /// The last verified Checkpoints, newest first.
    pub checkpoints: Vec<CheckpointView>,
}

#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct CheckpointView {
    pub size: u32,
    pub root: String,
    pub words: Vec<String>,
    pub at: u32,
}

/// What the policy allows, for the form.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PolicyView {
    pub digest: String,
    pub rules: Vec<PolicyRuleView>,
}

#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PolicyRuleView {
    pub reason: String,
    pub scope: String,
    /// 0 when the scope is not allowed for the reason.
    pub max_duration_seconds: u32,
    pub approvals: u32,
    /// Why not, in words, when it is not allowed.
    pub refusal: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct OrganizationView {
    pub id: String,
    pub name: String,
}

/// What the request form holds.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct RequestForm {
    pub organization: String,
    /// `customer-reported-problem`, `security-incident`, `legal-disclosure`, `maintenance`, `data-subject-request`.
    pub reason: String,
    pub ticket: String,
    pub justification: String,
    /// `diagnostics`, `read`, `read-write`, `administer`.
    pub scope: String,
    pub duration_seconds: u32,
}

/// One Access Request. What stands in `signed` was read from statements that this desktop verified.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct RequestView {
    /// Digest of the request JWS.
    pub id: String,
    /// `waiting`, `approved`, `denied`, `withdrawn`, `expired`, `open`, `ended`.
    pub state: String,
    pub organization: OrganizationView,
    pub scope: String,
    pub reason: String,
    pub ticket: String,
    pub justification: String,
    pub duration_seconds: u32,
    pub mine: bool,
    /// The caller may decide it.
    pub decidable: bool,
    pub until: u32,
    pub left: SignatureView,
    pub right: Vec<SignatureView>,
    pub signals: Vec<SignalView>,
    pub session: Option<String>,
    pub session_ends_at: Option<u32>,
    pub ended_by: Option<String>,
    /// The door is open on this computer.
    pub open_here: bool,
}

/// One signature of the Indenture.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SignatureView {
    pub name: String,
    pub person: String,
    pub at: u32,
    /// Short form of the Device key.
    pub key_short: String,
    pub check: SignatureCheck,
    /// `approve` or `deny`; empty for the requester.
    pub verdict: String,
    pub comment: String,
    /// Why the signature is not believed, when it is not.
    pub refusal: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum SignatureCheck {
    /// This desktop verified it.
    ChecksOut,
    /// It does not match: do not sign.
    DoesNotMatch,
}

/// One sentence of "Before you sign".
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SignalView {
    /// `stop`, `look`, `fits`.
    pub verdict: String,
    pub title: String,
    pub detail: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct EnrolmentView {
    pub person: String,
    pub name: String,
    pub device: String,
    pub key_short: String,
    pub since: u32,
    pub check: SignatureCheck,
}

/// Shown once.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SecondFactorView {
    /// The QR code as SVG.
    pub qr_svg: String,
    /// Base32 in groups of 4.
    pub secret: String,
}

/// The address that the system browser opens, and the code that it must show.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SignInView {
    /// Our own loopback page; it leads on to the provider.
    pub url: String,
    /// For example `4K7-Q2M`.
    pub match_code: String,
}

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

/// A Recording, opened for replay.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct RecordingView {
    #[specta(type = u32)]
    pub started_ms: f64,
    #[specta(type = u32)]
    pub ended_ms: f64,
    pub live: bool,
    pub exchanges: Vec<ExchangeView>,
    /// Pages that reported events, in order; fetch them with `page_events`.
    pub pages: Vec<PageView>,
    pub gaps: Vec<GapView>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ExchangeView {
    pub number: u32,
    #[specta(type = u32)]
    pub at_ms: f64,
    pub method: String,
    pub path: String,
    /// 0 when nothing was answered.
    pub status: u32,
    #[specta(type = u32)]
    pub body_bytes: f64,
    pub took_ms: u32,
    pub write: bool,
    /// Why it was refused; empty when it was forwarded.
    pub refused: String,
    /// Why the answer was cut; empty when it was whole.
    pub cut: String,
    pub content_type: String,
    /// Text of the answer, at most 64 KiB, when it is text and was kept.
    pub body: Option<String>,
    pub request_body: Option<String>,
    pub socket_messages: u32,
}

#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PageView {
    pub page: String,
    #[specta(type = u32)]
    pub at_ms: f64,
    pub events: u32,
    /// rrweb events as one JSON array.
    pub json: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct GapView {
    #[specta(type = u32)]
    pub at_ms: f64,
    #[specta(type = u32)]
    pub until_ms: f64,
    pub detail: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct EntryView {
    pub index: u32,
    #[specta(type = u32)]
    pub at_ms: f64,
    /// The Event's kind, for example `session-opened`.
    pub kind: String,
    pub source: String,
    pub organization: String,
    /// Who, when still readable.
    pub who: String,
    pub facts: Vec<(String, String)>,
    pub leaf: String,
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

/// Every error that reaches the UI.
#[derive(Debug, Clone, Serialize, Deserialize, Type, thiserror::Error)]
#[error("{message}")]
#[serde(rename_all = "camelCase")]
pub struct UiError {
    /// Stable, for example `wrong-code`, `same-person`, `unreachable`, `keyring`.
    pub code: String,
    /// What failed and what is safe, one sentence.
    pub message: String,
    /// What to do next, one sentence.
    pub next: String,
}

/// What the engine tells the windows without being asked.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Notice {
    /// Ask for the state again.
    State,
    /// Requests changed: ask again. `id` is the one, and `text` a sentence when a person should be told.
    Requests { id: String, text: String },
    /// Pending enrolments changed.
    Enrolments,
    /// A door changed.
    Door { session: String },
    /// The log was checked.
    Log,
}
