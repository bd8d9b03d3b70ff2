//! Codes that were taken for one statement each.

use domain::Digest;

use crate::{Enrol, Kind, Mfa, Refusal, Signed, Trust, Unverified, verify_mfa};

/// The broker attests the code of a statement that lasts within this time of the signature, in seconds.
const LASTING_FACTOR: u64 = 5 * 60;

/// Verifies the attestation of a code that was taken for exactly this statement, of the PK token that signed it.
///
/// # Errors
/// [`Refusal`] naming the first check that failed.
pub fn verify_factor_for(
    statement: &Digest,
    signer: &Digest,
    compact: &str,
    trust: &Trust,
) -> Result<Signed<Mfa>, Refusal> {
    let attestation = verify_mfa(compact, trust)?;
    let body = attestation.body();
    let for_this = body.statement.as_ref() == Some(statement) && body.subject == *signer;
    if for_this { Ok(attestation) } else { Err(Refusal::NoSecondFactor) }
}

/// Verifies the attestation of the code that was taken for this `enrol` statement, about when it was signed.
///
/// # Errors
/// [`Refusal`] naming the first check that failed.
pub fn verify_enrol_factor(enrol: &str, compact: &str, trust: &Trust) -> Result<(), Refusal> {
    verify_lasting_factor(&Unverified::<Enrol>::read(enrol)?, &crate::sha256(enrol), compact, trust)
}

pub(crate) fn verify_lasting_factor<B: Kind>(
    signed: &Unverified<B>,
    digest: &Digest,
    compact: &str,
    trust: &Trust,
) -> Result<(), Refusal> {
    let attestation = verify_factor_for(digest, signed.kid(), compact, trust)?;
    let apart = attestation.payload().iat.abs_diff(signed.issued_at());
    if apart <= LASTING_FACTOR { Ok(()) } else { Err(Refusal::SecondFactorTooOld) }
}
