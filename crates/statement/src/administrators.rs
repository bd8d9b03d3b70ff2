//! What two people sign together: each the same, each with a code for exactly their statement.

use domain::UnixSeconds;

use crate::adoption::check_beside;
use crate::factor::verify_lasting_factor;
use crate::{Directory, Kind, Refusal, Signer, Trust, Unverified};

/// So many different people sign.
const SIGNERS: usize = 2;

/// What a kind says when something is wrong with it as a whole.
pub(crate) struct Wrong {
    /// They signed different bodies.
    pub differ: Refusal,
    /// Only one has signed.
    pub too_few: Refusal,
    /// More codes than statements.
    pub malformed: Refusal,
}

/// Verifies the statements of two people on two Devices, in the order in which they signed. `check` is what belongs to the kind.
pub(crate) fn verify_both<B: Kind + PartialEq>(
    (statements, mfa): (&[String], &[String]),
    directory: &Directory<'_>,
    trust: &Trust,
    now: UnixSeconds,
    wrong: Wrong,
    check: impl Fn(&Signer<B>) -> Result<(), Refusal>,
) -> Result<[Signer<B>; SIGNERS], Refusal> {
    if statements.len() > SIGNERS || mfa.len() > SIGNERS {
        return Err(Refusal::TooLarge);
    }
    let mut signers: Vec<Signer<B>> = Vec::new();
    for (n, compact) in statements.iter().enumerate() {
        let (statement, identity) = directory.verify_lasting::<B>(compact)?;
        statement.check_issued(&trust.gateway_id, now)?;
        let signer = Signer { statement, identity };
        check(&signer)?;
        if signers.iter().any(|other| other.statement.body() != signer.statement.body()) {
            return Err(wrong.differ);
        }
        let attestation = mfa.get(n).ok_or(Refusal::NoSecondFactor)?;
        verify_lasting_factor(&Unverified::<B>::read(compact)?, signer.statement.digest(), attestation, trust)?;
        check_beside(&signer, &signers)?;
        signers.push(signer);
    }
    let both = signers.try_into().map_err(|_| wrong.too_few)?;
    if mfa.len() > statements.len() { Err(wrong.malformed) } else { Ok(both) }
}
