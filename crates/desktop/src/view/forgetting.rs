use serde::{Deserialize, Serialize};
use specta::Type;

use super::OrganizationView;

/// Organizations that were forgotten, each verified here, and what is proposed.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ForgettingsView {
    pub forgotten: Vec<ForgettingView>,
    /// What waits for a second administrator; for administrators.
    pub proposed: Vec<ForgettingView>,
}

/// That an Organization was forgotten, or is to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ForgettingView {
    /// Of what both sign.
    pub id: String,
    pub organization: OrganizationView,
    /// Who signed it.
    pub by: Vec<String>,
    pub justification: String,
    /// When it was carried out, as the log says; of a proposal, when it was signed.
    pub at: u32,
    /// `another-log` or `not-compared`, when somebody who signed is not known to have seen this log: then nobody signs it here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signer_saw: Option<String>,
}

/// A Session of which the log's entries are left and nothing else.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ForgottenSessionView {
    pub id: String,
    pub scope: String,
    pub opened_at: u32,
    pub ends_at: u32,
    pub ended_at: Option<u32>,
    pub forgotten: ForgettingView,
}
