//! What the policy was asked about a signed Access Request, as the log keeps it beside the answer.

use std::net::IpAddr;

use domain::{Role, UnixSeconds};
use serde::{Deserialize, Serialize};

/// The personal field of `request-signed`, and of a `request-refused` whose statement was verified: [`AskedWith`] in JSON.
pub const ASKED_WITH: &str = "asked-with";

/// What rules can ask about besides the request itself: what the requester's sign-in and second factor say, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskedWith {
    pub at: UnixSeconds,
    pub roles: Vec<Role>,
    pub groups: Vec<String>,
    pub employer: Option<String>,
    pub country: Option<String>,
    pub factor: Option<AskedFactor>,
}

/// A second factor when the request was signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskedFactor {
    pub method: String,
    pub age_seconds: i64,
    /// Where its code came from.
    pub address: Option<IpAddr>,
}
