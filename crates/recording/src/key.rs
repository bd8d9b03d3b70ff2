use zeroize::Zeroizing;

use crate::{SealError, cobblestone};

/// A 256-bit key, wiped when it goes. It has no `Debug` on purpose.
#[derive(Clone)]
pub struct SecretKey(Zeroizing<[u8; 32]>);

impl SecretKey {
    /// A fresh random key.
    ///
    /// # Errors
    /// [`SealError::NoRandomness`].
    pub fn generate() -> Result<Self, SealError> {
        let mut bytes = Zeroizing::new([0; 32]);
        aws_lc_rs::rand::fill(bytes.as_mut_slice()).map_err(|_| SealError::NoRandomness)?;
        Ok(Self(bytes))
    }

    /// A key from its bytes.
    ///
    /// # Errors
    /// [`SealError::WrongKeyLength`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SealError> {
        let mut key = Zeroizing::new([0; 32]);
        if bytes.len() != key.len() {
            return Err(SealError::WrongKeyLength);
        }
        key.copy_from_slice(bytes);
        Ok(Self(key))
    }

    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Seals `inner` under this key for one place, named by `context`.
    ///
    /// # Errors
    /// [`SealError::NoRandomness`].
    pub fn wrap(&self, context: &[u8], inner: &Self) -> Result<Vec<u8>, SealError> {
        cobblestone::seal(self, context, inner.bytes())
    }

    /// Opens a key that [`Self::wrap`] sealed for the same place.
    ///
    /// # Errors
    /// [`SealError::Tampered`] for another key, another place or altered bytes.
    pub fn unwrap(&self, context: &[u8], wrapped: &[u8]) -> Result<Self, SealError> {
        let bytes = Zeroizing::new(cobblestone::open(self, context, wrapped)?);
        Self::from_bytes(&bytes).map_err(|_| SealError::Tampered)
    }
}
