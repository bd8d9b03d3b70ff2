//! The issuer's key sets as this service saw them one after another. Each change is an entry of the log, written with the
//! set itself, so that whoever comes later can prove what was published when.

use std::sync::{Arc, Weak};
use std::time::Duration;

use serve::ProblemResponse;
use statement::{KnownKeys, PkToken, ProviderKeys, SeenKeys};
use tokio::sync::Mutex;
use wire::audit::{LoggedKeys, ProviderKeySets};
use wire::event::{Append, Event, EventKind, Source};

use crate::audit::Audit;
use crate::error::StoreError;
use crate::sequencer::{Command, NewKeys};
use crate::store;

/// The issuer is looked at so often, called or not: a set that nobody saw would be missing for ever.
const LOOKED_AT_EVERY: Duration = Duration::from_secs(60);

/// What was seen so far, read from the log at the first look.
#[derive(Default)]
pub(crate) struct Issuer {
    seen: Mutex<Option<Vec<Logged>>>,
    /// The answer for this many sets; a receipt stays good while the log grows.
    answer: Mutex<Option<(usize, Arc<ProviderKeySets>)>>,
}

#[derive(Clone)]
struct Logged {
    index: u64,
    seen: SeenKeys,
}

impl Audit {
    /// The issuer's keys of now, with the one that signed the token if the issuer has it, and those of before. A set
    /// that was not seen before is in the log when this returns.
    pub(crate) async fn known_keys(&self, kid: Option<&str>) -> Result<Arc<KnownKeys>, ProblemResponse> {
        let current = self.provider_keys(kid).await?;
        let seen = self.seen_with(Some(&current)).await?;
        let seen: Vec<SeenKeys> = seen.into_iter().map(|s| s.seen).collect();
        Ok(Arc::new(KnownKeys::from_seen(current, &seen, self.now())))
    }

    /// [`Self::known_keys`], asked for more while a token needs a key that is in none of the sets.
    pub(crate) async fn keys_for_tokens<T: AsRef<str>>(&self, tokens: &[T]) -> Result<Arc<KnownKeys>, ProblemResponse> {
        let mut known = self.known_keys(None).await?;
        for token in tokens.iter().filter_map(|t| PkToken::read(t.as_ref()).ok()) {
            let kid = token.provider_kid();
            if !known.knows(kid.as_deref()) {
                known = self.known_keys(kid.as_deref()).await?;
            }
        }
        Ok(known)
    }

    /// The other sets that tokens of these need which `set` cannot verify, oldest first.
    pub(crate) async fn more_keys_for(
        &self,
        tokens: &[String],
        set: &ProviderKeys,
    ) -> Result<Vec<String>, ProblemResponse> {
        let kids = tokens.iter().filter_map(|t| PkToken::read(t).ok()).map(|t| t.provider_kid());
        let missing: Vec<Option<String>> = kids.filter(|kid| !set.knows(kid.as_deref())).collect();
        let mut more: Vec<String> = Vec::new();
        for Logged { seen, .. } in self.seen_with(None).await? {
            let needed = missing.iter().any(|kid| seen.keys.knows(kid.as_deref()));
            let text = String::from_utf8(seen.keys.raw().to_vec()).map_err(|_| StoreError::damaged("a key set"))?;
            if needed && !more.contains(&text) {
                more.push(text);
            }
        }
        Ok(more)
    }

    /// Every set with the proof of its entry.
    pub(crate) async fn key_sets(&self) -> Result<Arc<ProviderKeySets>, ProblemResponse> {
        if let Err(problem) = self.known_keys(None).await {
            tracing::warn!(code = problem.code(), "the issuer's keys of now may be missing from the list");
        }
        let seen = self.seen_with(None).await?;
        let mut answer = self.issuer.answer.lock().await;
        if let Some((_, sets)) = answer.as_ref().filter(|(count, _)| *count == seen.len()) {
            return Ok(sets.clone());
        }
        let sets = Arc::new(ProviderKeySets { sets: self.proven(&seen).await? });
        *answer = Some((seen.len(), sets.clone()));
        Ok(sets)
    }

    async fn proven(&self, seen: &[Logged]) -> Result<Vec<LoggedKeys>, ProblemResponse> {
        let head = self.writer.head();
        let mut connection = self.reader.connection().await?;
        let mut sets = Vec::new();
        for Logged { index, seen } in seen {
            let jwks = String::from_utf8(seen.keys.raw().to_vec()).map_err(|_| StoreError::damaged("a key set"))?;
            let receipt = store::receipt(&self.reader.tree, &mut connection, *index, head.size, &head.note).await?;
            sets.push(LoggedKeys { jwks, receipt });
        }
        Ok(sets)
    }

    /// What was seen, `current` included: when the last look showed another set, the change is written down first.
    async fn seen_with(&self, current: Option<&Arc<ProviderKeys>>) -> Result<Vec<Logged>, ProblemResponse> {
        // The lock is held over the append, so that one change is one entry.
        let mut kept = self.issuer.seen.lock().await;
        let mut seen = match kept.take() {
            Some(seen) => seen,
            None => self.read_seen().await?,
        };
        let last = seen.last().map(|s| s.seen.keys.clone());
        let changed = current.filter(|now| last.as_ref().is_none_or(|last| !last.holds_the_same(now)));
        if let Some(current) = changed {
            match self.write_seen(current, last.as_deref()).await {
                Ok(logged) => seen.push(logged),
                Err(problem) => {
                    *kept = Some(seen);
                    return Err(problem);
                }
            }
        }
        Ok(kept.insert(seen).clone())
    }

    async fn write_seen(
        &self,
        current: &Arc<ProviderKeys>,
        last: Option<&ProviderKeys>,
    ) -> Result<Logged, ProblemResponse> {
        let mut event = Append::new(EventKind::ProviderKeysSeen).fact("provider-keys", current.digest().as_str());
        if let Some(last) = last {
            event = event.fact("previous", last.digest().as_str());
        }
        let new = NewKeys { jwks: current.raw().to_vec(), event };
        let receipt = self.writer.perform(Command::Keys(Box::new(new))).await?.receipt()?;
        let event: Event = serde_json::from_str(&receipt.leaf).map_err(|_| StoreError::damaged("a new leaf"))?;
        let seen = SeenKeys { keys: current.clone(), at: event.at.div_euclid(1000) };
        Ok(Logged { index: receipt.index, seen })
    }

    async fn read_seen(&self) -> Result<Vec<Logged>, StoreError> {
        let sets = self.reader.provider_keys().await?;
        let mut seen = Vec::new();
        for row in self.reader.leaves_about_keys().await? {
            let damaged = || StoreError::damaged(format!("leaf {}", row.index));
            let event: Event = serde_json::from_str(&row.leaf).map_err(|_| damaged())?;
            if event.source != Source::Audit {
                continue;
            }
            let raw = event.facts.get("provider-keys").and_then(|digest| sets.get(digest)).ok_or_else(damaged)?;
            let keys = ProviderKeys::from_jwks(raw).map_err(|_| damaged())?;
            let at = event.at.div_euclid(1000);
            seen.push(Logged { index: row.index, seen: SeenKeys { keys: Arc::new(keys), at } });
        }
        Ok(seen)
    }
}

/// Looks at the issuer now and then; ends with the service.
pub(crate) async fn watch(audit: Weak<Audit>) {
    loop {
        tokio::time::sleep(LOOKED_AT_EVERY).await;
        let Some(audit) = audit.upgrade() else { return };
        if let Err(problem) = audit.known_keys(None).await {
            tracing::warn!(code = problem.code(), "the issuer's keys could not be looked at");
        }
    }
}
