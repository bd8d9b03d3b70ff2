//! How a policy comes into force: two administrators sign that it replaces the one before it.

use domain::{Digest, Role, UnixSeconds};
use serde::{Deserialize, Serialize};

use crate::factor::verify_lasting_factor;
use crate::{
    ADMINISTRATORS_WAIT, Adopt, Directory, Enrolments, Identity, Kind, KnownKeys, Refusal, Signer, Trust, Unverified,
    sha256,
};

/// So many different people adopt a policy.
const ADMINISTRATORS: usize = 2;
/// More statements, codes or enrolments than these no adoption needs.
const MAX_STATEMENTS: usize = 16;
const MAX_ENROLS: usize = 128;

/// A policy that follows another, with everything that proves it. Compact forms only; nothing in it is believed because of
/// who carried it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Adoption {
    /// The policy's exact text.
    pub text: String,
    /// `adopt` statements of different administrators, in the order in which they were signed.
    pub statements: Vec<String>,
    /// The broker's attestation of the code for each of them, in the same order.
    pub mfa: Vec<String>,
    /// The chain of `enrol` statements down to first administrators, in any order.
    pub enrols: Vec<String>,
    /// PK tokens of everybody who signed anything above.
    pub pk_tokens: Vec<String>,
}

/// An [`Adoption`] in which everything was checked; only [`verify_adoption`] makes one.
#[derive(Debug, Clone)]
pub struct Adopted {
    policy: Digest,
    signers: Vec<Signer<Adopt>>,
}

impl Adopted {
    /// Digest of the policy that is in force from now on.
    #[must_use]
    pub fn policy(&self) -> &Digest {
        &self.policy
    }

    /// The administrators, at least two different people, in the order in which they signed.
    #[must_use]
    pub fn signers(&self) -> &[Signer<Adopt>] {
        &self.signers
    }

    /// When the last of them signed.
    #[must_use]
    pub fn signed_at(&self) -> UnixSeconds {
        self.signers.iter().map(|s| s.statement.payload().iat).max().unwrap_or_default()
    }
}

/// Verifies that two administrators put the text of `adoption` in the place of the policy that `trust` names. Whether the
/// text is a policy is not asked here.
///
/// # Errors
/// [`Refusal`] naming the first check that failed.
pub fn verify_adoption(
    adoption: &Adoption,
    trust: &Trust,
    provider: impl Into<KnownKeys>,
    now: UnixSeconds,
) -> Result<Adopted, Refusal> {
    let Adoption { statements, mfa, enrols, .. } = adoption;
    if statements.len() > MAX_STATEMENTS || mfa.len() > MAX_STATEMENTS || enrols.len() > MAX_ENROLS {
        return Err(Refusal::TooLarge);
    }
    let directory = Directory::new(&adoption.pk_tokens, trust, provider)?;
    let enrolments = Enrolments::derive(enrols, &directory, trust, now);
    let policy = sha256(&adoption.text);
    let mut signers: Vec<Signer<Adopt>> = Vec::new();
    for (n, compact) in statements.iter().enumerate() {
        let (statement, identity) = directory.verify_lasting::<Adopt>(compact)?;
        statement.check_issued(&trust.gateway_id, now)?;
        let signer = Signer { statement, identity };
        check(&signer, &policy, &enrolments, trust)?;
        let attestation = mfa.get(n).ok_or(Refusal::NoSecondFactor)?;
        verify_lasting_factor(&Unverified::<Adopt>::read(compact)?, signer.statement.digest(), attestation, trust)?;
        check_beside(&signer, &signers)?;
        signers.push(signer);
    }
    if signers.len() < ADMINISTRATORS {
        return Err(Refusal::TooFewAdministrators);
    }
    if mfa.len() > statements.len() {
        return Err(Refusal::Malformed("adoption"));
    }
    directory.check_all_signed(signers.iter().map(|s| s.statement.kid()).chain(enrolments.signers()))?;
    Ok(Adopted { policy, signers })
}

/// Verifies one administrator's statement about the policy with this digest, before the other one has signed: with the
/// keys of today, and while it is fresh.
///
/// # Errors
/// [`Refusal`] naming the first check that failed.
pub fn verify_adopt(
    compact: &str,
    policy: &Digest,
    directory: &Directory<'_>,
    enrolments: &Enrolments,
    trust: &Trust,
    now: UnixSeconds,
) -> Result<Signer<Adopt>, Refusal> {
    let (statement, identity) = directory.verify::<Adopt>(compact)?;
    statement.check_envelope(&trust.gateway_id, now)?;
    let signer = Signer { statement, identity };
    check(&signer, policy, enrolments, trust)?;
    Ok(signer)
}

fn check(signer: &Signer<Adopt>, policy: &Digest, enrolments: &Enrolments, trust: &Trust) -> Result<(), Refusal> {
    let Signer { statement, identity } = signer;
    enrolments.check_waited(identity, statement.payload().iat, ADMINISTRATORS_WAIT)?;
    if !identity.roles.contains(&Role::Administrator) {
        return Err(Refusal::MissingRole);
    }
    let body = statement.body();
    if body.policy != *policy || body.previous != trust.policy || body.policy == body.previous {
        return Err(Refusal::OtherPolicy);
    }
    Ok(())
}

/// Another person on another Device than those before, while what the first one signed had not expired.
pub(crate) fn check_beside<B: Kind>(signer: &Signer<B>, others: &[Signer<B>]) -> Result<(), Refusal> {
    let same_person = |other: &Identity| other.person == signer.identity.person;
    if others.iter().any(|o| same_person(&o.identity)) {
        return Err(Refusal::SamePerson);
    }
    if others.iter().any(|o| o.identity.device == signer.identity.device) {
        return Err(Refusal::SameDevice);
    }
    let at = signer.statement.payload().iat;
    let in_time = others.iter().map(|o| o.statement.payload()).all(|o| at >= o.iat - 5 && at < o.exp);
    if in_time { Ok(()) } else { Err(Refusal::Expired) }
}
