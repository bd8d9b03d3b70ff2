use serde::{Deserialize, Serialize};
use specta::Type;

use super::OrganizationView;

/// Break-glass permissions, each verified here.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PermissionsView {
    /// What two administrators signed in advance.
    pub permissions: Vec<PermissionView>,
    /// What waits for a second administrator; for administrators.
    pub proposed: Vec<PermissionView>,
}

/// What administrators sign in advance.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PermissionView {
    pub id: String,
    /// Who signed it.
    pub by: Vec<String>,
    pub persons: Vec<String>,
    pub organizations: Vec<OrganizationView>,
    pub scope: String,
    pub duration_seconds: u32,
    pub from: u32,
    pub until: u32,
    pub uses: u32,
    /// How often it was used, as the audit service counts.
    pub used: u32,
    pub reason: String,
    /// `another-log` or `not-compared`, when somebody who signed is not known to have seen this log: then nobody signs it here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signer_saw: Option<String>,
}

/// What an administrator signs in advance, as it is typed.
#[derive(Debug, Clone, Default)]
pub struct PermissionForm {
    pub persons: Vec<String>,
    pub organizations: Vec<String>,
    pub scope: String,
    pub duration_seconds: u32,
    /// Seconds from now.
    pub lasts_seconds: u32,
    pub uses: u32,
    pub reason: String,
}

/// What the audit service tells a person who was not asked.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BreakGlassNotice {
    pub session: String,
    pub organization: OrganizationView,
    pub name: String,
    pub signed_by: Vec<String>,
    pub scope: String,
    pub reason: String,
    pub ticket: String,
    pub opened_at: u32,
    pub ends_at: u32,
    pub reviewed: bool,
}

/// That a Session was opened by break-glass, as the audit service says.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct BreakGlassUseView {
    pub permission: String,
    /// Nobody else has reviewed it yet.
    pub duty: bool,
    pub told: u32,
    pub seen: u32,
}
