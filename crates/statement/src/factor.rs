//! Codes that were taken for one statement each.

use domain::Digest;

use crate::{Enrol, Mfa, Refusal, Signed, Trust, Unverified, verify_mfa};

/// The broker attests an enrolment's code within this time of the signature, in seconds.
const ENROL_FACTOR: u64 = 5 * 60;

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
    let signed = Unverified::<Enrol>::read(enrol)?;
    let attestation = verify_factor_for(&crate::sha256(enrol), signed.kid(), compact, trust)?;
    let apart = attestation.payload().iat.abs_diff(signed.issued_at());
    if apart <= ENROL_FACTOR { Ok(()) } else { Err(Refusal::SecondFactorTooOld) }
}
