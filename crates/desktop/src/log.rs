mod cosigning;
mod memory;
mod page;
mod saw;
mod shown;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError};

use checkpoint::{Checkpoint, LogVerifier, Relation};
use client::LogClient;
use domain::{Clock, Digest};
use keys::{Lock, read_private, write_private};
use tokio::sync::Mutex;
use wire::audit::hashes;
use wire::event::{Event, Receipt};

use crate::fault::{call, fault};
use crate::view::{UiError, WitnessView};
use memory::{Broken, Memory, Remembered};
pub(crate) use page::paths_under;

/// How many verified Checkpoints are kept to be shown.
const KEPT: usize = 12;
/// So many notes that agreed are remembered, in memory only.
const MOST_AGREED: usize = 4096;

/// Remembers the last Checkpoint that this computer verified, and holds the log to it.
pub(crate) struct LogKeeper {
    path: PathBuf,
    verifier: LogVerifier,
    pub(crate) client: LogClient,
    clock: Arc<dyn Clock>,
    /// Notes that were found to be of this log. What agreed once agrees for good: the memory only grows.
    agreed: std::sync::Mutex<BTreeMap<Digest, Checkpoint>>,
    /// Held over a whole check, so that no older answer is compared with a newer memory.
    kept: Mutex<()>,
    /// What other witnesses saw, as of the last look.
    witnesses: std::sync::Mutex<Vec<WitnessView>>,
}

/// What became of keeping a Checkpoint.
enum Remembering {
    /// The memory holds this one now: the larger of both.
    Done(Checkpoint),
    /// Another process kept this one first.
    Meanwhile(Checkpoint),
}

impl LogKeeper {
    pub(crate) fn new(path: PathBuf, verifier: LogVerifier, client: LogClient, clock: Arc<dyn Clock>) -> Self {
        Self {
            path,
            verifier,
            client,
            clock,
            agreed: std::sync::Mutex::default(),
            kept: Mutex::new(()),
            witnesses: std::sync::Mutex::default(),
        }
    }

    /// Fetches the log's Checkpoint, verifies it, holds it to the last one, and remembers it.
    pub(crate) async fn check(&self) -> Result<Checkpoint, UiError> {
        let _one_at_a_time = self.kept.lock().await;
        let mut held_to = self.last()?;
        let note = self.client.checkpoint().await.map_err(call("the audit service"))?;
        // Cosignatures are of no use here: what is kept and shown on is the log's own word.
        let Ok((fresh, note)) = self.verifier.open_cosigned(&note) else {
            return Err(self.refuse("its Checkpoint is not signed with the key that this computer pinned", note));
        };
        if let Some(last) = &held_to
            && let Some(why) = self.contradiction(last, &fresh).await?
        {
            return Err(self.refuse(why, note));
        }
        loop {
            let meanwhile = match self.remember(held_to.as_ref(), &fresh, &note)? {
                Remembering::Done(larger) => return Ok(larger),
                Remembering::Meanwhile(theirs) => theirs,
            };
            // Asked at the same time, either may have got the older answer: that alone breaks nothing.
            let (older, newer) = if meanwhile.size < fresh.size { (&meanwhile, &fresh) } else { (&fresh, &meanwhile) };
            if let Some(why) = self.contradiction(older, newer).await? {
                return Err(self.refuse(why, note));
            }
            held_to = Some(meanwhile);
        }
    }

    /// Keeps the larger of two Checkpoints that agree, unless another process of the profile kept one meanwhile that
    /// `fresh` was not held to.
    fn remember(&self, held_to: Option<&Checkpoint>, fresh: &Checkpoint, note: &str) -> Result<Remembering, UiError> {
        let _one_process = self.lock()?;
        let mut memory = self.unbroken()?;
        let last = memory.last(&self.verifier)?;
        if let Some(last) = &last
            && Some(last) != held_to
        {
            return Ok(Remembering::Meanwhile(last.clone()));
        }
        let larger = last.filter(|last| last.size >= fresh.size);
        if larger.is_none() {
            memory.checkpoints.insert(0, Remembered { note: note.to_owned(), at: self.clock.now() });
            memory.checkpoints.truncate(KEPT);
        }
        memory.checked_at = Some(self.clock.now());
        self.write(&memory)?;
        Ok(Remembering::Done(larger.unwrap_or_else(|| fresh.clone())))
    }

    /// Checks a Checkpoint that somebody else saw (in a statement, in a receipt) against the log as seen from here.
    pub(crate) async fn agrees(&self, note: &str) -> Result<Checkpoint, UiError> {
        let name = statement::sha256(note);
        let known = self.agreed.lock().unwrap_or_else(PoisonError::into_inner).get(&name).cloned();
        if let Some(seen) = known {
            return self.unbroken().map(|_| seen);
        }
        let seen = self.compare(note).await?;
        let mut agreed = self.agreed.lock().unwrap_or_else(PoisonError::into_inner);
        if agreed.len() >= MOST_AGREED {
            agreed.clear();
        }
        agreed.insert(name, seen.clone());
        Ok(seen)
    }

