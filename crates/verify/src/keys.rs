use std::sync::Arc;

use domain::UnixSeconds;
use serde_json::Value;
use statement::{KnownKeys, PastKeys, ProviderKeys};
use wire::evidence::Content;
use wire::join::{PinnedKeys, TrustFile};

use crate::Rejected;
use crate::rejected::require;

const PART: &str = "provider keys";
/// A service that cannot reach the issuer goes on with the keys that it has for this long, in seconds.
const KEPT_SECONDS: i64 = 3600;

/// The issuer's key sets that the file carries, each of which the trust file holds.
pub(crate) struct Keys {
    /// The one that the Session was opened with, then the others.
    sets: Vec<Set>,
    opened_at: UnixSeconds,
}

struct Set {
    keys: Arc<ProviderKeys>,
    /// When it was replaced, as far as the trust file knows.
    until: Option<UnixSeconds>,
}

impl Keys {
    /// Holds each set of the file to the trust file.
    pub(crate) fn pinned(content: &Content, trust: &TrustFile) -> Result<Self, Rejected> {
        Self::pinned_for(&content.provider_keys, [], content, content.opened_at, trust)
    }

    /// The same for what was verified with `given` at that moment, beside `others` of the file.
    pub(crate) fn pinned_for<'a>(
        given: &str,
        others: impl IntoIterator<Item = &'a String>,
        content: &'a Content,
        at: UnixSeconds,
        trust: &TrustFile,
    ) -> Result<Self, Rejected> {
        let pinned = &trust.provider_keys;
        let verified_with = find(given, pinned, "not the pinned ones")?;
        let retired = verified_with.until.is_some_and(|until| at > until.saturating_add(KEPT_SECONDS));
        require(!retired, PART, "the issuer had replaced them long before that")?;
        let mut sets = vec![verified_with];
        for more in others.into_iter().chain(&content.more_keys) {
            sets.push(find(
                more,
                pinned,
                "an earlier or later set is not among the pinned ones; pin it to verify this file",
            )?);
        }
        Ok(Self { sets, opened_at: at })
    }

    /// As they were known at the opening.
    pub(crate) fn at_opening(&self) -> Result<KnownKeys, Rejected> {
        let set = self.sets.first().ok_or_else(|| Rejected::new(PART, "none"))?;
        Ok(self.known_with(set))
    }

    /// Each set with the last moment at which an ID token of today could have been issued under it.
    pub(crate) fn each(&self) -> impl Iterator<Item = (KnownKeys, UnixSeconds)> {
        self.sets.iter().map(|set| (self.known_with(set), set.until.unwrap_or(UnixSeconds::MAX)))
    }

    /// This set as the current one. The end of one that the trust file does not know to have ended is the opening.
    fn known_with(&self, current: &Set) -> KnownKeys {
        let past = |set: &Set| PastKeys { keys: set.keys.clone(), until: set.until.unwrap_or(self.opened_at) };
        KnownKeys::new(current.keys.clone(), self.sets.iter().map(past))
    }
}

/// The pinned set that holds each of these keys, member for member; of several, the one that holds no others, or
/// else the one that was published longest.
fn find(given: &str, pinned: &[PinnedKeys], missing: &str) -> Result<Set, Rejected> {
    let keys = members(given)?;
    let mut found: Option<(bool, UnixSeconds)> = None;
    for one in pinned {
        let held = members(&one.jwks).map_err(|_| Rejected::new("trust file", "a pinned key set is not one"))?;
        if keys.iter().all(|k| held.contains(k)) {
            found = found.max(Some((held.len() == keys.len(), one.until.unwrap_or(UnixSeconds::MAX))));
        }
    }
    let (_, until) = found.ok_or_else(|| Rejected::new(PART, missing))?;
    let keys = ProviderKeys::from_jwks(given.as_bytes()).map_err(|e| Rejected::new(PART, e))?;
    Ok(Set { keys: Arc::new(keys), until: Some(until).filter(|&u| u != UnixSeconds::MAX) })
}

fn members(text: &str) -> Result<Vec<Value>, Rejected> {
    let set: Value = serde_json::from_str(text).map_err(|_| Rejected::new(PART, "not a key set"))?;
    set.get("keys").and_then(Value::as_array).cloned().ok_or_else(|| Rejected::new(PART, "not a key set"))
}
