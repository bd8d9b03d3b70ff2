//! What tells a Device that it was revoked, with everything that it takes to verify it.

use serde::{Deserialize, Serialize};

use crate::event::Receipt;

/// Whether the Device that calls was revoked, or its person after it was last enrolled.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OwnRevocation {
    /// Nothing while it counts.
    pub logged: Option<LoggedRevocation>,
}

/// A revocation of a Device or a person as it stands in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LoggedRevocation {
    /// Of the first `revoked` entry about it.
    pub receipt: Receipt,
    /// The `revoke` statement, whose digest stands in that entry.
    pub statement: String,
    /// The attestation of its code; nothing where a Device gave itself up without one.
    pub mfa: Option<String>,
    /// PK tokens of whoever signed it, and of whoever signed the enrolments.
    pub pk_tokens: Vec<String>,
    /// The enrolments of the signer's Device and of the one that calls.
    pub enrols: Vec<String>,
}
