use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Digest;

use crate::Refusal;

/// Unpadded base64url (RFC 7515, section 2).
#[must_use]
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Strict unpadded base64url: no padding, no white space, no stray bits in the last character.
///
/// # Errors
/// [`Refusal::Malformed`] for any other spelling.
pub fn decode(text: &str) -> Result<Vec<u8>, Refusal> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| Refusal::Malformed("base64url"))
}

/// SHA-256 as the product writes it.
#[must_use]
pub fn sha256(bytes: impl AsRef<[u8]>) -> Digest {
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes.as_ref());
    encode(hash.as_ref()).parse().unwrap_or_else(|_| unreachable!("32 bytes make 43 characters"))
}
