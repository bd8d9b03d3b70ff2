//! The audit log as the gateway sees it: its Checkpoints, verified and consistent with each other, and proofs in it.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;

use checkpoint::{Checkpoint, LogVerifier, Relation};
use client::{CallError, ServiceClient};
use domain::Clock;
use statement::seen_in;
use tokio::sync::Mutex;
use wire::audit::{Consistency, Time, hashes};
use wire::event::{Event, Receipt};
use wire::gateway::LogShown;

/// How far from the audit service's clock a gateway may be and still open anything, in milliseconds.
pub(crate) const MAX_SKEW_MILLIS: i64 = 5_000;

/// Why the log cannot be relied on at this moment.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    #[error("the audit service: {0}")]
    Call(#[from] CallError),
    /// The log contradicts what was seen of it: never to be passed over.
    #[error("the audit log contradicts itself: {0}")]
    Broken(&'static str),
    /// Somebody who signed something saw a log that this one is not.
    #[error("a signer was shown another log: {0}")]
    Another(&'static str),
    #[error("the clock is {0} ms from the audit service's")]
    Clock(i64),
    /// Without it a later run could be shown another log.
    #[error("the log's head cannot be kept: {0}")]
    NotKept(io::Error),
}

/// What an earlier run kept of the log is there and is of no use: whoever damaged it may want it forgotten.
#[derive(Debug, thiserror::Error)]
#[error(
    "{} is there but {why}. Put the file back from a backup; remove it only after an administrator has compared the \
     audit log with a checkpoint that somebody else kept", .file.display()
)]
pub struct UnusableHead {
    file: PathBuf,
    why: &'static str,
}

/// A receipt whose place in the log was checked here. Only [`AuditLog::prove`] makes one.
#[derive(Debug, Clone)]
pub struct Proven {
    receipt: Receipt,
    event: Event,
}

impl Proven {
    #[must_use]
    pub fn receipt(&self) -> &Receipt {
        &self.receipt
    }

    #[must_use]
    pub fn event(&self) -> &Event {
        &self.event
    }
}

/// The log, seen through the audit service.
pub struct AuditLog {
    client: ServiceClient,
    verifier: LogVerifier,
    /// The last verified head, and the file that keeps its note over restarts.
    last: Mutex<Option<Checkpoint>>,
    kept_in: PathBuf,
}

