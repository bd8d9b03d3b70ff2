//! The broker's API. Every call carries `Authorization: DPoP <PK token>` and `DPoP: <proof>`; errors are
//! [`crate::problem::Problem`]. Times are Unix seconds.
//!
//! | call | body → answer |
//! |---|---|
//! | `GET /v1/me` | → [`Me`]; a Device's first call also makes its pending enrolment |
//! | `POST /v1/second-factor` | → [`SecondFactorStart`]; only while none is confirmed |
//! | `POST /v1/second-factor/replace` | [`Replacement`] → [`SecondFactorStart`]; the old one stays until the new one is confirmed |
//! | `POST /v1/second-factor/confirm` | [`Code`] → [`Confirmed`]: a sign-in's attestation, and recovery codes |
//! | `POST /v1/recovery-codes` | [`OldCode`] → [`RecoveryCodes`]; those of before are void |
//! | `POST /v1/factor-resets` | [`NewReset`] → 204; administrators |
//! | `POST /v1/codes` | [`Code`] → [`Attestation`] for the sign-in or for one statement |
//! | `GET /v1/enrolments` | → `Vec<PendingEnrolment>`; administrators |
//! | `POST /v1/enrolments` | [`NewEnrolment`] → 204 |
//! | `GET /v1/organizations` | → `Vec<domain::Organization>` |
//! | `POST /v1/requests` | [`SignedStatement`] (`request`) → [`RequestView`] |
//! | `GET /v1/requests?view=mine\|inbox\|decided` | → `Vec<RequestView>`, newest first |
//! | `GET /v1/requests/{digest}` | → [`RequestView`] |
//! | `POST /v1/requests/{digest}/decisions` | [`NewDecision`] → [`RequestView`] |
//! | `POST /v1/requests/{digest}/withdraw` | [`SignedStatement`] (`withdraw`) → [`RequestView`] |
//! | `GET /v1/requests/{digest}/materials` | → [`Materials`]: what a bundle needs; requester of an approved request |
//! | `POST /v1/revocations` | [`NewRevocation`] → 204; who may, `statement::verify_revoke` says |
//! | `GET /v1/policies` | → [`crate::policies::PolicyList`] |
//! | `POST /v1/policies` | [`crate::policies::NewPolicy`] → [`crate::policies::PolicyList`]; administrators |
//! | `GET /v1/break-glass` | → [`crate::break_glass::PermissionList`] |
//! | `POST /v1/break-glass` | [`crate::break_glass::NewPermission`] → [`crate::break_glass::PermissionList`]; administrators |
//! | `GET /v1/forgettings` | → [`crate::forgetting::ForgettingList`] |
//! | `POST /v1/forgettings` | [`crate::forgetting::NewForgetting`] → [`crate::forgetting::ForgettingList`]; administrators |
//! | `GET /v1/devices` | → `Vec<DeviceView>`; administrators |
//! | `POST /v1/refusals` | [`LocalRefusal`] → 204; an Event says it under the caller's identity |
//! | `GET /v1/stream` | server-sent events, each `data:` a [`Push`] |
//! | `POST /v1/leases` | mutual TLS, gateway: [`LeaseRequest`] → [`Leases`] |
//! | `POST /v1/session-changes` | mutual TLS, gateway: [`SessionChange`] → 204 |

use domain::{Digest, OrgId, Organization, PersonId, ReasonCategory, Role, Scope, SessionId, UnixSeconds};
use serde::{Deserialize, Serialize};
use statement::{MfaPurpose, SignedBreakGlass, Terms, Verdict};

/// What the broker knows of the caller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Me {
    pub person: PersonId,
    pub name: String,
    pub roles: Vec<Role>,
    pub device: Digest,
    pub enrolled: bool,
    /// A second factor has been confirmed for this person.
    pub second_factor: bool,
    /// More about it, when it is.
    pub factor: Option<FactorView>,
    /// The broker's time.
    pub now: UnixSeconds,
    /// The chain of `enrol` statements and the PK tokens of their signers.
    pub enrols: Vec<String>,
    pub enrol_tokens: Vec<String>,
}

/// A TOTP secret as an authenticator takes it. Shown once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SecondFactorStart {
    /// `otpauth://totp/…`
    pub uri: String,
    /// Base32, for typing.
    pub secret: String,
}

