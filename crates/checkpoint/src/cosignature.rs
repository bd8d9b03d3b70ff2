//! Cosignatures after C2SP `tlog-cosignature`, the Ed25519 kind: signature type 0x04, `cosignature/v1`.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::key::{VerifierKeyError, hex};
use crate::note::{self, Checkpoint, NoteError};

/// The signature type of an Ed25519 cosignature.
const COSIGNATURE_TYPE: u8 = 0x04;

/// Somebody saw this Checkpoint continue what they had seen before, at this time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosignature {
    /// In Unix seconds.
    pub at: u64,
    /// The signature line, with its line feed: behind the log's own it makes a cosigned note.
    pub line: String,
}

/// The public half of a witness's key: knows that witness's cosignatures and no others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessVerifier {
    name: String,
    id: [u8; 4],
    public: [u8; 32],
}

impl WitnessVerifier {
    /// Reads `name+hash8+base64key`: the hash is the key id in 8 lower-case hexadecimal digits, the key is the byte
    /// 0x04 and 32 bytes of Ed25519.
    ///
    /// # Errors
    /// [`VerifierKeyError`], also when the hash is not that of name and key.
    pub fn parse(text: &str) -> Result<Self, VerifierKeyError> {
        let (name, rest) = text.split_once('+').ok_or(VerifierKeyError)?;
        let (hash, key) = rest.split_once('+').ok_or(VerifierKeyError)?;
        let key = STANDARD.decode(key).map_err(|_| VerifierKeyError)?;
        let [COSIGNATURE_TYPE, public @ ..] = key.as_slice() else { return Err(VerifierKeyError) };
        let public: [u8; 32] = public.try_into().map_err(|_| VerifierKeyError)?;
        let id = key_id(name, &public);
        if !note::is_name(name) || hash != hex(id) {
            return Err(VerifierKeyError);
        }
        Ok(Self { name: name.to_owned(), id, public })
    }

    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key by itself: one key under two names is one witness, since no name is signed.
    #[must_use]
    pub fn public(&self) -> &[u8; 32] {
        &self.public
    }

    /// `name+hash8+base64key`.
    #[must_use]
    pub fn verifier_key(&self) -> String {
        let key = STANDARD.encode([&[COSIGNATURE_TYPE], self.public.as_slice()].concat());
        format!("{}+{}+{key}", self.name, hex(self.id))
    }

    /// This witness's cosignature of the Checkpoint in a note whose log signature the caller verifies. Signatures of other
    /// keys are passed over; one that claims to be this key's and does not verify spoils the note.
    ///
    /// # Errors
    /// [`NoteError`]; [`NoteError::NotSigned`] when this witness did not cosign it.
    pub fn cosigned(&self, text: &str) -> Result<Cosignature, NoteError> {
        let note = note::split(text)?;
        let mut found = None;
        for (name, id, signature) in &note.signatures {
            if *name != self.name || *id != self.id {
                continue;
            }
            let (at, signature) = signature.split_first_chunk::<8>().ok_or(NoteError::BadSignature)?;
            let at = u64::from_be_bytes(*at);
            UnparsedPublicKey::new(&ED25519, &self.public)
                .verify(message(at, note.text).as_bytes(), signature)
                .map_err(|_| NoteError::BadSignature)?;
            if i64::try_from(at).is_err() {
                return Err(NoteError::BadSignature);
            }
            found = found.max(Some((at, signature.to_vec())));
        }
        let (at, signature) = found.ok_or(NoteError::NotSigned)?;
        Ok(Cosignature { at, line: line(&self.name, self.id, at, &signature) })
    }
}

/// A witness's signing key. It has no `Debug` on purpose.
pub struct WitnessSigner {
    verifier: WitnessVerifier,
    pair: Ed25519KeyPair,
}

impl WitnessSigner {
    /// The key of this seed. It signs nothing but cosignatures, and under one name only: the name is not signed.
    ///
    /// # Errors
    /// [`VerifierKeyError`] when the name cannot stand in a note.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, VerifierKeyError> {
        if !note::is_name(name) {
            return Err(VerifierKeyError);
        }
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| VerifierKeyError)?;
        let public: [u8; 32] = pair.public_key().as_ref().try_into().map_err(|_| VerifierKeyError)?;
        Ok(Self { verifier: WitnessVerifier { name: name.to_owned(), id: key_id(name, &public), public }, pair })
    }

    /// Says that this is the largest head of its log that this witness has seen, and consistent with all before. Whoever
    /// calls this keeps the Checkpoint first.
    #[must_use]
    pub fn cosign(&self, checkpoint: &Checkpoint, at: u64) -> Cosignature {
        let signature = self.pair.sign(message(at, &checkpoint.text()).as_bytes());
        let WitnessVerifier { name, id, .. } = &self.verifier;
        Cosignature { at, line: line(name, *id, at, signature.as_ref()) }
    }

    #[must_use]
    pub fn verifier(&self) -> &WitnessVerifier {
        &self.verifier
    }
}

fn message(at: u64, text: &str) -> String {
    format!("cosignature/v1\ntime {at}\n{text}")
}

fn line(name: &str, id: [u8; 4], at: u64, signature: &[u8]) -> String {
    let encoded = STANDARD.encode([id.as_slice(), at.to_be_bytes().as_slice(), signature].concat());
    format!("\u{2014} {name} {encoded}\n")
}

/// First four bytes of SHA-256 of name, line feed, signature type, key.
fn key_id(name: &str, public: &[u8; 32]) -> [u8; 4] {
    let hash = digest(&SHA256, &[name.as_bytes(), b"\n", &[COSIGNATURE_TYPE], public].concat());
    let mut id = [0; 4];
    id.copy_from_slice(&hash.as_ref()[..4]);
    id
}

#[cfg(test)]
mod tests;
