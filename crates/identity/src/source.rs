use std::sync::Arc;

use domain::{Clock, UnixSeconds};
use reqwest::Client;
use serde::Deserialize;
use statement::ProviderKeys;
use tokio::sync::Mutex;

use crate::{IdentityError, fetch};

/// Keys are used this long without asking again, in seconds.
const FRESH_SECONDS: i64 = 600;
/// Keys are still used this long while the provider does not answer, in seconds.
const KEPT_SECONDS: i64 = 3600;
/// The provider is asked no more often than this, in seconds.
const PAUSE_SECONDS: i64 = 10;

/// The keys of one pinned issuer, fetched from the issuer itself and from nobody else.
pub struct ProviderSource {
    issuer: String,
    http: Client,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    kept: Option<Kept>,
    asked_at: Option<UnixSeconds>,
    failure: Option<IdentityError>,
}

struct Kept {
    keys: Arc<ProviderKeys>,
    fetched_at: UnixSeconds,
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
}

impl ProviderSource {
    /// A source for `issuer`, spelled exactly as it spells itself.
    #[must_use]
    pub fn new(issuer: impl Into<String>, http: Client, clock: Arc<dyn Clock>) -> Self {
        Self { issuer: issuer.into(), http, clock, state: Mutex::new(State::default()) }
    }

    /// The pinned issuer.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The issuer's keys, at most ten minutes old, or one hour while it does not answer. A `kid` that the kept set
    /// does not have makes it ask again, at most every ten seconds; the set that comes back may still lack it.
    ///
    /// # Errors
    /// [`IdentityError`] when there are no keys that may still be used.
    pub async fn keys_for(&self, kid: Option<&str>) -> Result<Arc<ProviderKeys>, IdentityError> {
        // The lock is held over the fetch: callers that come together wait for one answer.
        let mut state = self.state.lock().await;
        let now = self.clock.now();
        if let Some(kept) = &state.kept {
            let fresh = kept.is_younger_than(FRESH_SECONDS, now);
            let known = kid.is_none() || kept.keys.knows(kid);
            if fresh && (known || !state.may_ask(now)) {
                return Ok(kept.keys.clone());
            }
        }
        if state.may_ask(now) {
            state.asked_at = Some(now);
            match self.fetch().await {
                Ok(keys) => {
                    state.failure = None;
                    state.kept = Some(Kept { keys: Arc::new(keys), fetched_at: now });
                }
                Err(error) => {
                    tracing::warn!(%error, "the issuer's keys could not be fetched");
                    state.failure = Some(error);
                }
            }
        }
        state.usable(now)
    }

    async fn fetch(&self) -> Result<ProviderKeys, IdentityError> {
        let address = format!("{}/.well-known/openid-configuration", self.issuer.trim_end_matches('/'));
        let document: Discovery = serde_json::from_slice(&fetch::get(&self.http, &address).await?)
            .map_err(|_| IdentityError::Unusable("the discovery document is not one"))?;
        if document.issuer != self.issuer {
            return Err(IdentityError::Unusable("the discovery document names another issuer"));
        }
        let raw = fetch::get(&self.http, &document.jwks_uri).await?;
        ProviderKeys::from_jwks(&raw).map_err(|_| IdentityError::Unusable("the key set is not one"))
    }
}

impl State {
    fn may_ask(&self, now: UnixSeconds) -> bool {
        self.asked_at.is_none_or(|asked| !(0..PAUSE_SECONDS).contains(&(now - asked)))
    }

    fn usable(&self, now: UnixSeconds) -> Result<Arc<ProviderKeys>, IdentityError> {
        match &self.kept {
            Some(kept) if kept.is_younger_than(KEPT_SECONDS, now) => Ok(kept.keys.clone()),
            _ => Err(self.failure.clone().unwrap_or(IdentityError::Unreachable("asked a moment ago".into()))),
        }
    }
}

impl Kept {
    /// A clock that went backwards makes nothing young again.
    fn is_younger_than(&self, seconds: i64, now: UnixSeconds) -> bool {
        (0..seconds).contains(&(now - self.fetched_at))
    }
}

#[cfg(test)]
mod tests;