/// A person's second factor, as they may know it themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FactorView {
    pub confirmed_at: UnixSeconds,
    /// Until then its codes sign people in and are good for no statement.
    pub counts_from: UnixSeconds,
    pub recovery_codes_left: u32,
}

/// Why somebody may put another second factor in the place of theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ReplacedWith {
    /// A code of the old one.
    Code,
    /// A recovery code, with a sign-in of the last minutes.
    RecoveryCode,
}

/// Begins to replace one's own second factor.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Replacement {
    pub with: ReplacedWith,
    pub code: String,
}

/// A code of the second factor that one has.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OldCode {
    /// Six digits.
    pub code: String,
}

/// Codes that each begin, once, to replace a lost second factor. Shown once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RecoveryCodes {
    pub codes: Vec<String>,
}

/// A second factor that is good from now on.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Confirmed {
    /// The broker's `mfa` statement for this sign-in.
    pub attestation: String,
    /// As in [`RecoveryCodes`].
    pub recovery_codes: Vec<String>,
}

/// A `reset-factor` statement and the attestation of the code that was taken for exactly it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewReset {
    pub statement: String,
    pub mfa: Option<String>,
}

/// A one-time code and what it is for.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Code {
    /// Six digits.
    pub code: String,
    pub purpose: MfaPurpose,
    /// SHA-256 of the statement's JWS when the purpose is a statement.
    pub statement: Option<Digest>,
}

/// The broker's `mfa` statement, compact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Attestation {
    pub attestation: String,
}

/// Somebody's Device that nobody has enrolled yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PendingEnrolment {
    pub person: PersonId,
    pub name: String,
    pub device: Digest,
    pub since: UnixSeconds,
    /// Their PK token: the administrator's desktop verifies it before it signs.
    pub pk_token: String,
}

/// One statement, compact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SignedStatement {
    pub statement: String,
}

/// A decision and, for an Approval, the attestation of the code that was taken for exactly it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewDecision {
    pub statement: String,
    pub mfa: Option<String>,
}

/// An `enrol` statement and the attestation of the code that was taken for exactly it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewEnrolment {
    pub statement: String,
    pub mfa: Option<String>,
}

/// A `revoke` statement; for a Device or a person, with the attestation of the code that was taken for exactly it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewRevocation {
    pub statement: String,
    pub mfa: Option<String>,
}

/// A Device that somebody enrolled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DeviceView {
    pub person: PersonId,
    /// As the latest sign-in says; empty before the first.
    pub name: String,
    pub device: Digest,
    pub enrolled_at: UnixSeconds,
    /// It counts no more.
    pub revoked: bool,
}

/// Where an Access Request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum RequestState {
    /// Waiting for a second signature.
    Waiting,
    /// Countersigned; not opened yet.
    Approved,
    Denied,
    Withdrawn,
    /// Nobody decided, or nobody opened, in time.
    Expired,
    /// A Session is open.
    Open,
    /// The Session is over, or the Grant was revoked before there was one.
    Ended,
}

/// One Access Request with its decisions. `request` and `decisions` are the signed statements: what else stands
/// here is the broker's word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RequestView {
    /// Digest of the request JWS: its name everywhere.
    pub id: Digest,
    pub state: RequestState,
    pub request: String,
    pub requester: PersonId,
    pub requester_name: String,
    pub organization: Organization,
    pub scope: Scope,
    pub reason: ReasonCategory,
    pub ticket: String,
    pub justification: String,
    pub duration_seconds: i64,
    pub requested_at: UnixSeconds,
    /// Until when it can be decided, or once approved, opened.
    pub until: UnixSeconds,
    pub decisions: Vec<DecisionView>,
    pub session: Option<SessionId>,
    pub session_ends_at: Option<UnixSeconds>,
    /// Why the session ended, as `SessionChange` says it; `revoked` also without a Session.
    pub ended_by: Option<String>,
    /// PK tokens of everybody who signed a statement here or in the chain of enrolments.
    pub pk_tokens: Vec<String>,
    pub enrols: Vec<String>,
}

/// One decision on a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DecisionView {
    pub statement: String,
    pub person: PersonId,
    pub name: String,
    pub verdict: Verdict,
    pub terms: Terms,
    pub comment: String,
    pub at: UnixSeconds,
}

