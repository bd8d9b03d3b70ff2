use std::sync::Arc;

use domain::{Digest, UnixSeconds};

use crate::{Identity, PkToken, ProviderKeys, Refusal, Trust};

/// Past sets that are kept; of more, the newest. A provider that rotates every week fills them in five years.
const MAX_PAST: usize = 256;

/// A service that cannot reach the issuer goes on with the keys that it has for this long, in seconds.
const KEPT_SECONDS: i64 = 3600;

/// A key set that the issuer published and has replaced since.
#[derive(Debug, Clone)]
pub struct PastKeys {
    pub keys: Arc<ProviderKeys>,
    /// When another set was first seen in its place: no ID token that was issued later is believed with it.
    pub until: UnixSeconds,
}

/// The issuer's keys as known: the set that it publishes now, and the sets that it published before.
///
/// A past set is good for one thing: verifying the PK token of whoever signed a statement whose effect lasts, an `enrol`
/// ([`crate::Directory::verify_enrol`]) or an `adopt`, if the ID token was issued while the set was published. Requests, decisions,
/// openings, reviews and calls need a key that the issuer publishes now.
#[derive(Debug, Clone)]
pub struct KnownKeys {
    current: Arc<ProviderKeys>,
    past: Arc<[PastKeys]>,
}

/// An observation of the issuer: this set was its current one at this moment, and until the next observation.
#[derive(Debug, Clone)]
pub struct SeenKeys {
    pub keys: Arc<ProviderKeys>,
    pub at: UnixSeconds,
}

impl KnownKeys {
    /// With these past sets, oldest first. The current set among them counts as current.
    #[must_use]
    pub fn new(current: Arc<ProviderKeys>, past: impl IntoIterator<Item = PastKeys>) -> Self {
        let mut past: Vec<PastKeys> = past.into_iter().filter(|p| p.keys.digest() != current.digest()).collect();
        past.drain(..past.len().saturating_sub(MAX_PAST));
        Self { current, past: past.into() }
    }

    /// From observations in the order in which they were made: a set ends with the first observation of another one
    /// after its own last. The newest of them, where the issuer publishes another set by now, ends at `now`.
    #[must_use]
    pub fn from_seen(current: Arc<ProviderKeys>, seen: &[SeenKeys], now: UnixSeconds) -> Self {
        let mut past: Vec<PastKeys> = Vec::new();
        for (n, one) in seen.iter().enumerate() {
            past.retain(|p| p.keys.digest() != one.keys.digest());
            let next = seen[n + 1..].iter().find(|s| s.keys.digest() != one.keys.digest());
            past.push(PastKeys { keys: one.keys.clone(), until: next.map_or(now, |s| s.at) });
        }
        Self::new(current, past)
    }

    /// The set that the issuer publishes now.
    #[must_use]
    pub fn current(&self) -> &Arc<ProviderKeys> {
        &self.current
    }

    /// The sets that it published before, oldest first.
    #[must_use]
    pub fn past(&self) -> &[PastKeys] {
        &self.past
    }

    /// Whether any set has a key with this id, so that nobody needs to be asked for more.
    #[must_use]
    pub fn knows(&self, kid: Option<&str>) -> bool {
        self.current.knows(kid) || self.past.iter().any(|p| p.keys.knows(kid))
    }

    /// As they were known at `at`, when a service verified something with `set` and said so in the log: for looking
    /// at what happened, never for what is to happen. `None` when no such set was published then.
    #[must_use]
    pub fn when(&self, set: &Digest, at: UnixSeconds) -> Option<Self> {
        if self.current.digest() == set {
            return Some(self.clone());
        }
        let mut sets = self.past.iter().filter(|p| p.until.saturating_add(KEPT_SECONDS) >= at);
        sets.find(|p| p.keys.digest() == set).map(|p| self.with_current(&p.keys))
    }

    /// As they were known at `at`: [`Self::when`] for something that names no set.
    #[must_use]
    pub fn as_of(&self, at: UnixSeconds) -> Self {
        match self.past.iter().filter(|p| p.until >= at).min_by_key(|p| p.until) {
            Some(past) => self.with_current(&past.keys),
            None => self.clone(),
        }
    }

    fn with_current(&self, keys: &Arc<ProviderKeys>) -> Self {
        Self::new(keys.clone(), self.past.iter().cloned())
    }

    /// Verifies a PK token of today.
    pub(crate) fn verify(&self, token: &PkToken, trust: &Trust, at: UnixSeconds) -> Result<Identity, Refusal> {
        token.verify(trust, &self.current, at)
    }

    /// Verifies the PK token of whoever signed a statement whose effect lasts, with a past set if it has to be.
    pub(crate) fn verify_lasting(&self, token: &PkToken, trust: &Trust, at: UnixSeconds) -> Result<Identity, Refusal> {
        let mut refusal = match self.verify(token, trust, at) {
            Err(Refusal::UnknownProviderKey | Refusal::BadSignature | Refusal::WrongAlgorithm) => {
                Refusal::UnknownProviderKey
            }
            verified => return verified,
        };
        for past in self.past.iter().rev() {
            match token.verify(trust, &past.keys, at) {
                Ok(identity) if identity.signed_in_at <= past.until => return Ok(identity),
                Ok(_) => refusal = Refusal::RetiredProviderKey,
                Err(_) => {}
            }
        }
        Err(refusal)
    }
}

impl From<Arc<ProviderKeys>> for KnownKeys {
    fn from(current: Arc<ProviderKeys>) -> Self {
        Self { current, past: Arc::new([]) }
    }
}

impl From<&Arc<ProviderKeys>> for KnownKeys {
    fn from(current: &Arc<ProviderKeys>) -> Self {
        current.clone().into()
    }
}

impl From<&ProviderKeys> for KnownKeys {
    fn from(current: &ProviderKeys) -> Self {
        Arc::new(current.clone()).into()
    }
}

impl From<&KnownKeys> for KnownKeys {
    fn from(known: &KnownKeys) -> Self {
        known.clone()
    }
}

impl From<&Arc<KnownKeys>> for KnownKeys {
    fn from(known: &Arc<KnownKeys>) -> Self {
        (**known).clone()
    }
}

#[cfg(test)]
mod tests;
