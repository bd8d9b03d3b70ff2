//! The audit service's API. Services call over mutual TLS; people with the DPoP-bound PK token as at the broker, plus
//! [`crate::MFA_HEADER`] with the broker's attestation of the sign-in. Errors are [`crate::problem::Problem`].
//!
//! | call | who | body → answer |
//! |---|---|---|
//! | `GET /v1/time` | anybody | → [`Time`] |
//! | `GET /checkpoint` | anybody | → the signed note with the cosignatures of it, text |
//! | `GET /tile/{path}` | people, services | C2SP tlog-tiles: `{level}/{n…}`, `entries/{n…}` |
//! | `GET /v1/inclusion?index=&size=` | people, services | → [`Inclusion`] |
//! | `GET /v1/consistency?from=&to=` | anybody | → [`Consistency`] |
//! | `GET /v1/provider-keys` | anybody | → [`ProviderKeySets`] |
//! | `GET /v1/policies` | people, services | → [`crate::policies::LoggedPolicies`] |
//! | `POST /v1/policies` | broker | `statement::Adoption` → [`crate::event::Receipt`] |
//! | `GET /v1/break-glass` | broker | → [`crate::break_glass::LoggedPermissions`] |
//! | `POST /v1/break-glass` | broker | `statement::BreakGlassPermission` → [`crate::event::Receipt`] |
//! | `GET /v1/forgettings` | people, services | → [`crate::forgetting::LoggedForgettings`] |
//! | `POST /v1/forgettings` | broker | `statement::Forgetting` → [`crate::event::Receipt`] of `organization-forgotten` |
//! | `GET /v1/notices` | people | → [`crate::break_glass::Notices`]: the caller's own; leaves a `notice-seen` Event for each new one |
//! | `GET /v1/duties` | reviewers | → [`Sessions`] that were opened by break-glass and wait for a review |
//! | `POST /v1/events` | services | [`crate::event::Append`] → [`crate::event::Receipt`] |
//! | `GET /v1/events?before=&limit=` | reviewers | → [`Events`], newest first |
//! | `POST /v1/recordings` | gateway | [`OpenRecording`] → [`crate::event::Receipt`], the same one for the very same call again; or 409 `already-taken` |
//! | `GET /v1/grants/{request}` | gateway | → [`TakenGrant`]: the Recording that this Grant opened, or 404 `no-session` |
//! | `GET /v1/recordings/{session}` | gateway | → [`RecordingState`] |
//! | `POST /v1/recordings/{session}/batches/{number}` | gateway | sealed batch (octets) → [`Acknowledged`] |
//! | `POST /v1/recordings/{session}/extensions` | gateway | [`ExtendRecording`] → [`crate::event::Receipt`] of `session-extended`, the same one for the same bundle again; or 409 `already-taken` |
//! | `POST /v1/recordings/{session}/end` | gateway | [`EndRecording`] → [`crate::event::Receipt`] of `recording-sealed` |
//! | `GET /v1/sessions?organization=&person=&scope=&from=&to=&filter=&text=&order=&cursor=&limit=` | reviewers; others see their own | → [`Sessions`] |
//! | `GET /v1/sessions/count?…` | as above, of the same query | → [`SessionCount`] |
//! | `POST /v1/sessions/export` | reviewers | [`ExportSessions`] → [`ExportedSessions`]; leaves a `sessions-exported` Event first |
//! | `GET /v1/sessions/{session}` | as above | → [`SessionDetail`]; 410 `organization-forgotten` |
//! | `GET /v1/sessions/{session}/frames?stream=exchanges\|dom[&from=<frame>]` | reviewers | → [`Frames`]; leaves a `session-viewed` Event; 409 `somebody-inside` while a gateway has the Session open |
//! | `GET /v1/sessions/{session}/segments/{number}` | reviewers | → the exact JSON lines of one segment of a sealed Recording, octets, whose SHA-256 is `SegmentEntry::plain`; leaves a `session-viewed` Event |
//! | `POST /v1/sessions/{session}/watches` | reviewers, not of their own Session | → [`crate::event::Receipt`] of `session-watched`, whose entry names the watch; 409 `not-running` |
//! | `GET /v1/sessions/{session}/watches/{watch}?from=<frame>` | the watcher | → [`crate::watching::Part`], as soon as something came, within a second |
//! | `POST /v1/watched` | gateway | [`crate::watching::OpenNow`] → [`crate::watching::Watched`] |
//! | `POST /v1/sessions/{session}/reviews` | reviewers who signed neither side | [`crate::broker::SignedStatement`] → [`crate::event::Receipt`] |
//! | `GET /v1/reveals` | reviewers, approvers | → [`crate::revealing::RevealList`] of the last day |
//! | `POST /v1/reveals` | reviewers, approvers | [`crate::revealing::NewReveal`] → [`crate::event::Receipt`] of `reveal-proposed`, or of `marks-revealed` for the second signature |
//! | `GET /v1/reveals/{reveal}` | the reviewer who proposed it | → [`crate::revealing::RevealedMarks`]; leaves a `marks-read` Event first; 409 `reveal-over` after 15 minutes |
//! | `POST /v1/sessions/{session}/evidence` | reviewers | → the Evidence file, octets |
//! | `POST /v1/evidence` | reviewers | [`PeriodEvidence`] → the Evidence file, octets |
//! | `POST /v1/cosignatures` | people | [`NewCosignature`] → [`Witnesses`] |
//! | `GET /v1/witnesses` | people | → [`Witnesses`] |

