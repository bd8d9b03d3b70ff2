use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use checkpoint::LogVerifier;
use domain::{Clock, PersonId, UnixSeconds};
use identity::ProviderSource;
use policy::Policy;
use recording::IngestSecret;
use serve::{Authenticator, ProblemResponse};
use statement::{ProviderKeys, Trust};
use wire::event::{Append, Receipt};

use crate::problem;
use crate::roster::Roster;
use crate::sequencer::{NewEvent, Writer};
use crate::store::{self, Reader};

/// Refusals of one person that are written down in one minute; the rest are refused without an entry.
const NOTED_PER_MINUTE: u32 = 30;
/// The same for calls that nobody can be named for, all together.
const NOBODYS_PER_MINUTE: u32 = 6;

/// Everything that the routes share.
pub(crate) struct Audit {
    pub trust: Trust,
    pub policy: Policy,
    pub reader: Reader,
    pub writer: Writer,
    pub clock: Arc<dyn Clock>,
    pub provider: Arc<ProviderSource>,
    pub authenticator: Authenticator,
    pub ingest: IngestSecret,
    pub verifier: LogVerifier,
    pub roster: Roster,
    /// Held while batches are put into segments: one at a time.
    pub folding: tokio::sync::Mutex<()>,
    pub noted: Noted,
}

/// How many refusals were written down this minute, by person.
#[derive(Debug, Default)]
pub(crate) struct Noted(Mutex<(UnixSeconds, HashMap<Option<PersonId>, u32>)>);

impl Audit {
    pub fn now(&self) -> UnixSeconds {
        self.clock.now()
    }

    /// The issuer's keys, with the one that signed the token if the issuer has it.
    pub async fn provider_keys(&self, kid: Option<&str>) -> Result<Arc<ProviderKeys>, ProblemResponse> {
        self.provider.keys_for(kid).await.map_err(|error| {
            tracing::warn!(%error, "no provider keys");
            problem::provider_unreachable()
        })
    }

    /// Appends an Event of this service.
    pub async fn note(&self, append: Append) -> Result<Receipt, ProblemResponse> {
        self.writer.append(NewEvent::own(append)).await
    }

    /// Writes a refusal down, within bounds, and gives it back.
    pub async fn refuse(
        &self,
        person: Option<&PersonId>,
        mut event: Append,
        refusal: ProblemResponse,
    ) -> ProblemResponse {
        if self.noted.may(person, self.now()) {
            event = event.fact("code", refusal.code());
            if let Some(person) = person {
                event = event.personal("person", person.to_string());
            }
            if let Err(failed) = self.note(event).await {
                return failed;
            }
        }
        refusal
    }

    /// Whether what a signer saw is the beginning of this log. Nothing seen yet is.
    pub async fn check_seen(&self, note: &str) -> Result<(), ProblemResponse> {
        if note.is_empty() {
            return Ok(());
        }
        let seen = self.verifier.open(note).map_err(|_| problem::other_log())?;
        if seen.size > self.writer.head().size {
            return Err(problem::other_log());
        }
        let root = store::root_at(&mut *self.reader.connection().await?, seen.size).await?;
        if root == seen.root { Ok(()) } else { Err(problem::other_log()) }
    }

    /// The proof of an entry against the last head.
    pub async fn receipt(&self, index: u64) -> Result<Receipt, ProblemResponse> {
        let head = self.writer.head();
        Ok(store::receipt(&mut *self.reader.connection().await?, index, head.size, &head.note).await?)
    }
}

impl Noted {
    fn may(&self, person: Option<&PersonId>, now: UnixSeconds) -> bool {
        // Nothing panics while the lock is held, so a poisoned one still guards a whole state.
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.0 != now / 60 {
            *noted = (now / 60, HashMap::new());
        }
        let used = noted.1.entry(person.cloned()).or_default();
        *used += 1;
        *used <= if person.is_some() { NOTED_PER_MINUTE } else { NOBODYS_PER_MINUTE }
    }
}
