use serde::{Deserialize, Serialize};
use specta::Type;

use super::OrganizationView;

/// That marks were asked for in the last day, each verified here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct RevealView {
    /// SHA-256 of the first statement.
    pub id: String,
    pub session: String,
    /// Whose Session it was.
    pub whose: String,
    pub organization: OrganizationView,
    /// The digits that they show.
    pub marks: Vec<String>,
    /// Who signed it: whoever reads the values first.
    pub by: Vec<String>,
    pub justification: String,
    /// When it was proposed.
    pub at: u32,
    /// Until when a second person can sign.
    pub until: u32,
    /// Until when the values can be read, once a second person has signed.
    pub readable_until: Option<u32>,
    /// Whether this computer signed it first: nobody else is given the values.
    pub is_own: bool,
    /// Whether the one who is signed in here can be the second person.
    pub may_sign: bool,
    /// `another-log` or `not-compared`, when somebody who signed is not known to have seen this log: then nobody signs it here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signer_saw: Option<String>,
}

/// What one mark stands for. It is kept nowhere.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct OriginalView {
    pub mark: String,
    /// The rule that it was masked by.
    pub rule: String,
    pub value: String,
}

/// Never what it was.
impl std::fmt::Debug for OriginalView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OriginalView").field("mark", &self.mark).finish_non_exhaustive()
    }
}
