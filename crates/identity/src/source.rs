use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::{Clock, UnixSeconds};
use reqwest::Client;
use serde::Deserialize;
use statement::ProviderKeys;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::{IdentityError, fetch};

/// Keys are used this long without asking again, in seconds.
const FRESH_SECONDS: i64 = 600;
/// Keys are still used this long while the provider does not answer, in seconds.
const KEPT_SECONDS: i64 = 3600;
/// The provider is asked no more often than this, in seconds.
const PAUSE_SECONDS: i64 = 10;
/// Both documents together have to come within this.
const LONGEST_FETCH: Duration = Duration::from_secs(10);
/// Nobody waits longer for a fetch: it has always ended by then.
const LONGEST_WAIT: Duration = Duration::from_secs(11);
/// Whoever has a key that is known and kept waits no longer than this for a newer set.
const LONGEST_REFRESH: Duration = Duration::from_secs(2);

/// The keys of one pinned issuer, fetched from the issuer itself and from nobody else. One fetch is under way at a time;
/// whoever asks for a known key while the set is fresh waits for none.
pub struct ProviderSource(Arc<Inner>);

struct Inner {
    issuer: String,
    http: Client,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    /// Changes whenever a fetch has ended.
    ended: watch::Sender<()>,
}

#[derive(Default)]
struct State {
    kept: Option<Kept>,
    fetching: bool,
    asked_at: Option<UnixSeconds>,
    failure: Option<IdentityError>,
}

struct Kept {
    keys: Arc<ProviderKeys>,
    fetched_at: UnixSeconds,
}

/// What somebody who asks for keys does next.
enum Next {
    Answer(Result<Arc<ProviderKeys>, IdentityError>),
    Wait { longest: Duration, fetch: bool },
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
        let (state, ended) = (Mutex::default(), watch::Sender::new(()));
        Self(Arc::new(Inner { issuer: issuer.into(), http, clock, state, ended }))
    }

    /// The pinned issuer.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.0.issuer
    }

    /// The issuer's keys, at most ten minutes old, or one hour while it does not answer. A `kid` that the kept set
    /// does not have makes it ask again, at most every ten seconds; the set that comes back may still lack it.
    ///
    /// # Errors
    /// [`IdentityError`] when there are no keys that may still be used.
    pub async fn keys_for(&self, kid: Option<&str>) -> Result<Arc<ProviderKeys>, IdentityError> {
        let mut ended = self.0.ended.subscribe();
        let longest = match self.0.next(kid) {
            Next::Answer(answer) => return answer,
            Next::Wait { longest, fetch } => {
                if fetch {
                    // A task of its own: a caller who goes away takes the answer from nobody else.
                    tokio::spawn(self.0.clone().renew());
                }
                longest
            }
        };
        // Whichever way it ended, and if it did not: what is kept decides.
        let _ = timeout(longest, ended.changed()).await;
        let now = self.0.clock.now();
        self.0.lock().usable(now)
    }
}

impl Inner {
    fn next(&self, kid: Option<&str>) -> Next {
        let mut state = self.lock();
        let now = self.clock.now();
        let known = |keys: &ProviderKeys| kid.is_none() || keys.knows(kid);
        let kept = state.kept.as_ref().filter(|kept| known(&kept.keys));
        if let Some(kept) = kept.filter(|kept| kept.is_younger_than(FRESH_SECONDS, now)) {
            return Next::Answer(Ok(kept.keys.clone()));
        }
        let usable = kept.is_some_and(|kept| kept.is_younger_than(KEPT_SECONDS, now));
        let longest = if usable { LONGEST_REFRESH } else { LONGEST_WAIT };
        if state.fetching {
            return Next::Wait { longest, fetch: false };
        }
        if !state.may_ask(now) {
            return Next::Answer(state.usable(now));
        }
        state.asked_at = Some(now);
        state.fetching = true;
        Next::Wait { longest, fetch: true }
    }

    /// One fetch, and what is kept after it.
    async fn renew(self: Arc<Self>) {
        let ended = Ended(&self);
        let no_answer = || IdentityError::Unreachable("no answer in time".into());
        let fetched = timeout(LONGEST_FETCH, self.fetch()).await.unwrap_or_else(|_| Err(no_answer()));
        let mut state = self.lock();
        match fetched {
            Ok(keys) => {
                state.failure = None;
                state.keep(keys, self.clock.now());
            }
            Err(error) => {
                tracing::warn!(%error, "the issuer's keys could not be fetched");
                state.failure = Some(error);
            }
        }
        drop(state);
        drop(ended);
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

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// However a fetch ends, the next one may begin and whoever waits goes on.
struct Ended<'a>(&'a Inner);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.0.lock().fetching = false;
        self.0.ended.send_replace(());
    }
}

impl State {
    /// The same keys in another spelling are the set that is kept already: its digest stays.
    fn keep(&mut self, fetched: ProviderKeys, now: UnixSeconds) {
        let same = self.kept.take().map(|kept| kept.keys).filter(|keys| keys.holds_the_same(&fetched));
        self.kept = Some(Kept { keys: same.unwrap_or_else(|| Arc::new(fetched)), fetched_at: now });
    }

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
