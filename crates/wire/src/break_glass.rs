//! Break-glass permissions, the notices about their use, and the duties that it leaves, as they travel.

use domain::{Digest, Organization, PersonId, ReasonCategory, Scope, SessionId, UnixSeconds};
use serde::{Deserialize, Serialize};
use statement::{BreakGlassPermission, Opening};

use crate::event::{Event, Receipt};

/// A permission and its `break-glass-filed` entry, whose fact `permission` is its digest and whose statements are those of the
/// administrators.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LoggedPermission {
    pub permission: BreakGlassPermission,
    pub receipt: Receipt,
    /// Sessions that it opened so far, as the audit service counts.
    pub used: u32,
}

/// Every permission that has not ended, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LoggedPermissions {
    pub permissions: Vec<LoggedPermission>,
}

/// An administrator signs for a permission: the first one proposes it, another one signs the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewPermission {
    /// A `break-glass` statement.
    pub statement: String,
    /// The attestation of the code for exactly this statement.
    pub mfa: Option<String>,
}

/// A permission that one administrator signed for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ProposedPermission {
    /// What there is of it.
    pub permission: BreakGlassPermission,
    pub proposed_at: UnixSeconds,
}

/// What is there, and what waits for a second administrator.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PermissionList {
    /// All of them for administrators and reviewers; for others those that name them.
    pub permissions: Vec<LoggedPermission>,
    /// For administrators.
    pub proposed: Vec<ProposedPermission>,
}

/// That a Session was opened by break-glass, in a list of Sessions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BreakGlassUse {
    /// The permission's digest.
    pub permission: Digest,
    /// Nobody else has reviewed it yet: it stands as a duty.
    pub duty: bool,
    /// How many were told, and how many of them have seen it or taken it.
    pub told: u32,
    pub seen: u32,
}

/// What the audit service itself tells a person: somebody opened an Organization by break-glass, and they were not asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Notice {
    pub session: SessionId,
    pub organization: Organization,
    pub person: PersonId,
    pub name: String,
    /// The administrators who signed in advance.
    pub signed_by: Vec<String>,
    pub scope: Scope,
    pub reason: ReasonCategory,
    pub ticket: String,
    pub opened_at: UnixSeconds,
    pub ends_at: UnixSeconds,
    /// Somebody else has reviewed it.
    pub reviewed: bool,
    /// Of the `notice-made` entry.
    pub entry: Receipt,
}

/// The caller's notices, newest first. Each is written down as seen when it is given out for the first time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Notices {
    pub notices: Vec<Notice>,
}

/// What the Organization's contact is sent, in JSON by `POST`. It names nobody: who it was, the entry commits to. An answer of 200
/// to 299 takes it; whatever else comes, it is sent again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ContactNotice {
    /// `break-glass-used`.
    pub kind: String,
    /// 1.
    pub v: u8,
    pub organization: Organization,
    pub session: SessionId,
    pub scope: Scope,
    pub reason: ReasonCategory,
    pub opened_at: UnixSeconds,
    pub ends_at: UnixSeconds,
    /// Of the `notice-made` entry: whoever has the log's key verifies it without us. Its index is the same when it is sent again.
    pub entry: Receipt,
}

/// Whether the `session-opened` entry says of break-glass what was signed: by which permission, and a use that it has; of anything
/// else it says nothing. The count is the audit service's, and no entry can hold one beyond the last.
#[must_use]
pub fn is_counted(opened: &Event, opening: &Opening) -> bool {
    let fact = |name: &str| opened.facts.get(name).map(String::as_str);
    let (named, number) = (fact("break-glass"), fact("use"));
    match opening.break_glass() {
        None => named.is_none() && number.is_none(),
        Some(permitted) => {
            let uses = 1..=permitted.body().uses;
            named == Some(permitted.id().as_str())
                && number.and_then(|n| n.parse().ok()).is_some_and(|n: u32| uses.contains(&n))
        }
    }
}
