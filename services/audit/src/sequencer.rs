//! The one writer. Jobs that wait are taken together, of each source in turn: one transaction, one new head, one
//! acknowledgement for all.
//!
//! Order in a group: each command is asked for what refuses it, and what others may ask of it is written; then the leaves
//! that waited and what belongs to them, leaf hashes computed again from the stored bytes, nodes, the signed head, commit,
//! the head's copy beside the objects, and only then the answers. Receipts are made of the hashes that were just computed,
//! while the disk is waited for: nothing is read for them. A write that fails ends it.

mod adopting;
mod break_glass;
mod command;
mod cosigning;
mod examining;
mod extending;
mod forgetting;
mod keys;
mod lanes;
mod leaf;
mod one;
mod recordings;
mod revealing;
mod revoking;
mod standing;
mod stored;
#[cfg(test)]
mod tests;
mod text;
mod tree;
mod waiting;
mod writer;

use std::sync::Arc;

use checkpoint::LogSigner;
use domain::{Clock, UnixMillis};
use serve::ProblemResponse;
use sqlx::sqlite::SqliteConnection;
use tokio::sync::watch;

pub(crate) use adopting::NewPolicy;
pub(crate) use break_glass::{NewPermission, NewSeen, NewUse};
pub(crate) use command::{
    Command, Done, Fold, NewBatch, NewEvent, NewExtension, NewKeys, NewRecording, NewReview, NewSeal, Progress,
    SealedOriginals,
};
pub(crate) use cosigning::NewCosignature;
pub(crate) use examining::NewExamination;
pub(crate) use forgetting::{NewExpiry, NewForgetting, Swept};
pub(crate) use keys::load_keys;
pub(crate) use leaf::PK_TOKEN;
pub(crate) use revealing::NewRevealing;
pub(crate) use revoking::{Holder, is_revoked, revoked_by};
#[cfg(test)]
pub(crate) use standing::IS_OVER;
pub(crate) use standing::Signed;
pub(crate) use writer::{Head, Writer};

use lanes::Lanes;
use tree::Grown;
use waiting::Entry;
use writer::Job;

use crate::error::StoreError;
use crate::problem;
use crate::store::{self, HeadFile, Log, count};
use crate::vault::{Owner, Vault};

/// Jobs that are taken into one transaction at most.
const GROUP: usize = 64;
/// The clock may step back this far; times then stand still. Further, and nothing is written until it has caught up.
const STEP_BACK_MILLIS: i64 = 5_000;

/// Why a command had no effect.
pub(crate) enum Stop {
    Refused(ProblemResponse),
    Failed(StoreError),
}

impl<E: Into<StoreError>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// The writer's own state. Nothing else holds the connection or the signing key.
pub(crate) struct Sequencer {
    connection: SqliteConnection,
    log: Log,
    /// The index of the next leaf: ahead of `log` inside a transaction.
    next: u64,
    /// The time of the last leaf: as `next`.
    last_at: UnixMillis,
    /// Leaves below `next` that are not in their table yet.
    waiting: Vec<Entry>,
    signer: LogSigner,
    vault: Arc<Vault>,
    /// Whose keys are destroyed with this transaction.
    destroyed: Vec<Owner>,
    /// Whether the write-ahead file may hold a destroyed key.
    must_scrub: bool,
    clock: Arc<dyn Clock>,
    head_file: HeadFile,
    jobs: Lanes<Job>,
    head: watch::Sender<Head>,
}

impl Sequencer {
    pub fn new(
        connection: SqliteConnection,
        log: Log,
        signer: LogSigner,
        vault: Arc<Vault>,
        clock: Arc<dyn Clock>,
        head_file: HeadFile,
    ) -> (Self, Writer) {
        let (sender, jobs) = lanes::lanes();
        let next = log.frontier.size();
        let (head, shown) = watch::channel(Head { size: next, note: log.note.clone() });
        let writer = Writer { jobs: sender, head: shown, vault: vault.clone() };
        let (last_at, waiting) = (log.last_at, Vec::new());
        let (destroyed, must_scrub) = (Vec::new(), false);
        let sequencer = Self {
            connection,
            log,
            next,
            last_at,
            waiting,
            signer,
            vault,
            destroyed,
            must_scrub,
            clock,
            head_file,
            jobs,
            head,
        };
        (sequencer, writer)
    }

