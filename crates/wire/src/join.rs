use domain::UnixSeconds;
use serde::{Deserialize, Serialize};
use statement::Trust;

/// What a desktop opens once and pins: addresses, the internal CA, and everything it verifies statements against.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JoinFile {
    /// Who runs this installation, as people read it.
    pub operator: String,
    /// Base address, no trailing slash, for example `https://127.0.0.1:7441`.
    pub broker: String,
    pub audit: String,
    pub gateway: String,
    /// Certificate of the internal CA, PEM. The only one that the three addresses are checked against.
    pub ca: String,
    pub trust: Trust,
    /// The policy's text; its digest is `trust.policy`.
    pub policy: String,
    /// Witnesses outside, each `name+hash+key`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub witnesses: Vec<String>,
}

/// What somebody pins to verify evidence without any server: `trust.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustFile {
    pub trust: Trust,
    /// The issuer's key sets, oldest first: the last one is what it publishes now.
    pub provider_keys: Vec<PinnedKeys>,
    /// Whose cosignatures count, each `name+hash+key`: outside ones, and Devices of people whom its holder trusts to look.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub witnesses: Vec<String>,
    /// So many of them have seen everything that a file rests on, or it is rejected.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub quorum: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(quorum: &u32) -> bool {
    *quorum == 0
}

/// One key set of the issuer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PinnedKeys {
    /// The exact JWKS text.
    pub jwks: String,
    /// When another set was seen in its place; `null` while it is published.
    pub until: Option<UnixSeconds>,
}
