use serde::{Deserialize, Serialize};
use specta::Type;

use super::{FactorView, PolicyView, SignatureCheck, StatusView, UiError};

/// The first thing the UI asks, and again after every change it is told of.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct AppState {
    pub profile: String,
    pub step: SetupStep,
    /// Who runs this installation; empty before joining.
    pub operator: String,
    pub log_key: String,
    pub person: Option<PersonView>,
    pub device: Option<DeviceView>,
    pub status: StatusView,
    /// Milliseconds to add to this computer's clock to get the server's.
    pub clock_offset_ms: i32,
    pub policy: PolicyView,
    /// Once there is one, and the broker was asked.
    #[serde(default)]
    #[specta(optional)]
    pub factor: Option<FactorView>,
    /// Why the last sign-in that was begun came to nothing, until one is begun again or given up: show it where the
    /// sign-in is begun, with what to do next. Told by [`super::Notice::SignIn`].
    #[serde(default)]
    #[specta(optional)]
    pub sign_in_failed: Option<UiError>,
    /// When the broker says that this computer's key was revoked.
    #[serde(default)]
    #[specta(optional)]
    pub revoked: Option<RevokedKeyView>,
}

/// A revocation of this computer's own key, or of the person whom it is enrolled for.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct RevokedKeyView {
    /// Who signed it, as the identity provider names them; empty while it is not proven.
    pub by: String,
    pub reason: String,
    pub at: Option<u32>,
    /// Why it is not believed here, so that no new key can be made: the entry or a signature is missing, or does not hold.
    pub not_proven: Option<UiError>,
}

/// How far this computer is from being usable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum SetupStep {
    /// No keyring, or a locked one: nothing can be kept safely. `StatusView::keyring` says what to do.
    NoKeyring,
    /// No join file yet.
    Join,
    /// Joined; nobody is signed in.
    SignIn,
    /// Signed in, and this Device was revoked, as was verified here: it takes a new key.
    KeyRevoked,
    /// Signed in; an administrator has to enrol this Device.
    WaitForEnrolment,
    /// Enrolled; no second factor yet.
    SecondFactor,
    /// Signed in; the code for this sign-in is missing.
    Code,
    Ready,
}

#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PersonView {
    pub person: String,
    pub name: String,
    /// `engineer`, `approver`, `reviewer`, `administrator`.
    pub roles: Vec<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct DeviceView {
    pub name: String,
    /// Thumbprint.
    pub key: String,
    /// First 8 characters in groups of 4.
    pub key_short: String,
    pub kept_in: String,
}

/// The address that the system browser opens, and the code that it must show.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SignInView {
    /// Our own loopback page; it leads on to the provider.
    pub url: String,
    /// For example `4K7-Q2M`.
    pub match_code: String,
}

/// A Device that somebody enrolled.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct EnrolledDeviceView {
    pub person: String,
    pub name: String,
    pub device: String,
    pub key_short: String,
    pub enrolled_at: u32,
    pub revoked: bool,
}

/// A Device of whoever is signed in here.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct OwnDeviceView {
    pub device: String,
    pub key_short: String,
    /// The one that this is.
    pub here: bool,
    /// Not for a first administrator's key, which nobody enrolled.
    pub enrolled_at: Option<u32>,
    /// When its latest sign-in began.
    pub signed_in_at: Option<u32>,
    /// Until then it takes no other Device out.
    pub waits_until: Option<u32>,
    pub revoked: bool,
    /// Whether its enrolment, verified here, names this person.
    pub check: SignatureCheck,
}

/// What came of a revocation.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct RevokedView {
    /// Sessions that the gateway ended at once.
    pub ended: u32,
    /// Which those are.
    pub sessions: Vec<String>,
    /// The gateway has heard of it; else what is open ends with its lease, within 15 s.
    pub gateway: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct EnrolmentView {
    pub person: String,
    pub name: String,
    pub device: String,
    pub key_short: String,
    pub since: u32,
    pub check: SignatureCheck,
}
