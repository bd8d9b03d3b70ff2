use serde::{Deserialize, Serialize};
use specta::Type;

/// Shown once.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SecondFactorView {
    /// The QR code as SVG.
    pub qr_svg: String,
    /// Base32 in groups of 4.
    pub secret: String,
}

/// Codes that each replace a lost second factor, once. Shown once.
#[derive(Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct RecoveryCodesView {
    /// In groups of 4.
    pub codes: Vec<String>,
}

/// The second factor that one has.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct FactorView {
    pub since: u32,
    /// Until then its codes sign in and are good for no signature; in the past when they are.
    pub counts_from: u32,
    pub recovery_codes_left: u32,
}