use domain::{Digest, OrgId, Organization, PersonId, ReasonCategory, Scope, SessionId, UnixMillis, UnixSeconds};
use recording::{Frame, Manifest};
use serde::{Deserialize, Serialize};
use statement::{Bundle, ReviewVerdict};

use crate::break_glass::BreakGlassUse;
use crate::event::{Event, Receipt};
use crate::extension::LoggedExtension;
use crate::finding::{Examination, Finding, Weighed};
use crate::forgetting::ForgottenSession;
use crate::sessions::Order;

/// Every Session of this Organization that opened in this period: at most 500.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PeriodEvidence {
    pub organization: OrgId,
    pub from: UnixSeconds,
    /// The first second that is no longer in it.
    pub to: UnixSeconds,
}

/// The audit service's clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Time {
    pub now: UnixMillis,
}

/// RFC 9162 inclusion path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Inclusion {
    pub index: u64,
    pub size: u64,
    pub path: Vec<Digest>,
    /// The exact leaf.
    pub leaf: String,
}

/// RFC 9162 consistency path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Consistency {
    pub from: u64,
    pub to: u64,
    pub path: Vec<Digest>,
}

/// Every key set of the issuer that the audit service fetched, in the order in which it saw them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProviderKeySets {
    pub sets: Vec<LoggedKeys>,
}

/// One time that the issuer's keys were seen to have changed. The receipt's leaf is the audit service's own
/// `provider-keys-seen`: its fact `provider-keys` is the SHA-256 of `jwks`, its fact `previous` that of the set before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LoggedKeys {
    /// The exact JWKS text.
    pub jwks: String,
    pub receipt: Receipt,
}

/// A desktop's cosignature of a Checkpoint that it held to its last one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewCosignature {
    /// The log's signed note with the line of the Device's witness key behind it (C2SP tlog-cosignature).
    pub checkpoint: String,
    /// The `witness-key` statement of the Device.
    pub statement: String,
}

/// What each witness saw last. Nobody believes it for the audit service's word: the log and the witness signed each note.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Witnesses {
    pub outside: Vec<OutsideWitness>,
    /// The largest heads first.
    pub devices: Vec<DeviceWitness>,
    /// The chain of `enrol` statements from first administrators down to these Devices…
    pub enrols: Vec<String>,
    /// …and the PK tokens of whoever signed them.
    pub tokens: Vec<String>,
}

/// A witness that the audit service is configured with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OutsideWitness {
    /// `name+hash+key`.
    pub key: String,
    /// The last note that it cosigned, with its line.
    pub checkpoint: Option<String>,
    /// Why it cosigns nothing now.
    pub trouble: Option<WitnessTrouble>,
}

/// A Device that cosigned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DeviceWitness {
    /// The last note that it cosigned, with its line.
    pub checkpoint: String,
    /// Its `witness-key` statement.
    pub statement: String,
    /// The PK token of the statement's signer.
    pub token: String,
}

/// Why a witness does not cosign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum WitnessTrouble {
    Unreachable,
    Refused {
        status: u16,
    },
    /// Its answer holds no cosignature of its key.
    NoCosignature,
    /// It says that it cosigned a longer log: this one was rolled back.
    Ahead {
        size: u64,
    },
    /// It says that it cosigned another log under this name.
    NotConsistent,
}

/// A page of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Events {
    pub events: Vec<LogEntry>,
    pub size: u64,
}

