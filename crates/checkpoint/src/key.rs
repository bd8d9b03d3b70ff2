use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use merkle::Hash;

use crate::note::{self, Checkpoint, NoteError};

/// The signature type of Ed25519 in the signed-note registry.
const ED25519_TYPE: u8 = 0x01;

/// Why a text is not a verifier key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an Ed25519 verifier key in the form name+hash+key")]
pub struct VerifierKeyError;

/// The public half of a log's key: opens that log's Checkpoints and no others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogVerifier {
    name: String,
    id: [u8; 4],
    public: [u8; 32],
}

impl LogVerifier {
    /// Reads `name+hash8+base64key`: the hash is the key id in 8 lower-case hexadecimal digits, the key is the byte
    /// 0x01 and 32 bytes of Ed25519.
    ///
    /// # Errors
    /// [`VerifierKeyError`], also when the hash is not that of name and key.
    pub fn parse(text: &str) -> Result<Self, VerifierKeyError> {
        let (name, rest) = text.split_once('+').ok_or(VerifierKeyError)?;
        let (hash, key) = rest.split_once('+').ok_or(VerifierKeyError)?;
        let key = STANDARD.decode(key).map_err(|_| VerifierKeyError)?;
        let [ED25519_TYPE, public @ ..] = key.as_slice() else { return Err(VerifierKeyError) };
        let public: [u8; 32] = public.try_into().map_err(|_| VerifierKeyError)?;
        let id = key_id(name, &public);
        if !note::is_name(name) || hash != hex(id) {
            return Err(VerifierKeyError);
        }
        Ok(Self { name: name.to_owned(), id, public })
    }

    /// The log's name, which is the origin of its Checkpoints.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Verifies a signed note and reads the Checkpoint in it. Signatures of other keys are passed over; one that
    /// claims to be this key's and does not verify spoils the note.
    ///
    /// # Errors
    /// [`NoteError`].
    pub fn open(&self, text: &str) -> Result<Checkpoint, NoteError> {
        self.open_signed(text).map(|(checkpoint, _)| checkpoint)
    }

    /// As [`Self::open`], for a note that may be cosigned: gives it again with this log's signature alone, as it is kept
    /// and shown on.
    ///
    /// # Errors
    /// [`NoteError`].
    pub fn open_cosigned(&self, text: &str) -> Result<(Checkpoint, String), NoteError> {
        let (checkpoint, signature) = self.open_signed(text)?;
        let note = signed(&checkpoint, self.id, &signature);
        Ok((checkpoint, note))
    }

    fn open_signed(&self, text: &str) -> Result<(Checkpoint, Vec<u8>), NoteError> {
        let note = note::split(text)?;
        let mut verified = None;
        for (name, id, signature) in note.signatures {
            if name != self.name || id != self.id {
                continue;
            }
            UnparsedPublicKey::new(&ED25519, &self.public)
                .verify(note.text.as_bytes(), &signature)
                .map_err(|_| NoteError::BadSignature)?;
            verified = Some(signature);
        }
        let signature = verified.ok_or(NoteError::NotSigned)?;
        let checkpoint = Checkpoint::read(note.text)?;
        if checkpoint.origin == self.name { Ok((checkpoint, signature)) } else { Err(NoteError::OtherLog) }
    }
}

/// The log's signing key. It has no `Debug` on purpose.
pub struct LogSigner {
    name: String,
    id: [u8; 4],
    public: [u8; 32],
    pair: Ed25519KeyPair,
}

impl LogSigner {
    /// The key of this seed. `name` is the log's origin: not empty, no white space, no `+`.
    ///
    /// # Errors
    /// [`VerifierKeyError`] when the name cannot stand in a note.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, VerifierKeyError> {
        if !note::is_name(name) {
            return Err(VerifierKeyError);
        }
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| VerifierKeyError)?;
        let public: [u8; 32] = pair.public_key().as_ref().try_into().map_err(|_| VerifierKeyError)?;
        Ok(Self { name: name.to_owned(), id: key_id(name, &public), public, pair })
    }

    /// The signed note of the head of `size` leaves. The caller never asks for two roots of one size.
    #[must_use]
    pub fn sign(&self, size: u64, root: &Hash) -> String {
        let checkpoint = Checkpoint { origin: self.name.clone(), size, root: *root };
        let signature = self.pair.sign(checkpoint.text().as_bytes());
        signed(&checkpoint, self.id, signature.as_ref())
    }

    /// What others pin: `name+hash8+base64key`.
    #[must_use]
    pub fn verifier_key(&self) -> String {
        let key = STANDARD.encode([&[ED25519_TYPE], self.public.as_slice()].concat());
        format!("{}+{}+{key}", self.name, hex(self.id))
    }

    /// The public half.
    #[must_use]
    pub fn verifier(&self) -> LogVerifier {
        LogVerifier { name: self.name.clone(), id: self.id, public: self.public }
    }
}

fn signed(checkpoint: &Checkpoint, id: [u8; 4], signature: &[u8]) -> String {
    let encoded = STANDARD.encode([id.as_slice(), signature].concat());
    format!("{}\n\u{2014} {} {encoded}\n", checkpoint.text(), checkpoint.origin)
}

/// First four bytes of SHA-256 of name, line feed, signature type, key.
fn key_id(name: &str, public: &[u8; 32]) -> [u8; 4] {
    let hash = digest(&SHA256, &[name.as_bytes(), b"\n", &[ED25519_TYPE], public].concat());
    let mut id = [0; 4];
    id.copy_from_slice(&hash.as_ref()[..4]);
    id
}

pub(crate) fn hex(id: [u8; 4]) -> String {
    format!("{:08x}", u32::from_be_bytes(id))
}
