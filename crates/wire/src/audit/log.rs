//! The log: its clock, heads and proofs, and its entries.

use domain::{Digest, UnixMillis};
use serde::{Deserialize, Serialize};
use statement::base64url_decode;

use crate::event::{Event, Receipt};

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

impl Consistency {
    /// The path's hashes; `None` when one of them is none.
    #[must_use]
    pub fn hashes(&self) -> Option<Vec<[u8; 32]>> {
        hashes(&self.path)
    }
}

/// The hashes of a path through the log's tree; `None` when one of them is none.
#[must_use]
pub fn hashes(path: &[Digest]) -> Option<Vec<[u8; 32]>> {
    let hash = |digest: &Digest| base64url_decode(digest.as_str()).ok()?.try_into().ok();
    path.iter().map(hash).collect()
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
