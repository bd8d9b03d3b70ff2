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

#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct OrganizationView {
    pub id: String,
    pub name: String,
}
