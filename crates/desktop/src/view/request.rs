use serde::{Deserialize, Serialize};
use specta::Type;

use super::OrganizationView;

/// What the request form holds.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct RequestForm {
    pub organization: String,
    /// `customer-reported-problem`, `security-incident`, `legal-disclosure`, `maintenance`, `data-subject-request`.
    pub reason: String,
    pub ticket: String,
    pub justification: String,
    /// `diagnostics`, `read`, `read-write`, `administer`.
    pub scope: String,
    pub duration_seconds: u32,
}

/// One Access Request. What stands in `signed` was read from statements that this desktop verified.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct RequestView {
    /// Digest of the request JWS.
    pub id: String,
    /// `waiting`, `approved`, `denied`, `withdrawn`, `expired`, `open`, `ended`.
    pub state: String,
    pub organization: OrganizationView,
    pub scope: String,
    pub reason: String,
    pub ticket: String,
    pub justification: String,
    pub duration_seconds: u32,
    pub mine: bool,
    /// The caller may decide it.
    pub decidable: bool,
    pub until: u32,
    pub left: SignatureView,
    pub right: Vec<SignatureView>,
    pub signals: Vec<SignalView>,
    pub session: Option<String>,
    pub session_ends_at: Option<u32>,
    pub ended_by: Option<String>,
    /// The door is open on this computer.
    pub open_here: bool,
    /// It asks for more time in a Session that was open then, and opens none.
    pub extends: Option<ExtendsView>,
}

/// What a request for more time extends. All of it is signed.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ExtendsView {
    pub session: String,
    /// The request that opened the Session.
    pub request: String,
    pub opened_at: u32,
    /// The Session's end when it was asked for.
    pub ends_at: u32,
    /// What is added to that end; `RequestView::duration_seconds` counts from the opening.
    pub more_seconds: u32,
}

/// One signature of the Indenture.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SignatureView {
    pub name: String,
    pub person: String,
    pub at: u32,
    /// Short form of the Device key.
    pub key_short: String,
    pub check: SignatureCheck,
    /// `approve` or `deny`; empty for the requester.
    pub verdict: String,
    pub comment: String,
    /// Why the signature is not believed, when it is not.
    pub refusal: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum SignatureCheck {
    /// This desktop verified it.
    ChecksOut,
    /// It does not match: do not sign.
    DoesNotMatch,
}

/// One sentence of "Before you sign".
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SignalView {
    /// `stop`, `look`, `fits`.
    pub verdict: String,
    pub title: String,
    pub detail: String,
}
