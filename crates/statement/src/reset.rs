//! Who may take a lost second factor out of its place.

use domain::{Role, UnixSeconds};

use crate::{
    ADMINISTRATORS_WAIT, Directory, Enrolments, Identity, Mfa, Refusal, ResetFactor, Signed, Signer, Trust,
    verify_factor_for,
};

/// The broker attests the code of a reset within this time of the signature, in seconds.
const RESET_FACTOR: u64 = 5 * 60;

/// Verifies that an enrolled administrator resets the second factor of somebody else: signature, person, Device and how
/// long it has been one, freshness.
///
/// # Errors
/// [`Refusal`] naming the first check that failed.
pub fn verify_reset(
    compact: &str,
    directory: &Directory<'_>,
    enrolments: &Enrolments,
    trust: &Trust,
    now: UnixSeconds,
) -> Result<Signer<ResetFactor>, Refusal> {
    let (statement, identity) = directory.verify::<ResetFactor>(compact)?;
    statement.check_envelope(&trust.gateway_id, now)?;
    check_signer(&statement, &identity, enrolments)?;
    Ok(Signer { statement, identity })
}

/// Verifies the attestation of the code that was taken for this reset, about when it was signed.
///
/// # Errors
/// [`Refusal`] naming the first check that failed.
pub fn verify_reset_factor(reset: &Signed<ResetFactor>, compact: &str, trust: &Trust) -> Result<Signed<Mfa>, Refusal> {
    let attestation = verify_factor_for(reset.digest(), reset.kid(), compact, trust)?;
    let apart = attestation.payload().iat.abs_diff(reset.payload().iat);
    if apart <= RESET_FACTOR { Ok(attestation) } else { Err(Refusal::SecondFactorTooOld) }
}

fn check_signer(statement: &Signed<ResetFactor>, who: &Identity, enrolments: &Enrolments) -> Result<(), Refusal> {
    if !who.roles.contains(&Role::Administrator) {
        return Err(Refusal::MissingRole);
    }
    enrolments.check_waited(who, statement.payload().iat, ADMINISTRATORS_WAIT)?;
    // Whoever holds an administrator's computer does not get a factor of their own with it.
    if statement.body().person == who.person { Err(Refusal::SamePerson) } else { Ok(()) }
}
