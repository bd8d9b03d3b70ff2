//! Who wraps the Organizations' keys: a key in a local file, the transit engine of OpenBao or Vault, or AWS KMS. A wrapped
//! key opens only for the owner that it was wrapped for.
//!
//! What it is not: it keeps nothing, tries nothing twice, and seals no data; what is sealed is sealed under the keys that
//! it wraps. Test: `cargo test -p key-service`.

mod aws_kms;
mod error;
mod http;
#[cfg(feature = "imitation")]
pub mod imitation;
mod transit;

use recording::SecretKey;
use zeroize::Zeroizing;

pub use aws_kms::{AwsKms, AwsKmsSettings};
pub use error::KeyServiceError;
pub use transit::{Transit, TransitSettings};

/// Reads a credential each time that one is needed: whoever renews it replaces the file.
pub type ReadCredential = Box<dyn Fn() -> Result<Zeroizing<Vec<u8>>, String> + Send + Sync>;

/// What a wrapped key is for, and whose.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    pub purpose: &'a str,
    pub owner: &'a str,
}

impl Place<'_> {
    fn bytes(&self) -> Vec<u8> {
        [self.purpose.as_bytes(), b"\0", self.owner.as_bytes()].concat()
    }
}

/// Wraps and unwraps.
pub enum KeyService {
    File(SecretKey),
    Transit(Transit),
    AwsKms(AwsKms),
}

impl KeyService {
    /// Wraps a key for one place.
    ///
    /// # Errors
    /// [`KeyServiceError`].
    pub async fn wrap(&self, place: Place<'_>, key: &SecretKey) -> Result<Vec<u8>, KeyServiceError> {
        match self {
            Self::File(outer) => Ok(outer.wrap(&place.bytes(), key)?),
            Self::Transit(transit) => transit.wrap(place, key).await,
            Self::AwsKms(kms) => kms.wrap(place, key).await,
        }
    }

    /// Opens a key that was wrapped for the same place.
    ///
    /// # Errors
    /// [`KeyServiceError::Mismatch`] for another key, another place or altered bytes; [`KeyServiceError`].
    pub async fn unwrap(&self, place: Place<'_>, wrapped: &[u8]) -> Result<SecretKey, KeyServiceError> {
        match self {
            Self::File(outer) => outer.unwrap(&place.bytes(), wrapped).map_err(|_| KeyServiceError::Mismatch),
            Self::Transit(transit) => transit.unwrap(place, wrapped).await,
            Self::AwsKms(kms) => kms.unwrap(place, wrapped).await,
        }
    }
}

/// 32 bytes as base64, of which nothing stays behind here.
fn encoded(key: &SecretKey) -> Zeroizing<String> {
    use base64::Engine as _;
    Zeroizing::new(base64::engine::general_purpose::STANDARD.encode(key.bytes()))
}

fn decoded(text: &str) -> Result<SecretKey, KeyServiceError> {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::STANDARD.decode(text).map(Zeroizing::new);
    bytes.ok().and_then(|bytes| SecretKey::from_bytes(&bytes).ok()).ok_or(KeyServiceError::Mismatch)
}
