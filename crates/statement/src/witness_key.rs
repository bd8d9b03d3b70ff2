//! Which key a Device cosigns the log's heads with.

use domain::{Digest, UnixSeconds};

use crate::{Directory, Enrolments, Identity, Refusal, Signed, Signer, Trust, WitnessKey};

/// The name of the witness that a Device is: the log's own with the key's thumbprint behind it, so that no key stands for
/// two Devices or two logs.
#[must_use]
pub fn device_witness(trust: &Trust, device: &Digest) -> String {
    let log = trust.log_key.split('+').next().unwrap_or_default();
    format!("{log}/device/{device}")
}

/// Verifies that an enrolled Device said that this is its witness key, however long ago.
///
/// # Errors
/// [`Refusal`] naming the first check that failed.
pub fn verify_witness_key(
    compact: &str,
    directory: &Directory<'_>,
    enrolments: &Enrolments,
    trust: &Trust,
    now: UnixSeconds,
) -> Result<Signer<WitnessKey>, Refusal> {
    let (statement, identity) = directory.verify::<WitnessKey>(compact)?;
    statement.check_issued(&trust.gateway_id, now)?;
    enrolments.check(&identity)?;
    check_own(&statement, &identity, trust)?;
    Ok(Signer { statement, identity })
}

/// The same of a caller who is known already, and of now.
///
/// # Errors
/// [`Refusal`] naming the first check that failed.
pub fn check_witness_key(
    statement: &Signed<WitnessKey>,
    caller: &Identity,
    trust: &Trust,
    now: UnixSeconds,
) -> Result<(), Refusal> {
    statement.check_envelope(&trust.gateway_id, now)?;
    check_own(statement, caller, trust)
}

fn check_own(statement: &Signed<WitnessKey>, who: &Identity, trust: &Trust) -> Result<(), Refusal> {
    let named = statement.body().key.split('+').next().unwrap_or_default();
    if named == device_witness(trust, &who.device) { Ok(()) } else { Err(Refusal::OtherWitness) }
}
