use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};

use crate::EcJwk;

/// A P-256 key pair that signs ES256: a Device's, or a service's own. It has no `Debug` on purpose.
pub struct DeviceKey {
    pair: EcdsaKeyPair,
    random: SystemRandom,
}

/// Why a key could not be made or used.
#[derive(Debug, thiserror::Error)]
#[error("the key could not be {0}")]
pub struct KeyError(&'static str);

impl DeviceKey {
    /// A fresh key, and its PKCS#8 bytes for the keyring. They are secret; the caller wipes them.
    ///
    /// # Errors
    /// [`KeyError`] when the system has no randomness.
    pub fn generate() -> Result<(Self, Vec<u8>), KeyError> {
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
            .map_err(|_| KeyError("generated"))?;
        Ok((Self::from_pkcs8(document.as_ref())?, document.as_ref().to_vec()))
    }

    /// A key from its PKCS#8 bytes.
    ///
    /// # Errors
    /// [`KeyError`] when they are not a P-256 private key.
    pub fn from_pkcs8(bytes: &[u8]) -> Result<Self, KeyError> {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, bytes).map_err(|_| KeyError("read"))?;
        Ok(Self { pair, random: SystemRandom::new() })
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> EcJwk {
        EcJwk::from_point(self.pair.public_key().as_ref())
            .unwrap_or_else(|_| unreachable!("the library writes 65 bytes"))
    }

    /// An ES256 signature: 64 bytes.
    ///
    /// # Errors
    /// [`KeyError`] when the system has no randomness.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        self.pair.sign(&self.random, message).map(|s| s.as_ref().to_vec()).map_err(|_| KeyError("used"))
    }
}
