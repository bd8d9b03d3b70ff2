//! What a desktop refused by itself.

use domain::{Digest, OrgId};
use serde::{Deserialize, Serialize};

/// What a desktop refused by itself, before anything was sent. It carries no free text: the codes are a closed list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LocalRefusal {
    pub code: LocalCode,
    /// The request that it was about, as the desktop saw it.
    pub request: Option<Digest>,
    /// The Organization that it was about: one of the broker's list.
    pub organization: Option<OrgId>,
}

impl LocalRefusal {
    /// About nothing in particular.
    #[must_use]
    pub const fn new(code: LocalCode) -> Self {
        Self { code, request: None, organization: None }
    }
}

/// Why a desktop refused. The words are those of its own errors where it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum LocalCode {
    /// One's own request was to be decided.
    OwnRequest,
    /// Another account of the same person was to decide.
    SamePerson,
    SameDevice,
    MissingRole,
    DecidedTwice,
    AlreadyDecided,
    /// Too long for the policy, or no duration.
    DurationForbidden,
    ScopeForbidden,
    /// A start that the policy does not allow.
    StartForbidden,
    JustificationTooShort,
    /// Characters or lengths that may not be signed.
    BadText,
    /// A choice that is not one of the list.
    BadForm,
    NoSuchOrganization,
    /// What was shown is not what the signature covers.
    DoesNotMatch,
    /// Seen or signed too long ago.
    Stale,
    Expired,
    /// The time in which it could be done is over.
    WindowClosed,
    WrongClock,
    /// The log is not consistent with what this computer verified before.
    LogBroken,
    NotInTheLog,
    /// Another log key than the one that was joined.
    LogKeyDiffers,
    OtherCertificate,
    /// A receipt about something else.
    OtherReceipt,
    /// An attestation about something else.
    OtherAttestation,
    CodeNeeded,
    /// Evidence that does not verify.
    Rejected,
    /// A recording that is not what its manifest says.
    RecordingAltered,
    /// The keyring is locked or does not answer.
    Keyring,
    /// Somebody else than the addressed gateway, issuer or client.
    NotOurs,
}

impl std::str::FromStr for LocalCode {
    type Err = serde::de::value::Error;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::deserialize(serde::de::IntoDeserializer::into_deserializer(word))
    }
}
