use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError};

use checkpoint::{Checkpoint, LogVerifier, words};
use client::LogClient;
use domain::{Clock, Digest, UnixSeconds};
use keys::{read_private, write_private};
use merkle::Hash;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use wire::event::{Event, Receipt};

use crate::fault::{call, fault};
use crate::view::{CheckpointView, LogVerdict, LogView, UiError};

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
}

/// The file in the profile. Written by whichever process of this profile checked last.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Memory {
    /// Newest first.
    checkpoints: Vec<Remembered>,
    /// Why the log is not believed any more. Nothing removes this but a person who removes the profile.
    broken: Option<Broken>,
    checked_at: Option<UnixSeconds>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Remembered {
    note: String,
    at: UnixSeconds,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Broken {
    why: String,
    at: UnixSeconds,
    /// What the log showed, for whoever looks into it.
    shown: String,
}

/// How two Checkpoints of one log relate.
enum Relation {
    Consistent,
    /// With the reason.
    Broken(&'static str),
}

impl LogKeeper {
    pub(crate) fn new(path: PathBuf, verifier: LogVerifier, client: LogClient, clock: Arc<dyn Clock>) -> Self {
        Self { path, verifier, client, clock, agreed: std::sync::Mutex::default(), kept: Mutex::new(()) }
    }

    /// Fetches the log's Checkpoint, verifies it, holds it to the last one, and remembers it.
    pub(crate) async fn check(&self) -> Result<Checkpoint, UiError> {
        let _one_at_a_time = self.kept.lock().await;
        let mut memory = self.unbroken()?;
        let note = self.client.checkpoint().await.map_err(call("the audit service"))?;
        let Ok(fresh) = self.verifier.open(&note) else {
            return Err(self.refuse(
                memory,
                "its Checkpoint is not signed with the key that this computer pinned",
                note,
            ));
        };
        if let Some(last) = memory.last(&self.verifier)? {
            if let Relation::Broken(why) = self.relation(&last, &fresh).await? {
                return Err(self.refuse(memory, why, note));
            }
            if last == fresh {
                memory.checked_at = Some(self.clock.now());
                self.write(&memory)?;
                return Ok(fresh);
            }
        }
        memory.checkpoints.insert(0, Remembered { note, at: self.clock.now() });
        memory.checkpoints.truncate(KEPT);
        memory.checked_at = Some(self.clock.now());
        self.write(&memory)?;
        Ok(fresh)
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
        let mut ours = self.unbroken()?.last(&self.verifier)?;
        if ours.as_ref().is_none_or(|ours| ours.size < seen.size) {
            ours = Some(self.check().await?);
        }
        let Some(ours) = ours else { return Err(broken("the log shows nothing")) };
        if ours.size < seen.size {
            return Err(broken("somebody was shown a longer log than this computer is"));
        }
        if let Relation::Broken(why) = self.relation(&seen, &ours).await? {
            let _one_at_a_time = self.kept.lock().await;
            return Err(self.refuse(self.unbroken()?, why, note.to_owned()));
        }
        Ok(seen)
    }

    /// Recomputes a receipt: the leaf's inclusion under a Checkpoint that agrees with the log as seen from here.
    pub(crate) async fn prove(&self, receipt: &Receipt) -> Result<(Event, Checkpoint), UiError> {
        let checkpoint = self.agrees(&receipt.checkpoint).await?;
        let path = receipt.inclusion.iter().map(|d| hash(d.as_str())).collect::<Option<Vec<_>>>();
        let path = path.ok_or_else(|| unproven("its path is not one"))?;
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

    /// What the windows show.
    pub(crate) fn view(&self, waiting: &str) -> LogView {
        let (memory, unreadable) = match self.read() {
            Ok(memory) => (memory, None),
            Err(error) => (Memory::default(), Some(error.message)),
        };
        let checkpoints: Vec<CheckpointView> = memory.checkpoints.iter().filter_map(|c| self.show(c)).collect();
        let newest = checkpoints.first();
        let why = memory.broken.map(|b| b.why).or(unreadable);
        let verdict = match (&why, newest) {
            (Some(_), _) => LogVerdict::Broken,
            (None, Some(_)) if waiting.is_empty() => LogVerdict::Intact,
            _ => LogVerdict::Waiting,
        };
        LogView {
            verdict,
            size: newest.map_or(0, |c| c.size),
            root: newest.map(|c| c.root.clone()).unwrap_or_default(),
            words: newest.map(|c| c.words.clone()).unwrap_or_default(),
            checked_at: memory.checked_at.map(crate::show::seconds),
            detail: why.unwrap_or_else(|| waiting.to_owned()),
            checkpoints,
        }
    }

    fn show(&self, kept: &Remembered) -> Option<CheckpointView> {
        let checkpoint = self.verifier.open(&kept.note).ok()?;
        Some(CheckpointView {
            size: u32::try_from(checkpoint.size).unwrap_or(u32::MAX),
            root: statement::base64url(checkpoint.root),
            words: words(&checkpoint.root).iter().map(|w| (*w).to_owned()).collect(),
            at: crate::show::seconds(kept.at),
        })
    }

    async fn relation(&self, old: &Checkpoint, new: &Checkpoint) -> Result<Relation, UiError> {
        if new.size < old.size {
            return Ok(Relation::Broken("the log is shorter than this computer has seen it"));
        }
        if new.size == old.size {
            let same = new.root == old.root;
            return Ok(if same {
                Relation::Consistent
            } else {
                Relation::Broken("the log shows two heads of one size")
            });
        }
        if old.size == 0 {
            return Ok(Relation::Consistent);
        }
        let proof = self.client.consistency(old.size, new.size).await.map_err(call("the audit service"))?;
        let path: Option<Vec<Hash>> = proof.path.iter().map(|d| hash(d.as_str())).collect();
        let holds = path
            .is_some_and(|path| merkle::verify_consistency(old.size, new.size, &path, &old.root, &new.root).is_ok());
        Ok(if holds {
            Relation::Consistent
        } else {
            Relation::Broken("entries that this computer has seen were changed")
        })
    }

    /// Remembers for good that the log is not to be believed, with what it showed.
    fn refuse(&self, mut memory: Memory, why: &'static str, shown: String) -> UiError {
        tracing::error!(why, "the audit log is broken");
        memory.broken = Some(Broken { why: sentence(why), at: self.clock.now(), shown });
        match self.write(&memory) {
            Ok(()) => broken(why),
            Err(error) => error,
        }
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

impl Memory {
    fn last(&self, verifier: &LogVerifier) -> Result<Option<Checkpoint>, UiError> {
        let Some(newest) = self.checkpoints.first() else { return Ok(None) };
        verifier
            .open(&newest.note)
            .map(Some)
            .map_err(|_| fault("log-broken", "This computer's memory of the audit log was altered.", BROKEN_NEXT))
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
fn hash(text: &str) -> Option<Hash> {
    statement::base64url_decode(text).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests;
