use domain::{Digest, UnixSeconds};
use serve::refused;
use statement::{Factor, Identity, Refusal, verify_factor_for, verify_mfa};

use crate::broker::Broker;
use crate::problems::{self, Answer};

/// The attestation that a code was taken for exactly this statement, by its signer, a moment ago.
pub(crate) fn attested(broker: &Broker, who: &Identity, statement: &Digest, mfa: Option<String>) -> Answer<String> {
    let mfa = mfa.ok_or_else(problems::code_needed)?;
    let attestation = verify_factor_for(statement, &who.kid, &mfa, &broker.trust).map_err(|refusal| match refusal {
        Refusal::NoSecondFactor => problems::code_needed(),
        other => refused(&other),
    })?;
    attestation
        .check_envelope(&broker.trust.gateway_id, broker.now())
        .map_err(|r| refused(&if r == Refusal::Expired { Refusal::SecondFactorTooOld } else { r }))?;
    Ok(mfa)
}

/// The second factor that this attestation speaks of, for a statement of that time.
pub(crate) fn factor_in(broker: &Broker, mfa: &str, signed_at: UnixSeconds) -> Answer<Factor> {
    let attestation = verify_mfa(mfa, &broker.trust).map_err(|r| refused(&r))?;
    Ok(Factor::of(attestation.body(), (signed_at - attestation.payload().iat).max(0)))
}

/// The second factor that a request of this moment is signed with.
pub(crate) async fn factor_of(broker: &Broker, kid: &Digest, signed_at: UnixSeconds) -> Answer<Option<Factor>> {
    let attested = broker.store.sign_in_attestation(kid, signed_at).await?;
    attested.map(|(compact, _)| factor_in(broker, &compact, signed_at)).transpose()
}
