//! Signed heads of the audit log, after C2SP `signed-note` (Ed25519, signature type 0x01) and `tlog-checkpoint`, and their
//! cosignatures, after `tlog-cosignature` (Ed25519, signature type 0x04).
//!
//! What it is not: it keeps no state, so that no head is signed twice for one size is its caller's duty; its
//! [`Witness`] holds the rules of C2SP `tlog-witness` and serves nobody; it does no IO and reads no clock.

mod cosignature;
mod key;
mod note;
mod relation;
mod submission;
mod witness;
mod words;

pub use cosignature::{Cosignature, WitnessSigner, WitnessVerifier};
pub use key::{LogSigner, LogVerifier, VerifierKeyError};
pub use note::{Checkpoint, NoteError};
pub use relation::Relation;
pub use submission::Submission;
pub use witness::{Witness, WitnessRefusal};
pub use words::words;

#[cfg(test)]
mod tests;
