//! Second factors.

use domain::{Digest, UnixSeconds};
use serde::{Deserialize, Serialize};
use statement::MfaPurpose;

/// A TOTP secret as an authenticator takes it. Shown once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SecondFactorStart {
    /// `otpauth://totp/…`
    pub uri: String,
    /// Base32, for typing.
    pub secret: String,
}

/// A person's second factor, as they may know it themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FactorView {
    pub confirmed_at: UnixSeconds,
    /// Until then its codes sign people in and are good for no statement.
    pub counts_from: UnixSeconds,
    pub recovery_codes_left: u32,
}

/// Why somebody may put another second factor in the place of theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ReplacedWith {
    /// A code of the old one.
    Code,
    /// A recovery code, with a sign-in of the last minutes.
    RecoveryCode,
}

/// Begins to replace one's own second factor.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Replacement {
    pub with: ReplacedWith,
    pub code: String,
}

/// A code of the second factor that one has.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OldCode {
    /// Six digits.
    pub code: String,
}

/// Codes that each begin, once, to replace a lost second factor. Shown once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RecoveryCodes {
    pub codes: Vec<String>,
}

/// A second factor that is good from now on.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Confirmed {
    /// The broker's `mfa` statement for this sign-in.
    pub attestation: String,
    /// As in [`RecoveryCodes`].
    pub recovery_codes: Vec<String>,
}

/// A `reset-factor` statement and the attestation of the code that was taken for exactly it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewReset {
    pub statement: String,
    pub mfa: Option<String>,
}

/// A one-time code and what it is for.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Code {
    /// Six digits.
    pub code: String,
    pub purpose: MfaPurpose,
    /// SHA-256 of the statement's JWS when the purpose is a statement.
    pub statement: Option<Digest>,
}

/// The broker's `mfa` statement, compact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Attestation {
    pub attestation: String,
}

/// What became of a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum FactorChange {
    RecoveryCodeUsed,
    RecoveryCodesMade,
    Replaced,
    Reset,
}
