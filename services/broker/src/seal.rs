use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use domain::PersonId;
use zeroize::Zeroizing;

use crate::attest::random;

/// The key that seals TOTP secrets in the database.
pub(crate) struct SecretKey(LessSafeKey);

/// Why a sealed secret cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SealError {
    #[error("the key is not 32 bytes")]
    BadKey,
    #[error("the sealed secret is not this person's, or was changed")]
    NotGenuine,
}

impl SecretKey {
    pub(crate) fn new(bytes: &[u8]) -> Result<Self, SealError> {
        let key = UnboundKey::new(&AES_256_GCM, bytes).map_err(|_| SealError::BadKey)?;
        Ok(Self(LessSafeKey::new(key)))
    }

    /// Seals a secret for one person: 12 bytes of nonce, then the ciphertext and its tag. A fresh random nonce each time;
    /// secrets are few, so a second one never meets it.
    pub(crate) fn seal(&self, person: &PersonId, secret: &[u8]) -> Result<Vec<u8>, SealError> {
        let nonce = random::<NONCE_LEN>();
        let mut sealed = Zeroizing::new(secret.to_vec());
        let tag = self
            .0
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), bound_to(person), &mut sealed)
            .map_err(|_| SealError::BadKey)?;
        Ok([&nonce, sealed.as_slice(), tag.as_ref()].concat())
    }

    pub(crate) fn open(&self, person: &PersonId, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let (nonce, rest) = sealed.split_at_checked(NONCE_LEN).ok_or(SealError::NotGenuine)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError::NotGenuine)?;
        let mut rest = Zeroizing::new(rest.to_vec());
        let opened = self.0.open_in_place(nonce, bound_to(person), &mut rest).map_err(|_| SealError::NotGenuine)?;
        Ok(Zeroizing::new(opened.to_vec()))
    }
}

fn bound_to(person: &PersonId) -> Aad<Vec<u8>> {
    Aad::from([b"countersign/totp/v1\0".as_slice(), person.0.as_bytes()].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_opens_for_its_person_and_key_only() {
        let (mara, tomasz) = (PersonId("p-1".into()), PersonId("p-2".into()));
        let key = SecretKey::new(&[1; 32]).expect("key");
        let sealed = key.seal(&mara, b"twenty bytes of seed").expect("sealed");
        assert_eq!(key.open(&mara, &sealed).expect("opened").as_slice(), b"twenty bytes of seed");
        assert!(!sealed.windows(6).any(|w| w == b"twenty"));
        assert_eq!(key.open(&tomasz, &sealed), Err(SealError::NotGenuine));
        assert_eq!(SecretKey::new(&[2; 32]).expect("key").open(&mara, &sealed), Err(SealError::NotGenuine));
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(key.open(&mara, &changed), Err(SealError::NotGenuine), "byte {at}");
        }
        assert_eq!(key.open(&mara, &sealed[..5]), Err(SealError::NotGenuine));
        assert!(matches!(SecretKey::new(&[1; 31]), Err(SealError::BadKey)));
    }
}
