//! The issuer's keys: those of now from the issuer itself, those of before from the log. An enrolment that an
//! administrator signed outlives the keys that the issuer published then; nothing else does.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use client::CallError;
use domain::{Digest, UnixSeconds};
use identity::IdentityError;
use statement::{KnownKeys, PkToken, ProviderKeys, SeenKeys};
use wire::audit::ProviderKeySets;

use super::Gate;
use super::words::{not_believed, not_reliable, refused};
use crate::log::LogError;
use crate::refused::Refused;

/// The audit service is asked no more often than this, in seconds.
const PAUSE_SECONDS: i64 = 10;
/// One path that continues the log is asked for each Checkpoint; the answer has one for all.
const MOST_CHECKPOINTS: usize = 4;

/// The key sets that the log proved to this run, and those that this gateway saw at the issuer itself.
pub struct LoggedSets {
    seen: Mutex<Arc<Vec<(u64, SeenKeys)>>>,
    /// When the audit service was last asked, and what was wrong then; held while it is asked.
    asked: tokio::sync::Mutex<Option<(UnixSeconds, Result<(), Wrong>)>>,
    /// How many entries the log had when this gateway first saw a set at the issuer, by the set's digest.
    own: tokio::sync::Mutex<BTreeMap<Digest, u64>>,
    own_file: PathBuf,
}

impl LoggedSets {
    /// With what earlier runs saw.
    ///
    /// # Errors
    /// Of the file system, also when the file is there and is not what an earlier run wrote.
    pub fn read(own_file: PathBuf) -> io::Result<Self> {
        let own = match std::fs::read(&own_file) {
            Ok(kept) => serde_json::from_slice(&kept)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(error),
        };
        Ok(Self {
            seen: Mutex::default(),
            asked: tokio::sync::Mutex::default(),
            own: tokio::sync::Mutex::new(own),
            own_file,
        })
    }
}

impl Gate {
    /// The issuer's keys that these tokens need. Whoever needs a key of before has it looked up in the log.
    pub(crate) async fn provider_keys(&self, pk_tokens: &[String]) -> Result<KnownKeys, Refused> {
        let current = self.provider.keys_for(None).await.map_err(|e| unreachable(&e))?;
        let mut known = self.known(current).await.map_err(|e| not_reliable(&e))?;
        for token in pk_tokens {
            let kid = PkToken::read(token).map_err(|r| not_believed(&r))?.provider_kid();
            if known.knows(kid.as_deref()) {
                continue;
            }
            let current = self.provider.keys_for(kid.as_deref()).await.map_err(|e| unreachable(&e))?;
            if !current.knows(kid.as_deref()) {
                self.look_in_the_log().await.map_err(|e| not_reliable(&e))?;
            }
            known = self.known(current).await.map_err(|e| not_reliable(&e))?;
        }
        Ok(known)
    }

    /// The current set, and those sets of before that the log had when this gateway first saw the current one. A set
    /// that the audit service claims to have been current later was none: this gateway saw another one itself.
    async fn known(&self, current: Arc<ProviderKeys>) -> Result<KnownKeys, LogError> {
        let size = self.first_seen(&current).await?;
        let seen = self.logged_sets.seen.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let counts = |(index, set): &&(u64, SeenKeys)| *index < size || set.keys.digest() == current.digest();
        let counted: Vec<SeenKeys> = seen.iter().filter(counts).map(|(_, set)| set.clone()).collect();
        Ok(KnownKeys::from_seen(current, &counted, self.clock.now()))
    }

    /// How many entries the log had when this gateway first saw this set, now if it never did.
    async fn first_seen(&self, current: &ProviderKeys) -> Result<u64, LogError> {
        let mut own = self.logged_sets.own.lock().await;
        if let Some(size) = own.get(current.digest()) {
            return Ok(*size);
        }
        let size = self.log.head().await?.size;
        own.insert(current.digest().clone(), size);
        let kept = serde_json::to_vec(&*own).map_err(|e| LogError::NotKept(e.into()))?;
        if let Err(error) = crate::disk::replace(&self.logged_sets.own_file, &kept) {
            own.remove(current.digest());
            return Err(LogError::NotKept(error));
        }
        Ok(size)
    }

    /// Learns which sets the audit service saw, each proven in the pinned log, unless it was asked a moment ago: a
    /// stranger's bundle must not ask it more often while it fails.
    async fn look_in_the_log(&self) -> Result<(), LogError> {
        let mut asked = self.logged_sets.asked.lock().await;
        let now = self.clock.now();
        if let Some((at, found)) = *asked
            && (0..PAUSE_SECONDS).contains(&(now - at))
        {
            return found.map_err(LogError::from);
        }
        let seen = self.logged().await;
        *asked = Some((now, seen.as_ref().map(|_| ()).map_err(Wrong::of)));
        *self.logged_sets.seen.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(seen?);
        Ok(())
    }

    async fn logged(&self) -> Result<Vec<(u64, SeenKeys)>, LogError> {
        let answer: ProviderKeySets = self.audit.get_json("/v1/provider-keys").await?;
        let head = self.log.head().await?;
        let (mut compared, mut proven): (Vec<String>, Vec<_>) = (Vec::new(), Vec::new());
        for set in &answer.sets {
            if !compared.contains(&set.receipt.checkpoint) {
                if compared.len() >= MOST_CHECKPOINTS {
                    return Err(LogError::Broken("proofs of one answer lead to many heads"));
                }
                self.log.prove(set.receipt.clone(), &head).await?;
                compared.push(set.receipt.checkpoint.clone());
            }
            let one = self.log.prove_alone(set.receipt.clone())?;
            proven.push((one.receipt().index, one.event().clone(), set.jwks.as_str()));
        }
        let places: Vec<u64> = proven.iter().map(|(index, ..)| *index).collect();
        let sets = identity::logged_keys(proven).map_err(|error| {
            tracing::error!(%error, "the issuer's keys in the log");
            LogError::Broken("what it says of the issuer's keys")
        })?;
        Ok(places.into_iter().zip(sets).collect())
    }
}

/// What was wrong with the log a moment ago.
#[derive(Debug, Clone, Copy)]
enum Wrong {
    Broken(&'static str),
    Away,
}

impl Wrong {
    fn of(error: &LogError) -> Self {
        if let LogError::Broken(why) = error { Self::Broken(why) } else { Self::Away }
    }
}

impl From<Wrong> for LogError {
    fn from(wrong: Wrong) -> Self {
        match wrong {
            Wrong::Broken(why) => Self::Broken(why),
            Wrong::Away => Self::Call(CallError::Unreachable {
                service: "the audit service".into(),
                why: "it did not a moment ago",
            }),
        }
    }
}

fn unreachable(error: &IdentityError) -> Refused {
    tracing::warn!(%error, "no keys of the issuer");
    refused(
        503,
        "provider-unreachable",
        "The identity provider does not answer.",
        "Nothing was opened. Try again in a minute.",
    )
}
