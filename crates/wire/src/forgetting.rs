//! Organizations that were forgotten, and Recordings that were destroyed by retention, as they travel.

use domain::{Digest, OrgId, Scope, SessionId, UnixSeconds};
use serde::{Deserialize, Serialize};
use statement::{Forgetting, Forgotten};

use crate::event::{Event, EventKind, Receipt, Source};

/// What two administrators signed, and its `organization-forgotten` entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LoggedForgetting {
    pub forgetting: Forgetting,
    pub receipt: Receipt,
}

/// Every Organization that was forgotten, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LoggedForgettings {
    pub forgettings: Vec<LoggedForgetting>,
}

/// An administrator signs that an Organization is forgotten: the first one proposes it, another one signs the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewForgetting {
    /// A `forget` statement.
    pub statement: String,
    /// The attestation of the code for exactly this statement.
    pub mfa: Option<String>,
}

/// What one administrator signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ProposedForgetting {
    /// What there is of it.
    pub forgetting: Forgetting,
    pub proposed_at: UnixSeconds,
}

/// What was forgotten, and what waits for a second administrator.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ForgettingList {
    pub forgettings: Vec<LoggedForgetting>,
    /// For administrators.
    pub proposed: Vec<ProposedForgetting>,
}

/// A Session of an Organization that was forgotten: what the log itself says of it. Whoever shows it holds the Organization to
/// [`LoggedForgettings`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ForgottenSession {
    pub session: SessionId,
    pub organization: OrgId,
    pub scope: Scope,
    pub opened_at: UnixSeconds,
    pub ends_at: UnixSeconds,
    pub ended_at: Option<UnixSeconds>,
}

/// Whether this is the entry of exactly what two administrators signed.
#[must_use]
pub fn is_forgotten_by(event: &Event, forgotten: &Forgotten) -> bool {
    let signed = forgotten.signers().iter().map(|signer| signer.statement.digest());
    event.kind == EventKind::OrganizationForgotten
        && event.source == Source::Audit
        && event.organization.as_ref() == Some(&forgotten.body().organization.id)
        && event.statements.iter().eq(signed)
}

/// Whether this entry says that the Recording of this manifest was destroyed by retention.
#[must_use]
pub fn is_expired_by(event: &Event, session: &SessionId, manifest: &Digest) -> bool {
    event.kind == EventKind::RecordingExpired
        && event.source == Source::Audit
        && event.session.as_ref() == Some(session)
        && event.facts.get("manifest").map(String::as_str) == Some(manifest.as_str())
}