impl AuditLog {
    /// With the pinned key. A head that an earlier run verified is read from `kept_in`.
    ///
    /// # Errors
    /// [`UnusableHead`] when that file is there and cannot be read, or this log did not sign it.
    pub fn new(client: ServiceClient, verifier: LogVerifier, kept_in: PathBuf) -> Result<Self, UnusableHead> {
        let unusable = |why| UnusableHead { file: kept_in.clone(), why };
        let last = match std::fs::read_to_string(&kept_in) {
            Ok(note) => Some(verifier.open(&note).map_err(|_| unusable("the pinned log did not sign what it says"))?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(_) => return Err(unusable("cannot be read")),
        };
        Ok(Self { client, verifier, last: Mutex::new(last), kept_in })
    }

    /// Checks that our clock is not far from the audit service's.
    ///
    /// # Errors
    /// [`LogError`].
    pub async fn check_clock(&self, clock: &dyn Clock) -> Result<(), LogError> {
        let asked = clock.now_millis();
        let time: Time = self.client.get_json("/v1/time").await?;
        let answered = clock.now_millis();
        // Whatever happened while the answer travelled lies between the two readings.
        let off = if time.now < asked { asked - time.now } else { (time.now - answered).max(0) };
        if off > MAX_SKEW_MILLIS { Err(LogError::Clock(off)) } else { Ok(()) }
    }

    /// The current head: signed, and a continuation of the last one seen here.
    ///
    /// # Errors
    /// [`LogError`].
    pub async fn head(&self) -> Result<Checkpoint, LogError> {
        Ok(self.look().await?.0)
    }

    async fn look(&self) -> Result<(Checkpoint, String), LogError> {
        // The lock is held over the calls, so that two readers cannot keep heads in the wrong order.
        let mut last = self.last.lock().await;
        let note = self.client.get_text("/checkpoint").await?;
        let head = self.open(&note)?;
        if let Some(last) = &*last {
            self.continues(last, &head).await?;
        }
        if last.as_ref() != Some(&head) {
            crate::disk::replace(&self.kept_in, note.as_bytes()).map_err(LogError::NotKept)?;
        }
        *last = Some(head.clone());
        Ok((head, note))
    }

    /// Checks that the Checkpoint in `note`, which a signer saw, is a beginning of `head`.
    ///
    /// # Errors
    /// [`LogError::Another`] when it is not, [`LogError::Call`] when that is not known.
    pub async fn saw_the_same(&self, note: &str, head: &Checkpoint) -> Result<(), LogError> {
        let same = match self.open(note) {
            Ok(seen) => self.continues(&seen, head).await,
            Err(error) => Err(error),
        };
        same.map_err(|error| if let LogError::Broken(why) = error { LogError::Another(why) } else { error })
    }

    /// The same of everybody who signed these statements, of those who enrolled them, and of the log as it is now. Whoever names
    /// nothing saw nothing.
    ///
    /// # Errors
    /// [`LogError`].
    pub async fn check_what_signers_saw(&self, enrols: &[String], statements: &[String]) -> Result<(), LogError> {
        let notes: Vec<String> = statements.iter().chain(enrols).filter_map(|text| seen_in(text)).collect();
        if notes.is_empty() {
            return Ok(());
        }
        let head = self.head().await?;
        for note in notes {
            self.saw_the_same(&note, &head).await?;
        }
        Ok(())
    }

    /// The head as it is now, and the path to it from each of these that is smaller.
    ///
    /// # Errors
    /// [`LogError`].
    pub async fn shown(&self, notes: &BTreeSet<String>) -> Result<LogShown, LogError> {
        let (head, note) = self.look().await?;
        let mut paths: BTreeMap<u64, Consistency> = BTreeMap::new();
        for earlier in notes {
            let earlier = self.open(earlier)?;
            if earlier.size > 0 && earlier.size < head.size && !paths.contains_key(&earlier.size) {
                paths.insert(earlier.size, self.consistency(earlier.size, head.size).await?);
            }
        }
        Ok(LogShown { head: note, paths: paths.into_values().collect() })
    }

    /// Checks a receipt: the leaf stands in a tree whose head the log signed and which continues `head`.
    ///
    /// # Errors
    /// [`LogError`].
    pub async fn prove(&self, receipt: Receipt, head: &Checkpoint) -> Result<Proven, LogError> {
        let proven = self.prove_alone(receipt)?;
        let of_receipt = self.open(&proven.receipt.checkpoint)?;
        if of_receipt.size >= head.size {
            self.continues(head, &of_receipt).await?;
        } else {
            self.continues(&of_receipt, head).await?;
        }
        Ok(proven)
    }

    /// As [`Self::prove`], for a receipt that was compared with the log before.
    ///
    /// # Errors
    /// [`LogError::Broken`].
    pub fn prove_alone(&self, receipt: Receipt) -> Result<Proven, LogError> {
        let head = self.open(&receipt.checkpoint)?;
        let path = hashes(&receipt.inclusion).ok_or(LogError::Broken("a path that is not one"))?;
        let leaf = merkle::leaf_hash(receipt.leaf.as_bytes());
        merkle::verify_inclusion(receipt.index, head.size, &leaf, &path, &head.root)
            .map_err(|_| LogError::Broken("the receipt does not lead to the signed head"))?;
        let event = serde_json::from_str(&receipt.leaf).map_err(|_| LogError::Broken("a leaf that is not an Event"))?;
        Ok(Proven { receipt, event })
    }

    fn open(&self, note: &str) -> Result<Checkpoint, LogError> {
        self.verifier.open(note).map_err(|_| LogError::Broken("a head that this log did not sign"))
    }

    async fn continues(&self, from: &Checkpoint, to: &Checkpoint) -> Result<(), LogError> {
        let path = async { self.consistency(from.size, to.size).await.map(|answer| answer.hashes()) };
        match Relation::asking(from, to, path).await? {
            Relation::Continues => Ok(()),
            Relation::Shorter => Err(LogError::Broken("the log is shorter than it was")),
            Relation::Forked => Err(LogError::Broken("two heads of one size")),
            Relation::Changed => Err(LogError::Broken("a head that does not continue an earlier one")),
        }
    }

    async fn consistency(&self, from: u64, to: u64) -> Result<Consistency, LogError> {
        Ok(self.client.get_json(&format!("/v1/consistency?from={from}&to={to}")).await?)
    }
}
