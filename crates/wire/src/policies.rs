//! Policies that follow the pinned one, as they travel.

use domain::{Digest, UnixSeconds};
use serde::{Deserialize, Serialize};
use statement::{Adoption, sha256};

use crate::event::{Event, EventKind, Receipt, Source};

/// An adoption and its `policy-adopted` entry, whose fact `policy` is the SHA-256 of the text and whose statements are those
/// of the adoption.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LoggedPolicy {
    pub adoption: Adoption,
    pub receipt: Receipt,
}

/// Whether this is the entry of exactly this adoption, whose text is a policy of this version.
#[must_use]
pub fn is_entry_of(event: &Event, adoption: &Adoption, version: u64) -> bool {
    let fact = |name: &str| event.facts.get(name).map(String::as_str);
    let statements: Vec<Digest> = adoption.statements.iter().map(sha256).collect();
    event.kind == EventKind::PolicyAdopted
        && event.source == Source::Broker
        && fact("policy") == Some(sha256(&adoption.text).as_str())
        && fact("version") == Some(version.to_string().as_str())
        && event.statements == statements
}

/// Every policy behind the pinned one, in the order in which they came into force.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LoggedPolicies {
    pub policies: Vec<LoggedPolicy>,
}

/// An administrator signs for a policy: the first one proposes it, another one adopts it.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewPolicy {
    /// The policy's exact text.
    pub text: String,
    /// An `adopt` statement about it.
    pub statement: String,
    /// The attestation of the code for exactly this statement.
    pub mfa: Option<String>,
}

/// A policy that one administrator signed for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ProposedPolicy {
    /// What there is of its adoption.
    pub adoption: Adoption,
    pub proposed_at: UnixSeconds,
}

/// What is in force, how it came to be, and what waits for a second administrator.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PolicyList {
    pub adopted: Vec<LoggedPolicy>,
    pub proposed: Vec<ProposedPolicy>,
}
