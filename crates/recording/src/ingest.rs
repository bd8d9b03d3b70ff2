use std::fmt;
use std::str::FromStr;

use aws_lc_rs::agreement::{PrivateKey, X25519};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::SessionId;
use rustls::crypto::aws_lc_rs::hpke::DH_KEM_X25519_HKDF_SHA256_AES_256 as SUITE;
use rustls::crypto::hpke::{EncapsulatedSecret, Hpke as _, HpkePrivateKey, HpkePublicKey};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{Frame, IngestKeyError, Original, SealError, lines};

const INFO: &[u8] = b"countersign/ingest/v1";
/// Length of the encapsulated X25519 share in front of the ciphertext.
const SHARE: usize = 32;
/// A batch holds no more than this, in bytes of its JSON lines.
const MAX_PLAIN: u64 = 64 * 1024 * 1024;

/// The audit service's ingest key, public half: what the gateway seals to. Text form: 32 bytes in base64url.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IngestPublic([u8; 32]);

/// The audit service's ingest key. It has no `Debug` on purpose. Text form: 32 bytes in base64url.
pub struct IngestSecret(Zeroizing<[u8; 32]>);

impl FromStr for IngestPublic {
    type Err = IngestKeyError;
    fn from_str(text: &str) -> Result<Self, IngestKeyError> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| IngestKeyError)?;
        bytes.try_into().map(Self).map_err(|_| IngestKeyError)
    }
}

impl fmt::Display for IngestPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl FromStr for IngestSecret {
    type Err = IngestKeyError;
    fn from_str(text: &str) -> Result<Self, IngestKeyError> {
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text).map_err(|_| IngestKeyError)?);
        let mut secret = Zeroizing::new([0; 32]);
        if bytes.len() != secret.len() {
            return Err(IngestKeyError);
        }
        secret.copy_from_slice(&bytes);
        Ok(Self(secret))
    }
}

impl IngestSecret {
    /// A fresh key.
    ///
    /// # Errors
    /// [`SealError::NoRandomness`].
    pub fn generate() -> Result<Self, SealError> {
        let mut secret = Zeroizing::new([0; 32]);
        aws_lc_rs::rand::fill(secret.as_mut_slice()).map_err(|_| SealError::NoRandomness)?;
        Ok(Self(secret))
    }

    /// The text form, for the key file.
    #[must_use]
    pub fn encoded(&self) -> Zeroizing<String> {
        Zeroizing::new(URL_SAFE_NO_PAD.encode(self.0.as_slice()))
    }

    /// The public half, for `gateway.toml`.
    ///
    /// # Errors
    /// [`IngestKeyError`] when the bytes are no X25519 key.
    pub fn public(&self) -> Result<IngestPublic, IngestKeyError> {
        let private = PrivateKey::from_private_key(&X25519, self.0.as_slice()).map_err(|_| IngestKeyError)?;
        let public = private.compute_public_key().map_err(|_| IngestKeyError)?;
        public.as_ref().try_into().map(IngestPublic).map_err(|_| IngestKeyError)
    }
}

/// What one batch holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    pub frames: Vec<Frame>,
    /// What marks stand for that came up for the first time; none without masking.
    pub originals: Vec<Original>,
    /// What it unpacked to, in bytes.
    pub plain_bytes: u64,
}

/// The line in front of the frames, when there is one.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Beside<T> {
    originals: T,
}

/// How that line begins; no frame does.
const BESIDE: &[u8] = br#"{"originals":"#;

/// [`seal_whole_batch`] of frames alone.
///
/// # Errors
/// [`SealError::TooLong`] for more than 64 MiB of frames.
pub fn seal_batch(
    public: &IngestPublic,
    session: &SessionId,
    batch: u64,
    frames: &[Frame],
) -> Result<Vec<u8>, SealError> {
    seal_whole_batch(public, session, batch, frames, &[])
}

/// Seals one batch for the audit service: frames, and beside them what marks in them stand for, so that both come or neither.
/// `batch` counts from 0 in each Session.
///
/// # Errors
/// [`SealError::TooLong`] for more than 64 MiB of both.
pub fn seal_whole_batch(
    public: &IngestPublic,
    session: &SessionId,
    batch: u64,
    frames: &[Frame],
    originals: &[Original],
) -> Result<Vec<u8>, SealError> {
    let mut plain = Zeroizing::new(Vec::new());
    if !originals.is_empty() {
        serde_json::to_writer(&mut *plain, &Beside { originals }).map_err(|_| SealError::NotWritable)?;
        plain.push(b'\n');
    }
    plain.extend_from_slice(&Zeroizing::new(lines::write(frames)?));
    if !u64::try_from(plain.len()).is_ok_and(|n| n <= MAX_PLAIN) {
        return Err(SealError::TooLong);
    }
    let packed = Zeroizing::new(lines::compress(&plain)?);
    let (share, ciphertext) = SUITE
        .seal(INFO, &place(session, batch), &packed, &HpkePublicKey(public.0.to_vec()))
        .map_err(|_| SealError::NoRandomness)?;
    Ok([share.0, ciphertext].concat())
}

/// The frames of a batch that was sealed for this Session and this number.
///
/// # Errors
/// As [`open_whole_batch`].
pub fn open_batch(
    secret: &IngestSecret,
    session: &SessionId,
    batch: u64,
    sealed: &[u8],
) -> Result<Vec<Frame>, SealError> {
    Ok(open_whole_batch(secret, session, batch, sealed)?.frames)
}

/// Opens a batch that was sealed for this Session and this number.
///
/// # Errors
/// [`SealError::Tampered`] for any other, [`SealError::NotFrames`] when frames are missing inside it.
pub fn open_whole_batch(
    secret: &IngestSecret,
    session: &SessionId,
    batch: u64,
    sealed: &[u8],
) -> Result<Batch, SealError> {
    let (share, ciphertext) = sealed.split_at_checked(SHARE).ok_or(SealError::Tampered)?;
    let packed = SUITE
        .open(
            &EncapsulatedSecret(share.to_vec()),
            INFO,
            &place(session, batch),
            ciphertext,
            &HpkePrivateKey::from(secret.0.to_vec()),
        )
        .map_err(|_| SealError::Tampered)?;
    let packed = Zeroizing::new(packed);
    let plain = Zeroizing::new(lines::decompress(&packed, MAX_PLAIN)?);
    let (originals, frames) = beside(&plain)?;
    Ok(Batch { frames: lines::read(frames)?, originals, plain_bytes: plain.len() as u64 })
}

/// What stands in front of the frames, and the frames' lines.
fn beside(plain: &[u8]) -> Result<(Vec<Original>, &[u8]), SealError> {
    if !plain.starts_with(BESIDE) {
        return Ok((Vec::new(), plain));
    }
    let end = plain.iter().position(|b| *b == b'\n').ok_or(SealError::NotFrames)?;
    let line: Beside<Vec<Original>> = serde_json::from_slice(&plain[..end]).map_err(|_| SealError::NotFrames)?;
    Ok((line.originals, &plain[end + 1..]))
}

fn place(session: &SessionId, batch: u64) -> Vec<u8> {
    [session.as_str().as_bytes(), b"\0", &batch.to_be_bytes()].concat()
}
