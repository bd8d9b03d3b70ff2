//! Opening marks: a reviewer proposes, a second person signs the same, and the values go to the first one's Device alone.

use domain::{Role, UnixSeconds};
use serde::{Deserialize, Serialize};

use crate::administrators::{Wrong, verify_both};
use crate::{ADMINISTRATORS_WAIT, Directory, Enrolments, KnownKeys, Refusal, Reveal, Signer, Trust};

/// More enrolments than these it does not take.
const MAX_ENROLS: usize = 128;

/// What two people signed, with everything that proves it. Compact forms only; nothing in it is believed because of who carried
/// it. With one statement it is a proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Revealing {
    /// `reveal` statements of different people: of whoever reads the values, then of whoever countersigned.
    pub statements: Vec<String>,
    /// The broker's attestation of the code for each of them, in the same order.
    pub mfa: Vec<String>,
    /// The chain of `enrol` statements down to first administrators, in any order.
    pub enrols: Vec<String>,
    /// PK tokens of everybody who signed anything above.
    pub pk_tokens: Vec<String>,
}

/// A [`Revealing`] in which everything was checked; only [`verify_revealing`] makes one.
#[derive(Debug, Clone)]
pub struct Revealed {
    signers: [Signer<Reveal>; 2],
}

impl Revealed {
    /// Which marks, and why.
    #[must_use]
    pub fn body(&self) -> &Reveal {
        self.signers[0].statement.body()
    }

    /// Whoever proposed it and is given the values, and whoever countersigned.
    #[must_use]
    pub fn signers(&self) -> &[Signer<Reveal>] {
        &self.signers
    }

    /// When the first of the signatures can no longer be acted on.
    #[must_use]
    pub fn good_until(&self) -> UnixSeconds {
        self.signers.iter().map(|s| s.statement.payload().exp).min().unwrap_or_default()
    }
}

/// Verifies what two people signed, before it is done and long after. Whoever does it asks [`Revealed::good_until`] too.
///
/// # Errors
/// [`Refusal`] naming the first check that failed.
pub fn verify_revealing(
    revealing: &Revealing,
    trust: &Trust,
    provider: impl Into<KnownKeys>,
    now: UnixSeconds,
) -> Result<Revealed, Refusal> {
    let Revealing { statements, mfa, enrols, pk_tokens } = revealing;
    if enrols.len() > MAX_ENROLS {
        return Err(Refusal::TooLarge);
    }
    let directory = Directory::new(pk_tokens, trust, provider)?;
    let enrolments = Enrolments::derive(enrols, &directory, trust, now);
    let wrong = Wrong {
        differ: Refusal::RevealsDiffer,
        too_few: Refusal::NoApproval,
        malformed: Refusal::Malformed("revealing"),
    };
    let check = |signer: &Signer<Reveal>| check(signer, &enrolments);
    let signers = verify_both((statements, mfa), &directory, trust, now, wrong, check)?;
    check_reader(&signers[0])?;
    directory.check_all_signed(signers.iter().map(|s| s.statement.kid()).chain(enrolments.signers()))?;
    Ok(Revealed { signers })
}

/// Verifies the first signature, before the second is there: with the keys of today, and while it is fresh.
///
/// # Errors
/// [`Refusal`] naming the first check that failed.
pub fn verify_reveal(
    compact: &str,
    directory: &Directory<'_>,
    enrolments: &Enrolments,
    trust: &Trust,
    now: UnixSeconds,
) -> Result<Signer<Reveal>, Refusal> {
    let (statement, identity) = directory.verify::<Reveal>(compact)?;
    statement.check_envelope(&trust.gateway_id, now)?;
    let signer = Signer { statement, identity };
    check(&signer, enrolments)?;
    check_reader(&signer)?;
    Ok(signer)
}

fn check(signer: &Signer<Reveal>, enrolments: &Enrolments) -> Result<(), Refusal> {
    let Signer { statement, identity } = signer;
    enrolments.check_waited(identity, statement.payload().iat, ADMINISTRATORS_WAIT)?;
    let may = identity.roles.iter().any(|role| matches!(role, Role::Reviewer | Role::Approver));
    if may { Ok(()) } else { Err(Refusal::MissingRole) }
}

/// Only a reviewer reads, on the Device that both signed for: no second person becomes the first one by the order of two
/// statements.
fn check_reader(first: &Signer<Reveal>) -> Result<(), Refusal> {
    if first.statement.body().reader != first.identity.device {
        return Err(Refusal::OtherReader);
    }
    if first.identity.roles.contains(&Role::Reviewer) { Ok(()) } else { Err(Refusal::MissingRole) }
}