/// One entry with the personal fields that are still readable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LogEntry {
    pub index: u64,
    /// The exact leaf.
    pub leaf: String,
    pub event: Event,
    pub personal: std::collections::BTreeMap<String, Sealed>,
}

/// A personal field opened: the leaf holds SHA-256(salt || value).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Sealed {
    /// 32 bytes in base64url.
    pub salt: Digest,
    pub value: String,
}

/// The gateway verified a bundle and takes the Grant. The audit service verifies it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OpenRecording {
    /// The bundle's exact JSON bytes.
    pub bundle_json: String,
    /// SHA-256 of the DER of the TLS client certificate that the gateway saw.
    pub tls_client: Digest,
    pub opened_at: UnixSeconds,
    pub ends_at: UnixSeconds,
    /// The target's name in `targets.toml`.
    pub target: String,
    pub policy: Digest,
}

/// The gateway verified a bundle that asks for more time in an open Session, and takes its Grant. The audit service
/// verifies it again and says until when the Session goes on: the leaf's fact `ends-at`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ExtendRecording {
    /// The bundle's exact JSON bytes.
    pub bundle_json: String,
    /// SHA-256 of the DER of the TLS client certificate that the gateway saw.
    pub tls_client: Digest,
    pub extended_at: UnixSeconds,
    pub policy: Digest,
}

/// How far a recording has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RecordingState {
    pub session: SessionId,
    pub next_batch: u64,
    pub sealed: bool,
    pub request: Digest,
    pub device: Digest,
    pub opened_at: UnixSeconds,
    /// As it was opened, without what extended it since.
    pub ends_at: UnixSeconds,
    /// Of `session-opened`: whoever lost the answer to [`OpenRecording`] finds it here.
    pub opened: Receipt,
}

/// What a gateway goes on from that has lost its own note of a Session. The bundle's digest, the `tls-client`
/// fingerprint and the times stand in the receipt's leaf, and are held to it by whoever uses them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TakenGrant {
    pub recording: RecordingState,
    /// The exact JSON bytes of the bundle that was handed in.
    pub bundle_json: String,
    /// The number that the next frame gets: behind every frame that came.
    pub next_frame: u64,
    /// What extended the Session since, in the log's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extensions: Vec<LoggedExtension>,
    /// Why the Recording was sealed, once it is.
    pub ended_by: Option<String>,
}

/// Everything up to and with this batch is durable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Acknowledged {
    pub next_batch: u64,
}

/// The Session is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EndRecording {
    /// As in [`crate::broker::SessionChange::Ended`].
    pub reason: String,
    pub ended_at: UnixSeconds,
    /// Batches that the gateway made.
    pub batches: u64,
}

/// A page of Sessions, in the order that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Sessions {
    pub sessions: Vec<SessionSummary>,
    /// Those of the same page whose Organization was forgotten; for reviewers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forgotten: Vec<ForgottenSession>,
    /// How many of the list were looked through for the text that was asked for; nothing without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub looked: Option<u64>,
    /// Give it back for the next page.
    pub next: Option<String>,
}

/// One Session in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SessionSummary {
    pub session: SessionId,
    pub organization: Organization,
    pub person: PersonId,
    pub name: String,
    pub approvers: Vec<String>,
    pub scope: Scope,
    pub reason: ReasonCategory,
    pub ticket: String,
    pub opened_at: UnixSeconds,
    pub ends_at: UnixSeconds,
    pub ended_at: Option<UnixSeconds>,
    pub ended_by: Option<String>,
    pub exchanges: u64,
    pub writes: u64,
    pub refused: u64,
    /// One character an exchange or page event, oldest first, at most 76: `v` viewed, `i` typed, `c` changed, `r` refused, `s` streamed.
    pub activity: String,
    pub review: Option<ReviewVerdict>,
    /// Once the rules have looked at the Recording.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub findings: Option<Weighed>,
    /// What the rules point at by now, while it runs; for reviewers. It changes, and no entry says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub so_far: Option<Vec<Finding>>,
    /// It has to be reviewed, and nobody has.
    #[serde(default)]
    pub due: bool,
    /// When it was opened by break-glass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub break_glass: Option<BreakGlassUse>,
    /// When the Recording was destroyed by retention.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expired_at: Option<UnixSeconds>,
}

