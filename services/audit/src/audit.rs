use std::sync::Arc;

use checkpoint::LogVerifier;
use domain::{Clock, UnixSeconds};
use identity::ProviderSource;
use recording::IngestSecret;
use serve::{Authenticator, ProblemResponse};
use statement::{ProviderKeys, Trust};
use wire::event::{Append, Receipt};

use crate::adopting::Adopting;
use crate::contacts::Contacts;
use crate::issuer::Issuer;
use crate::noted::{Noted, Whom, repeated};
use crate::problem;
use crate::read_up_to::ReadUpTo;
use crate::roster::Roster;
use crate::segments::Unpacking;
use crate::sequencer::{NewEvent, Writer};
use crate::so_far::SoFar;
use crate::store::{self, Reader};
use crate::tally::Tally;
use crate::watches::Watches;
use crate::witnesses::Outside;

/// Everything that the routes share.
pub(crate) struct Audit {
    pub trust: Trust,
    pub adopting: Adopting,
    pub reader: Reader,
    pub writer: Writer,
    pub clock: Arc<dyn Clock>,
    pub provider: Arc<ProviderSource>,
    pub authenticator: Authenticator,
    pub ingest: Arc<IngestSecret>,
    pub verifier: LogVerifier,
    pub roster: Roster,
    pub issuer: Issuer,
    /// Held while batches are put into segments: one at a time.
    pub folding: tokio::sync::Mutex<()>,
    pub unpacking: Unpacking,
    pub tally: Tally,
    pub read_up_to: ReadUpTo,
    pub noted: Noted,
    pub hours: serve::Hours,
    pub witnesses: Vec<Arc<Outside>>,
    pub contacts: Contacts,
    pub watches: Watches,
    pub so_far: SoFar,
    pub started_at: UnixSeconds,
}

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
    pub async fn refuse(&self, whom: &Whom, event: Append, refusal: ProblemResponse) -> ProblemResponse {
        self.note_repeated().await;
        if self.noted.may(whom, self.now())
            && let Err(failed) = self.note(whom.signed(event.fact("code", refusal.code()))).await
        {
            return failed;
        }
        refusal
    }

    /// Writes down how many refusals of earlier minutes have no entry of their own.
    pub async fn note_repeated(&self) {
        for (whom, count) in self.noted.owed(self.now()) {
            if let Err(failed) = self.note(repeated(&whom, count)).await {
                tracing::warn!(code = failed.code(), count, "refusals wait to be counted in the log");
                self.noted.owe(whom, count, self.now());
            }
        }
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
        let root = self.reader.tree.root_at(&mut *self.reader.connection().await?, seen.size).await?;
        if root == seen.root { Ok(()) } else { Err(problem::other_log()) }
    }

    /// The proof of an entry against the last head.
    pub async fn receipt(&self, index: u64) -> Result<Receipt, ProblemResponse> {
        let head = self.writer.head_over(index).await?;
        Ok(store::receipt(&self.reader.tree, &mut *self.reader.connection().await?, index, head.size, &head.note)
            .await?)
    }
}
