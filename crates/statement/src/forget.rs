//! Forgetting an Organization: two administrators sign that its key is destroyed. Nothing brings back what it opened.

use domain::{Role, UnixSeconds};
use serde::{Deserialize, Serialize};

use crate::administrators::{Wrong, verify_both};
use crate::{ADMINISTRATORS_WAIT, Directory, Enrolments, Forget, KnownKeys, Refusal, Signer, Trust};

/// More enrolments than these it does not take.
const MAX_ENROLS: usize = 128;

/// What two administrators signed, with everything that proves it. Compact forms only; nothing in it is believed because of who
/// carried it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Forgetting {
    /// `forget` statements of different administrators, in the order in which they were signed.
    pub statements: Vec<String>,
    /// The broker's attestation of the code for each of them, in the same order.
    pub mfa: Vec<String>,
    /// The chain of `enrol` statements down to first administrators, in any order.
    pub enrols: Vec<String>,
    /// PK tokens of everybody who signed anything above.
    pub pk_tokens: Vec<String>,
}

/// A [`Forgetting`] in which everything was checked; only [`verify_forgetting`] makes one.
#[derive(Debug, Clone)]
pub struct Forgotten {
    signers: [Signer<Forget>; 2],
}

impl Forgotten {
    /// Which Organization, and why.
    #[must_use]
    pub fn body(&self) -> &Forget {
        self.signers[0].statement.body()
    }

    /// The administrators: two different people, in the order in which they signed.
    #[must_use]
    pub fn signers(&self) -> &[Signer<Forget>] {
        &self.signers
    }

    /// When the first of the signatures can no longer be acted on.
    #[must_use]
    pub fn good_until(&self) -> UnixSeconds {
        self.signers.iter().map(|s| s.statement.payload().exp).min().unwrap_or_default()
    }
}

/// Verifies what two administrators signed, before it is done and long after. Whoever does it asks [`Forgotten::good_until`] too.
///
/// # Errors
/// [`Refusal`] naming the first check that failed.
pub fn verify_forgetting(
    forgetting: &Forgetting,
    trust: &Trust,
    provider: impl Into<KnownKeys>,
    now: UnixSeconds,
) -> Result<Forgotten, Refusal> {
    let Forgetting { statements, mfa, enrols, pk_tokens } = forgetting;
    if enrols.len() > MAX_ENROLS {
        return Err(Refusal::TooLarge);
    }
    let directory = Directory::new(pk_tokens, trust, provider)?;
    let enrolments = Enrolments::derive(enrols, &directory, trust, now);
    let wrong = Wrong {
        differ: Refusal::ForgettingsDiffer,
        too_few: Refusal::TooFewAdministrators,
        malformed: Refusal::Malformed("forgetting"),
    };
    let signers = verify_both((statements, mfa), &directory, trust, now, wrong, |signer| check(signer, &enrolments))?;
    directory.check_all_signed(signers.iter().map(|s| s.statement.kid()).chain(enrolments.signers()))?;
    Ok(Forgotten { signers })
}

/// Verifies one administrator's statement, before the other one has signed: with the keys of today, and while it is fresh.
///
/// # Errors
/// [`Refusal`] naming the first check that failed.
pub fn verify_forget(
    compact: &str,
    directory: &Directory<'_>,
    enrolments: &Enrolments,
    trust: &Trust,
    now: UnixSeconds,
) -> Result<Signer<Forget>, Refusal> {
    let (statement, identity) = directory.verify::<Forget>(compact)?;
    statement.check_envelope(&trust.gateway_id, now)?;
    let signer = Signer { statement, identity };
    check(&signer, enrolments)?;
    Ok(signer)
}

fn check(signer: &Signer<Forget>, enrolments: &Enrolments) -> Result<(), Refusal> {
    let Signer { statement, identity } = signer;
    enrolments.check_waited(identity, statement.payload().iat, ADMINISTRATORS_WAIT)?;
    if identity.roles.contains(&Role::Administrator) { Ok(()) } else { Err(Refusal::MissingRole) }
}
