use serde::{Deserialize, Serialize};
use specta::Type;

/// What the policy allows, for the form.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PolicyView {
    pub digest: String,
    pub rules: Vec<PolicyRuleView>,
}

#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PolicyRuleView {
    pub reason: String,
    pub scope: String,
    /// 0 when the scope is not allowed for the reason.
    pub max_duration_seconds: u32,
    pub approvals: u32,
    /// Why not, in words, when it is not allowed.
    pub refusal: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct OrganizationView {
    pub id: String,
    pub name: String,
}

/// The policies of this installation.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PoliciesView {
    /// From the pinned one to the one in force.
    pub adopted: Vec<AdoptedPolicyView>,
    /// Those that wait for a second administrator; for administrators.
    pub proposed: Vec<ProposedPolicyView>,
}

/// A policy that is in force or was.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct AdoptedPolicyView {
    pub digest: String,
    pub version: String,
    pub name: String,
    pub text: String,
    /// The administrators who adopted it; nobody for the pinned one.
    pub by: Vec<String>,
    /// When the last of them signed.
    pub at: Option<u32>,
    pub comments: Vec<String>,
}

/// A policy that one administrator signed for.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ProposedPolicyView {
    pub digest: String,
    pub version: String,
    pub name: String,
    pub text: String,
    pub by: String,
    pub key_short: String,
    pub at: u32,
    /// Until when another administrator can sign for it.
    pub until: u32,
    pub comment: String,
    /// Proposed by whoever looks: somebody else has to sign.
    pub mine: bool,
    /// `another-log` or `not-compared`, when somebody who signed is not known to have seen this log: then nobody signs it here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signer_saw: Option<String>,
}