    async fn compare(&self, note: &str) -> Result<Checkpoint, UiError> {
        let Ok(seen) = self.verifier.open(note) else {
            return Err(broken("a statement or receipt shows a Checkpoint that the log's key did not sign"));
        };
        let mut ours = self.last()?;
        if ours.as_ref().is_none_or(|ours| ours.size < seen.size) {
            ours = Some(self.check().await?);
        }
        let Some(ours) = ours else { return Err(broken("the log shows nothing")) };
        if ours.size < seen.size {
            let _one_at_a_time = self.kept.lock().await;
            return Err(self.refuse("somebody was shown a longer log than this computer is", note.to_owned()));
        }
        if let Some(why) = self.contradiction(&seen, &ours).await? {
            let _one_at_a_time = self.kept.lock().await;
            return Err(self.refuse(why, note.to_owned()));
        }
        Ok(seen)
    }

    /// Recomputes a receipt: the leaf's inclusion under a Checkpoint that agrees with the log as seen from here.
    pub(crate) async fn prove(&self, receipt: &Receipt) -> Result<(Event, Checkpoint), UiError> {
        let checkpoint = self.agrees(&receipt.checkpoint).await?;
        let path = hashes(&receipt.inclusion).ok_or_else(|| unproven("its path is not one"))?;
        let leaf = merkle::leaf_hash(receipt.leaf.as_bytes());
        merkle::verify_inclusion(receipt.index, checkpoint.size, &leaf, &path, &checkpoint.root)
            .map_err(|_| unproven("its path does not lead to the Checkpoint"))?;
        let event: Event = serde_json::from_str(&receipt.leaf).map_err(|_| unproven("its leaf is not an Event"))?;
        Ok((event, checkpoint))
    }

    /// The last verified Checkpoint as a signed note; empty before the first contact.
    pub(crate) fn seen(&self) -> Result<String, UiError> {
        Ok(self.unbroken()?.checkpoints.into_iter().next().map(|c| c.note).unwrap_or_default())
    }

    /// Why the newer one does not continue the older one, when it does not.
    async fn contradiction(&self, old: &Checkpoint, new: &Checkpoint) -> Result<Option<&'static str>, UiError> {
        let path = async { self.client.consistency(old.size, new.size).await.map(|proof| proof.hashes()) };
        let relation = Relation::asking(old, new, path).await.map_err(call("the audit service"))?;
        Ok(match relation {
            Relation::Continues => None,
            Relation::Shorter => Some("the log is shorter than this computer has seen it"),
            Relation::Forked => Some("the log shows two heads of one size"),
            Relation::Changed => Some("entries that this computer has seen were changed"),
        })
    }

    /// Remembers for good that the log is not to be believed, with what it showed. What was found first stays.
    fn refuse(&self, why: &'static str, shown: String) -> UiError {
        tracing::error!(why, "the audit log is broken");
        let kept = self.lock().and_then(|_one_process| {
            let mut memory = self.unbroken()?;
            memory.broken = Some(Broken { why: sentence(why), at: self.clock.now(), shown });
            self.write(&memory)
        });
        kept.map_or_else(|error| error, |()| broken(why))
    }

    /// Held while the memory is read and written again. Nothing waits for anybody under it.
    fn lock(&self) -> Result<Lock, UiError> {
        Ok(Lock::wait(&self.path.with_extension("lock"))?)
    }

    /// The last Checkpoint that was verified here.
    pub(crate) fn last(&self) -> Result<Option<Checkpoint>, UiError> {
        self.unbroken()?.last(&self.verifier)
    }

    fn unbroken(&self) -> Result<Memory, UiError> {
        let memory = self.read()?;
        match &memory.broken {
            Some(found) => Err(fault("log-broken", found.why.clone(), BROKEN_NEXT)),
            None => Ok(memory),
        }
    }

    fn read(&self) -> Result<Memory, UiError> {
        let Some(text) = read_private(&self.path)? else { return Ok(Memory::default()) };
        serde_json::from_slice(&text)
            .map_err(|_| fault("log-broken", "This computer's memory of the audit log was altered.", BROKEN_NEXT))
    }

    fn write(&self, memory: &Memory) -> Result<(), UiError> {
        let text = serde_json::to_vec(memory).unwrap_or_else(|_| unreachable!("plain structs serialize"));
        Ok(write_private(&self.path, &text)?)
    }
}

const BROKEN_NEXT: &str = "Sign nothing and open nothing. Call security, and keep this computer as it is.";

fn broken(why: &str) -> UiError {
    fault("log-broken", sentence(why), BROKEN_NEXT)
}

fn sentence(why: &str) -> String {
    format!("The audit log cannot be believed: {why}.")
}

fn unproven(why: &str) -> UiError {
    fault("not-in-the-log", format!("This is not proven to be in the log: {why}."), BROKEN_NEXT)
}

/// 32 bytes from their one base64url spelling.
fn hash(text: &str) -> Option<merkle::Hash> {
    statement::base64url_decode(text).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests;
