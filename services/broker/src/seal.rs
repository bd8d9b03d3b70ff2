use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::{hkdf, hmac};
use domain::PersonId;
use zeroize::Zeroizing;

use crate::attest::random;

/// Bytes of a recovery code's digest.
pub(crate) const MARK_LEN: usize = 32;

/// The key that seals TOTP secrets and the digests of recovery codes in the database, and the key of those digests.
pub(crate) struct SecretKey {
    seal: LessSafeKey,
    marks: hmac::Key,
}

/// What is sealed: it opens as nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sealed {
    Totp,
    Recovery,
}

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
        let root = hkdf::Salt::new(hkdf::HKDF_SHA256, b"countersign/broker/recovery/v1").extract(bytes);
        let marks = root.expand(&[b"marks"], hmac::HMAC_SHA256).map_err(|_| SealError::BadKey)?;
        Ok(Self { seal: LessSafeKey::new(key), marks: hmac::Key::from(marks) })
    }

    /// What is kept of a recovery code: it has more bits than anybody tries, and without this key nobody can try one.
    pub(crate) fn mark(&self, person: &PersonId, code: &str) -> [u8; MARK_LEN] {
        let tag = hmac::sign(&self.marks, [person.0.as_bytes(), b"\0", code.as_bytes()].concat().as_slice());
        let mut mark = [0; MARK_LEN];
        mark.iter_mut().zip(tag.as_ref()).for_each(|(to, from)| *to = *from);
        mark
    }

    /// Seals a secret for one person: 12 bytes of nonce, then the ciphertext and its tag. A fresh random nonce each time;
    /// secrets are few, so a second one never meets it.
    pub(crate) fn seal(&self, what: Sealed, person: &PersonId, secret: &[u8]) -> Result<Vec<u8>, SealError> {
        let nonce = random::<NONCE_LEN>();
        let mut sealed = Zeroizing::new(secret.to_vec());
        let tag = self
            .seal
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), bound_to(what, person), &mut sealed)
            .map_err(|_| SealError::BadKey)?;
        Ok([&nonce, sealed.as_slice(), tag.as_ref()].concat())
    }

    pub(crate) fn open(&self, what: Sealed, person: &PersonId, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let (nonce, rest) = sealed.split_at_checked(NONCE_LEN).ok_or(SealError::NotGenuine)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError::NotGenuine)?;
        let mut rest = Zeroizing::new(rest.to_vec());
        let opened =
            self.seal.open_in_place(nonce, bound_to(what, person), &mut rest).map_err(|_| SealError::NotGenuine)?;
        Ok(Zeroizing::new(opened.to_vec()))
    }
}

fn bound_to(what: Sealed, person: &PersonId) -> Aad<Vec<u8>> {
    let what: &[u8] = match what {
        Sealed::Totp => b"countersign/totp/v1\0",
        Sealed::Recovery => b"countersign/recovery/v1\0",
    };
    Aad::from([what, person.0.as_bytes()].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_opens_for_its_person_and_key_only() {
        let (mara, tomasz) = (PersonId("p-1".into()), PersonId("p-2".into()));
        let key = SecretKey::new(&[1; 32]).expect("key");
        let sealed = key.seal(Sealed::Totp, &mara, b"twenty bytes of seed").expect("sealed");
        assert_eq!(key.open(Sealed::Totp, &mara, &sealed).expect("opened").as_slice(), b"twenty bytes of seed");
        assert!(!sealed.windows(6).any(|w| w == b"twenty"));
        assert_eq!(key.open(Sealed::Totp, &tomasz, &sealed), Err(SealError::NotGenuine));
        assert_eq!(
            SecretKey::new(&[2; 32]).expect("key").open(Sealed::Totp, &mara, &sealed),
            Err(SealError::NotGenuine)
        );
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(key.open(Sealed::Totp, &mara, &changed), Err(SealError::NotGenuine), "byte {at}");
        }
        assert_eq!(key.open(Sealed::Totp, &mara, &sealed[..5]), Err(SealError::NotGenuine));
        assert_eq!(key.open(Sealed::Recovery, &mara, &sealed), Err(SealError::NotGenuine));
        assert!(matches!(SecretKey::new(&[1; 31]), Err(SealError::BadKey)));
    }
}
