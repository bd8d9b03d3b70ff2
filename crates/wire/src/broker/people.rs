//! People and their Devices.

use domain::{Digest, PersonId, Role, UnixSeconds};
use serde::{Deserialize, Serialize};

use super::{FactorChange, FactorView, RequestState};

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

/// A Device of the caller's that somebody enrolled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OwnDevice {
    pub device: Digest,
    pub enrolled_at: UnixSeconds,
    /// When it last began to be used: the first call of its latest sign-in, which lasts 8 h.
    pub signed_in_at: Option<UnixSeconds>,
    /// It counts no more.
    pub revoked: bool,
    /// The chain of `enrol` statements and the PK tokens of their signers: whose it is, and until when it waits, is found out by
    /// verifying it.
    pub enrols: Vec<String>,
    pub enrol_tokens: Vec<String>,
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