/// One Session with its proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SessionDetail {
    pub summary: SessionSummary,
    pub bundle: Bundle,
    /// Of `session-opened`.
    pub opened: Receipt,
    /// In the log's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extensions: Vec<LoggedExtension>,
    /// Of `recording-sealed`, once it is.
    pub sealed: Option<Receipt>,
    pub manifest: Option<Manifest>,
    /// Of `recording-expired`, once the Recording was destroyed by retention.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expired: Option<Receipt>,
    /// Once the rules have looked at the Recording.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub examination: Option<Examination>,
    pub reviews: Vec<ReviewView>,
    /// The chain of `enrol` statements from first administrators down to the reviewers' Devices…
    pub reviewer_enrols: Vec<String>,
    /// …and the PK tokens of whoever signed them.
    pub reviewer_enrol_tokens: Vec<String>,
}

/// A review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReviewView {
    pub statement: String,
    /// The reviewer's PK token: the desktop verifies the statement itself.
    pub reviewer_token: String,
    pub name: String,
    pub at: UnixSeconds,
    pub verdict: ReviewVerdict,
    pub note: String,
}

/// The frames of a stream, in order, as many as fit one answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Frames {
    pub frames: Vec<Frame>,
    /// More may come: the recording is not sealed.
    pub live: bool,
    /// SHA-256 over the frames' canonical bytes, as `Manifest` has it, when sealed.
    pub missing_batches: Vec<u64>,
    /// Where the next page begins, when this one is not the last: the `from` to ask with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
}

/// The query of `GET /v1/inclusion`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct InclusionOf {
    pub index: u64,
    pub size: u64,
}

/// The query of `GET /v1/consistency`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ConsistencyOf {
    pub from: u64,
    pub to: u64,
}

/// The query of `GET /v1/events`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WhichEvents {
    pub before: Option<u64>,
    /// At most 100.
    pub limit: Option<u32>,
}

/// The query of `GET /v1/sessions`, and of the count of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WhichSessions {
    pub organization: Option<OrgId>,
    pub person: Option<PersonId>,
    pub scope: Option<Scope>,
    pub from: Option<UnixSeconds>,
    pub to: Option<UnixSeconds>,
    /// [`crate::sessions::Tokens`], as they are written.
    pub filter: Option<String>,
    /// Looked for in names, tickets, ids and justifications of so many Sessions at a time as [`Sessions::looked`] says.
    pub text: Option<String>,
    pub order: Option<Order>,
    /// What [`Sessions::next`] was.
    pub cursor: Option<String>,
    /// At most [`crate::sessions::LARGEST_PAGE`]; 50 when it is not said.
    pub limit: Option<u32>,
}

/// How many Sessions there are of a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SessionCount {
    pub sessions: u64,
    /// Whether there are more: nobody counts further than [`crate::sessions::COUNTED_TO`] where each has to be looked at.
    pub more: bool,
}

/// What an export asks for, page by page: a list as [`WhichSessions`] has it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ExportSessions {
    pub organization: Option<OrgId>,
    pub person: Option<PersonId>,
    pub scope: Option<Scope>,
    pub from: Option<UnixSeconds>,
    pub to: Option<UnixSeconds>,
    pub filter: Option<String>,
    pub text: Option<String>,
    pub order: Option<Order>,
    /// What [`ExportedSessions::next`] was.
    pub cursor: Option<String>,
}

impl ExportSessions {
    /// The whole of a list.
    #[must_use]
    pub fn all_of(list: WhichSessions) -> Self {
        let WhichSessions { organization, person, scope, from, to, filter, text, order, cursor: _, limit: _ } = list;
        Self { organization, person, scope, from, to, filter, text, order, cursor: None }
    }

    /// The list.
    #[must_use]
    pub fn list(&self) -> WhichSessions {
        let Self { organization, person, scope, from, to, filter, text, order, cursor: _ } = self.clone();
        WhichSessions { organization, person, scope, from, to, filter, text, order, cursor: None, limit: None }
    }
}

/// A page of an export. The entry about it was in the log before it was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExportedSessions {
    pub sessions: Vec<SessionSummary>,
    /// Those of the same page whose Organization was forgotten.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forgotten: Vec<ForgottenSession>,
    /// How many the tokens fit, this page among them.
    pub of: u64,
    pub next: Option<String>,
    /// Of `sessions-exported`.
    pub receipt: Receipt,
}

/// One of the two streams of a Recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Stream {
    Exchanges,
    Dom,
}

/// The query of `GET /v1/sessions/{session}/frames`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WhichFrames {
    pub stream: Stream,
    /// The first frame that is asked for.
    pub from: Option<u64>,
}

/// An Organization's id, for filters.
pub type OrganizationFilter = Option<OrgId>;
