//! Access Requests and decisions.

use domain::{Digest, Organization, PersonId, ReasonCategory, Scope, SessionId, UnixSeconds};
use serde::{Deserialize, Serialize};
use statement::{SignedBreakGlass, Terms, Verdict};

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
