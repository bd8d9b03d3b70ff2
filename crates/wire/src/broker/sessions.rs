//! What the gateway asks and tells.

use domain::{Digest, SessionId, UnixSeconds};
use serde::{Deserialize, Serialize};

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