/// What the requester's desktop needs, besides its own `session-open`, to make a [`statement::Bundle`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Materials {
    pub pk_tokens: Vec<String>,
    pub enrols: Vec<String>,
    pub request: String,
    pub decisions: Vec<String>,
    pub mfa: Vec<String>,
    /// In place of decisions, for a request that names a break-glass permission.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub break_glass: Option<SignedBreakGlass>,
}

/// What a desktop refused by itself, before anything was sent. It carries no free text: the codes are a closed list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LocalRefusal {
    pub code: LocalCode,
    /// The request that it was about, as the desktop saw it.
    pub request: Option<Digest>,
    /// The Organization that it was about: one of the broker's list.
    pub organization: Option<OrgId>,
}

impl LocalRefusal {
    /// About nothing in particular.
    #[must_use]
    pub const fn new(code: LocalCode) -> Self {
        Self { code, request: None, organization: None }
    }
}

/// Why a desktop refused. The words are those of its own errors where it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum LocalCode {
    /// One's own request was to be decided.
    OwnRequest,
    /// Another account of the same person was to decide.
    SamePerson,
    SameDevice,
    MissingRole,
    DecidedTwice,
    AlreadyDecided,
    /// Too long for the policy, or no duration.
    DurationForbidden,
    ScopeForbidden,
    /// A start that the policy does not allow.
    StartForbidden,
    JustificationTooShort,
    /// Characters or lengths that may not be signed.
    BadText,
    /// A choice that is not one of the list.
    BadForm,
    NoSuchOrganization,
    /// What was shown is not what the signature covers.
    DoesNotMatch,
    /// Seen or signed too long ago.
    Stale,
    Expired,
    /// The time in which it could be done is over.
    WindowClosed,
    WrongClock,
    /// The log is not consistent with what this computer verified before.
    LogBroken,
    NotInTheLog,
    /// Another log key than the one that was joined.
    LogKeyDiffers,
    OtherCertificate,
    /// A receipt about something else.
    OtherReceipt,
    /// An attestation about something else.
    OtherAttestation,
    CodeNeeded,
    /// Evidence that does not verify.
    Rejected,
    /// A recording that is not what its manifest says.
    RecordingAltered,
    /// The keyring is locked or does not answer.
    Keyring,
    /// Somebody else than the addressed gateway, issuer or client.
    NotOurs,
}

impl std::str::FromStr for LocalCode {
    type Err = serde::de::value::Error;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::deserialize(serde::de::IntoDeserializer::into_deserializer(word))
    }
}

/// Which requests a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum RequestList {
    Mine,
    /// Those that wait for an approver; for others none.
    Inbox,
    Decided,
}

/// The query of `GET /v1/requests`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WhichRequests {
    pub view: RequestList,
}

/// What the broker pushes to a desktop. A hint to fetch again; nothing is believed because of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Push {
    /// The stream begins: whatever changed before, fetch it again.
    Hello,
    /// A request that concerns the caller changed.
    Request { id: Digest, state: RequestState },
    /// Somebody waits for enrolment (administrators), or the caller was enrolled.
    Enrolment,
    /// Another policy is in force, or one waits for a second administrator.
    Policy,
    /// Something became of somebody's second factor that they should know: the caller's, or for administrators anybody's.
    SecondFactor { person: PersonId, change: FactorChange },
}

/// What became of a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum FactorChange {
    RecoveryCodeUsed,
    RecoveryCodesMade,
    Replaced,
    Reset,
}

/// The gateway asks for leases of its live Sessions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LeaseRequest {
    pub sessions: Vec<LeaseFor>,
}

/// One live Session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LeaseFor {
    pub session: SessionId,
    pub request: Digest,
}

/// `lease` statements, compact, 15 s each; a Session that gets none is to end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Leases {
    pub leases: Vec<String>,
    /// Requests among those asked for that were revoked: their Sessions end at once.
    pub revoked: Vec<Digest>,
    pub now: UnixSeconds,
}

/// The gateway tells what became of a Grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum SessionChange {
    Opened {
        request: Digest,
        session: SessionId,
        ends_at: UnixSeconds,
    },
    /// The Grant of `extension` moved the end of the Session that `request` opened.
    Extended {
        request: Digest,
        session: SessionId,
        extension: Digest,
        ends_at: UnixSeconds,
    },
    /// `reason`: `ended-by-requester`, `expired`, `revoked`, `lease-lost`, `recording-failed`, `gateway-stopped`.
    Ended {
        request: Digest,
        session: SessionId,
        reason: String,
    },
}
