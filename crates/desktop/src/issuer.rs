//! The issuer's keys as this computer knows them: those of now from the issuer, those of before from the log.

use std::sync::{Arc, Mutex, PoisonError};

use client::CallError;
use domain::{Clock, Digest, UnixSeconds};
use identity::{IdentityError, SignInError};
use statement::{KnownKeys, PkToken, ProviderKeys, SeenKeys};

use crate::fault::{call, fault};
use crate::joined::Joined;
use crate::view::UiError;

/// The audit service is asked no more often than this, in seconds.
const PAUSE_SECONDS: i64 = 10;

/// The key sets that the log proved to this run.
pub(crate) struct LoggedSets {
    clock: Arc<dyn Clock>,
    seen: Mutex<Arc<Vec<SeenKeys>>>,
    /// When the audit service was last asked; held while it is.
    asked_at: tokio::sync::Mutex<Option<UnixSeconds>>,
}

impl LoggedSets {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, seen: Mutex::default(), asked_at: tokio::sync::Mutex::default() }
    }
}

impl Joined {
    /// The issuer's keys that `pk_tokens` need. A token that cannot be read is passed over here and refused where it is
    /// verified.
    pub(crate) async fn keys_for<T: AsRef<str>>(&self, pk_tokens: &[T]) -> Result<Arc<KnownKeys>, UiError> {
        let mut known = self.known(self.provider.keys_for(None).await.map_err(unreachable)?);
        for token in pk_tokens {
            let Ok(token) = PkToken::read(token.as_ref()) else { continue };
            let kid = token.provider_kid();
            if known.knows(kid.as_deref()) {
                continue;
            }
            let current = self.provider.keys_for(kid.as_deref()).await.map_err(unreachable)?;
            if !current.knows(kid.as_deref()) {
                self.look_in_the_log().await?;
            }
            known = self.known(current);
        }
        Ok(Arc::new(known))
    }

    /// As the keys were known when a service verified something with `set`, and said so in the log.
    pub(crate) async fn keys_when(&self, set: &Digest, at: UnixSeconds) -> Result<KnownKeys, UiError> {
        let current = self.provider.keys_for(None).await.map_err(unreachable)?;
        if current.digest() != set && self.known(current.clone()).when(set, at).is_none() {
            self.look_in_the_log().await?;
        }
        let known = self.known(current);
        Ok(known.when(set, at).unwrap_or_else(|| known.as_of(at)))
    }

    /// Every set that is known, those of before from the log, for pinning them: without the audit service, fewer.
    pub(crate) async fn all_keys(&self) -> Result<KnownKeys, UiError> {
        match self.look_in_the_log().await {
            Err(error) if matches!(error.code.as_str(), "log-broken" | "not-in-the-log") => return Err(error),
            Err(error) => tracing::warn!(code = error.code, "the issuer's earlier keys are not known here"),
            Ok(()) => {}
        }
        Ok(self.known(self.provider.keys_for(None).await.map_err(unreachable)?))
    }

    fn known(&self, current: Arc<ProviderKeys>) -> KnownKeys {
        let seen = self.logged_sets.seen.lock().unwrap_or_else(PoisonError::into_inner).clone();
        KnownKeys::from_seen(current, &seen, self.logged_sets.clock.now())
    }

    /// Learns which sets the audit service saw, each proven in the log, unless it was asked a moment ago.
    async fn look_in_the_log(&self) -> Result<(), UiError> {
        let mut asked_at = self.logged_sets.asked_at.lock().await;
        let now = self.logged_sets.clock.now();
        if asked_at.is_some_and(|asked| (0..PAUSE_SECONDS).contains(&(now - asked))) {
            return Ok(());
        }
        let answer = self.log.client.provider_keys().await.map_err(|e: CallError| call("the audit service")(e))?;
        let mut proven = Vec::new();
        for set in &answer.sets {
            let (event, _) = self.log.prove(&set.receipt).await?;
            proven.push((set.receipt.index, event, set.jwks.as_str()));
        }
        let seen = identity::logged_keys(proven).map_err(|error| {
            tracing::error!(%error, "the issuer's keys in the log");
            fault(
                "log-broken",
                "What the audit log says of the issuer's keys cannot be believed.",
                "Sign nothing and open nothing. Call security, and keep this computer as it is.",
            )
        })?;
        *asked_at = Some(now);
        *self.logged_sets.seen.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(seen);
        Ok(())
    }
}

fn unreachable(error: IdentityError) -> UiError {
    UiError::from(SignInError::from(error))
}
