use std::sync::Arc;

use domain::{Digest, UnixSeconds};
use statement::{Adopted, Adoption, KnownKeys, Refusal, Trust, verify_adoption};

use crate::{Policy, PolicyError};

/// The policies of one installation: the one that everybody pins, and each that two administrators put in the place of the
/// one before it. Nobody is believed about them; whoever has the chain has checked it.
#[derive(Debug, Clone)]
pub struct Policies(Vec<Arc<InForce>>);

/// A policy, and what statements are verified with while it is in force.
#[derive(Debug)]
pub struct InForce {
    pub policy: Policy,
    /// The pinned trust with this policy's digest.
    pub trust: Trust,
    /// Who adopted it, and what proves that; `None` for the pinned one.
    pub adopted: Option<(Adopted, Adoption)>,
}

/// Why a policy does not follow the last one.
#[derive(Debug, thiserror::Error)]
pub enum NotAdopted {
    #[error("{0}")]
    Refused(#[from] Refusal),
    #[error("its text is not a policy: {0}")]
    NotAPolicy(#[from] PolicyError),
    #[error("it is version {0}, and {1} comes next")]
    OtherVersion(u64, u64),
}

impl NotAdopted {
    /// The same without what a parser says, for an answer to somebody else.
    #[must_use]
    pub fn in_short(&self) -> String {
        match self {
            Self::NotAPolicy(_) => "its text is not a policy".to_owned(),
            other => other.to_string(),
        }
    }
}

impl Policies {
    /// The pinned one alone.
    ///
    /// # Errors
    /// [`NotAdopted`] when the text is not the one that `trust` pins, or is no policy.
    pub fn pinned(trust: &Trust, text: &str) -> Result<Self, NotAdopted> {
        let policy = Policy::read(text)?;
        if *policy.digest() != trust.policy {
            return Err(Refusal::OtherPolicy.into());
        }
        let trust = trust.under(policy.digest(), policy.heading().waiting.waits());
        Ok(Self(vec![Arc::new(InForce { policy, trust, adopted: None })]))
    }

    /// The pinned one, when it is the compiled-in one.
    ///
    /// # Errors
    /// As [`Self::pinned`].
    pub fn compiled_in(trust: &Trust) -> Result<Self, NotAdopted> {
        Self::pinned(trust, Policy::compiled_in().text())
    }

    /// The same chain with one more policy, once everything about it is verified.
    ///
    /// # Errors
    /// [`NotAdopted`] with the first check that failed.
    pub fn follow(
        &self,
        adoption: &Adoption,
        provider: impl Into<KnownKeys>,
        now: UnixSeconds,
    ) -> Result<Self, NotAdopted> {
        let last = self.current();
        let adopted = verify_adoption(adoption, &last.trust, provider, now)?;
        let policy = last.successor(&adoption.text)?;
        let trust = last.trust.under(policy.digest(), policy.heading().waiting.waits());
        let mut chain = self.0.clone();
        chain.push(Arc::new(InForce { policy, trust, adopted: Some((adopted, adoption.clone())) }));
        Ok(Self(chain))
    }

    /// The same chain as far as the policy with this digest, with as many of `adoptions` as that takes.
    ///
    /// # Errors
    /// [`NotAdopted`] with the first check that failed. When none of them is the one, nothing that names it verifies under the
    /// last.
    pub fn until<'a>(
        &self,
        named: &Digest,
        adoptions: &mut impl Iterator<Item = &'a Adoption>,
        provider: &KnownKeys,
        now: UnixSeconds,
    ) -> Result<Self, NotAdopted> {
        let mut chain = self.clone();
        while chain.named(named).is_none() {
            let Some(next) = adoptions.next() else { break };
            chain = chain.follow(next, provider, now)?;
        }
        Ok(chain)
    }

    /// The one in force: for everything that is asked, countersigned or opened now.
    #[must_use]
    pub fn current(&self) -> &Arc<InForce> {
        self.0.last().unwrap_or_else(|| unreachable!("a chain begins with the pinned policy"))
    }

    /// The text of the one that everybody pins.
    #[must_use]
    pub fn pinned_text(&self) -> &str {
        self.0.first().map_or("", |pinned| pinned.policy.text())
    }

    /// The one with this digest, in force or replaced since: for looking at what was signed under it.
    #[must_use]
    pub fn named(&self, digest: &Digest) -> Option<&Arc<InForce>> {
        self.0.iter().rev().find(|p| p.policy.digest() == digest)
    }

    /// From the pinned one to the one in force.
    #[must_use]
    pub fn all(&self) -> &[Arc<InForce>] {
        &self.0
    }

    /// What proves the policies behind the pinned one, as far as the one with this digest.
    pub fn adoptions_until(&self, digest: &Digest) -> impl Iterator<Item = &Adoption> {
        let end = self.0.iter().position(|p| p.policy.digest() == digest).map_or(0, |place| place + 1);
        self.0[..end].iter().filter_map(|p| p.adopted.as_ref()).map(|(_, adoption)| adoption)
    }
}

impl InForce {
    /// What this text would be in this one's place: a policy with the next version.
    ///
    /// # Errors
    /// [`NotAdopted`].
    pub fn successor(&self, text: &str) -> Result<Policy, NotAdopted> {
        let policy = Policy::read(text)?;
        let (version, next) = (policy.heading().version, self.policy.heading().version.saturating_add(1));
        if version == next { Ok(policy) } else { Err(NotAdopted::OtherVersion(version, next)) }
    }
}