    /// Works until every [`Writer`] is gone.
    ///
    /// # Errors
    /// The first write that failed; the process must end then.
    pub async fn run(mut self) -> Result<(), StoreError> {
        while self.turn().await? {}
        store::close(self.connection).await
    }

    /// Waits for jobs and does those that wait by then: whether more may come.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub async fn turn(&mut self) -> Result<bool, StoreError> {
        let group = self.jobs.next(GROUP).await;
        if group.is_empty() {
            return Ok(false);
        }
        let (commands, answers): (Vec<_>, Vec<_>) = group.into_iter().map(|j| (j.command, j.answer)).unzip();
        let results = match self.group(commands).await {
            Ok(results) => results,
            Err(error) if error.is_full() => self.give_up(answers.len()).await?,
            Err(error) => {
                // The answers are dropped: whoever waits learns that nothing was acknowledged.
                tracing::error!(%error, "a write failed; the service ends");
                return Err(error);
            }
        };
        for (answer, result) in answers.into_iter().zip(results) {
            let _ = answer.send(result);
        }
        Ok(true)
    }

    async fn group(&mut self, commands: Vec<Command>) -> Result<Vec<Answer>, StoreError> {
        self.make_keys(&commands).await?;
        let begun = commands.iter().any(Command::asks);
        if begun {
            sqlx::query("BEGIN IMMEDIATE").execute(&mut self.connection).await?;
        }
        let mut results = Vec::with_capacity(commands.len());
        for command in commands {
            let has_key = !command.owner().is_some_and(|owner| self.vault.lacks(&owner));
            results.push(if has_key { self.one(command).await? } else { Err(problem::no_key()) });
        }
        let grown = self.integrate(begun).await?;
        if grown.grows() {
            self.head_file.prepare()?;
        }
        // The receipts are made while the disk is waited for; nobody sees them before.
        let (committed, results) = tokio::join!(self.commit(&grown), async { answers(&grown, results) });
        committed?;
        self.drop_destroyed();
        let (results, next) = (results?, grown.log);
        if next.frontier.size() != self.log.frontier.size() {
            // Committed already: a head that cannot be put beside the objects ends the service, full disk or not.
            self.head_file.write(&next.note).await?;
            self.head.send_replace(Head { size: next.frontier.size(), note: next.note.clone() });
        }
        self.log = next;
        self.scrub().await?;
        Ok(results)
    }

    /// The disk is full: nothing of the group was kept, nobody is told otherwise, and reading goes on.
    async fn give_up(&mut self, jobs: usize) -> Result<Vec<Answer>, StoreError> {
        tracing::error!("the disk is full; nothing is written until there is room");
        // SQLite may have rolled back by itself already; then this statement has nothing to do and says so.
        let _ = sqlx::query("ROLLBACK").execute(&mut self.connection).await;
        let (size,): (i64,) =
            sqlx::query_as("SELECT COALESCE(MAX(size), 0) FROM heads").fetch_one(&mut self.connection).await?;
        if count(size) != self.log.frontier.size() {
            return Err(StoreError::damaged("a rolled-back transaction left something behind"));
        }
        (self.next, self.last_at) = (self.log.frontier.size(), self.log.last_at);
        self.waiting.clear();
        self.destroyed.clear();
        Ok((0..jobs).map(|_| Err(problem::disk_full())).collect())
    }
}

type Answer = Result<Done, ProblemResponse>;

/// Each new leaf's receipt in its place.
fn answers(grown: &Grown, mut results: Vec<Answer>) -> Result<Vec<Answer>, StoreError> {
    for result in &mut results {
        if let Ok(Done::Leaf(index)) = *result {
            *result = Ok(Done::Receipt(grown.receipt(index)?));
        }
    }
    Ok(results)
}
