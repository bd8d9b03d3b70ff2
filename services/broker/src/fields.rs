use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::{hkdf, hmac};
use domain::PersonId;
use statement::{base64url, base64url_decode};
use zeroize::Zeroizing;

use crate::attest::random;
use crate::seal::SealError;

/// What a sealed text is: it opens as nothing else.
pub(crate) type Field = &'static str;
/// A person's id, in whichever table.
const PERSON: Field = "person";

/// The keys of the personal fields in the database, both derived from the key file that seals TOTP secrets. A sealed text
/// is base64url of 12 bytes of nonce, the ciphertext and its tag.
pub(crate) struct Fields {
    key: LessSafeKey,
    nonces: hmac::Key,
}

impl std::fmt::Debug for Fields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fields(..)")
    }
}

impl Fields {
    pub(crate) fn new(secret: &[u8]) -> Result<Self, SealError> {
        if secret.len() != 32 {
            return Err(SealError::BadKey);
        }
        let root = hkdf::Salt::new(hkdf::HKDF_SHA256, b"countersign/broker/fields/v1").extract(secret);
        let key = root.expand(&[b"seal"], &AES_256_GCM).map_err(|_| SealError::BadKey)?;
        let nonces = root.expand(&[b"nonces"], hmac::HMAC_SHA256).map_err(|_| SealError::BadKey)?;
        Ok(Self { key: LessSafeKey::new(UnboundKey::from(key)), nonces: hmac::Key::from(nonces) })
    }

    /// Seals a text; never twice in the same way.
    pub(crate) fn seal(&self, field: Field, text: &str) -> Result<String, SealError> {
        self.seal_with(random(), field, text)
    }

    /// Seals a person's id always in the same way, so that their rows are found: its nonce is a digest of it under a key
    /// of its own.
    pub(crate) fn person(&self, person: &PersonId) -> Result<String, SealError> {
        let digest = hmac::sign(&self.nonces, person.0.as_bytes());
        let mut nonce = [0; NONCE_LEN];
        nonce.iter_mut().zip(digest.as_ref()).for_each(|(to, from)| *to = *from);
        self.seal_with(nonce, PERSON, &person.0)
    }

    pub(crate) fn open(&self, field: Field, sealed: &str) -> Result<String, SealError> {
        let sealed = base64url_decode(sealed).map_err(|_| SealError::NotGenuine)?;
        let (nonce, rest) = sealed.split_at_checked(NONCE_LEN).ok_or(SealError::NotGenuine)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError::NotGenuine)?;
        let mut rest = Zeroizing::new(rest.to_vec());
        let opened = self.key.open_in_place(nonce, bound_to(field), &mut rest).map_err(|_| SealError::NotGenuine)?;
        String::from_utf8(opened.to_vec()).map_err(|_| SealError::NotGenuine)
    }

    pub(crate) fn open_person(&self, sealed: &str) -> Result<PersonId, SealError> {
        self.open(PERSON, sealed).map(PersonId)
    }

    fn seal_with(&self, nonce: [u8; NONCE_LEN], field: Field, text: &str) -> Result<String, SealError> {
        let mut sealed = Zeroizing::new(text.as_bytes().to_vec());
        let tag = self
            .key
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), bound_to(field), &mut sealed)
            .map_err(|_| SealError::BadKey)?;
        Ok(base64url([&nonce, sealed.as_slice(), tag.as_ref()].concat()))
    }
}

fn bound_to(field: Field) -> Aad<Vec<u8>> {
    Aad::from([b"countersign/broker/field/v1\0".as_slice(), field.as_bytes()].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_opens_as_what_it_is_and_under_its_key_only() {
        let fields = Fields::new(&[1; 32]).expect("key");
        let sealed = fields.seal("comment", "Booking totals differ.").expect("sealed");
        assert_eq!(fields.open("comment", &sealed).as_deref(), Ok("Booking totals differ."));
        assert_ne!(fields.seal("comment", "Booking totals differ.").expect("sealed"), sealed);
        assert_eq!(fields.open("name", &sealed), Err(SealError::NotGenuine));
        assert_eq!(Fields::new(&[2; 32]).expect("key").open("comment", &sealed), Err(SealError::NotGenuine));
        for broken in ["", "AAAA", "not base64url!", &sealed[4..]] {
            assert_eq!(fields.open("comment", broken), Err(SealError::NotGenuine), "{broken}");
        }
        assert!(matches!(Fields::new(&[1; 31]), Err(SealError::BadKey)));
    }

    #[test]
    fn a_person_is_found_again_and_nobody_else_is() {
        let fields = Fields::new(&[1; 32]).expect("key");
        let [mara, tomasz] = ["e-100", "e-200"].map(|id| PersonId(id.into()));
        let sealed = fields.person(&mara).expect("sealed");
        assert_eq!(fields.person(&mara), Ok(sealed.clone()));
        assert_ne!(fields.person(&tomasz), Ok(sealed.clone()));
        assert_eq!(fields.open_person(&sealed), Ok(mara));
        assert_ne!(Fields::new(&[2; 32]).expect("key").person(&tomasz), fields.person(&tomasz));
    }
}
