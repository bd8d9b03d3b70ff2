//! The one writer. Jobs that wait are taken together: one transaction, one new head, one acknowledgement for all.
//!
//! Order in a group: leaves and what belongs to them, then leaf hashes computed again from the stored bytes, nodes, the
//! signed head, commit, the head's copy beside the objects, and only then the answers. A write that fails ends it.

mod command;
mod leaf;
mod recordings;
mod text;

use std::sync::{Arc, PoisonError, RwLock};

use checkpoint::LogSigner;
use domain::Clock;
use merkle::leaf_hash;
use serve::ProblemResponse;
use sqlx::sqlite::SqliteConnection;
use tokio::sync::{mpsc, oneshot};
use wire::event::Receipt;

pub(crate) use command::{Command, Done, Fold, NewBatch, NewEvent, NewRecording, NewReview, NewSeal, Progress};
pub(crate) use leaf::PK_TOKEN;

use crate::error::StoreError;
use crate::problem;
use crate::store::{self, HeadFile, Log, count, sql};
use crate::vault::{Owner, Vault};

/// Jobs that are taken into one transaction at most.
const GROUP: usize = 64;
/// The clock may step back this far; times then stand still. Further, and nothing is written until it has caught up.
const STEP_BACK_MILLIS: i64 = 5_000;

/// The last acknowledged head.
#[derive(Debug, Clone, Default)]
pub(crate) struct Head {
    pub size: u64,
    pub note: String,
}

/// Hands jobs to the writer.
#[derive(Clone)]
pub(crate) struct Writer {
    jobs: mpsc::Sender<Job>,
    head: Arc<RwLock<Head>>,
}

struct Job {
    command: Command,
    answer: oneshot::Sender<Result<Done, ProblemResponse>>,
}

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
    signer: LogSigner,
    vault: Arc<Vault>,
    clock: Arc<dyn Clock>,
    head_file: HeadFile,
    jobs: mpsc::Receiver<Job>,
    head: Arc<RwLock<Head>>,
}

impl Writer {
    /// The last acknowledged head.
    pub fn head(&self) -> Head {
        self.head.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Does what the command says, durably.
    pub async fn perform(&self, command: Command) -> Result<Done, ProblemResponse> {
        let (answer, answered) = oneshot::channel();
        self.jobs.send(Job { command, answer }).await.map_err(|_| problem::stopped())?;
        answered.await.map_err(|_| problem::stopped())?
    }

    /// Appends one Event.
    pub async fn append(&self, event: NewEvent) -> Result<Receipt, ProblemResponse> {
        self.perform(Command::Append(Box::new(event))).await?.receipt()
    }
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
        let (sender, jobs) = mpsc::channel(4 * GROUP);
        let next = log.frontier.size();
        let head = Arc::new(RwLock::new(Head { size: next, note: log.note.clone() }));
        let writer = Writer { jobs: sender, head: head.clone() };
        (Self { connection, log, next, signer, vault, clock, head_file, jobs, head }, writer)
    }

    /// Works until every [`Writer`] is gone.
    ///
    /// # Errors
    /// The first write that failed; the process must end then.
    pub async fn run(mut self) -> Result<(), StoreError> {
        while let Some(first) = self.jobs.recv().await {
            let mut group = vec![first];
            while group.len() < GROUP {
                let Ok(job) = self.jobs.try_recv() else { break };
                group.push(job);
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
        }
        store::close(self.connection).await
    }

    async fn group(&mut self, commands: Vec<Command>) -> Result<Vec<Result<Done, ProblemResponse>>, StoreError> {
        self.make_keys(&commands).await?;
        sqlx::query("BEGIN IMMEDIATE").execute(&mut self.connection).await?;
        let mut results = Vec::with_capacity(commands.len());
        for command in commands {
            results.push(self.one(command).await?);
        }
        let next = self.integrate().await?;
        for result in &mut results {
            if let Ok(Done::Leaf(index)) = *result {
                let size = next.frontier.size();
                *result = Ok(Done::Receipt(store::receipt(&mut self.connection, index, size, &next.note).await?));
            }
        }
        sqlx::query("COMMIT").execute(&mut self.connection).await?;
        if next.frontier.size() != self.log.frontier.size() {
            // Committed already: a head that cannot be put beside the objects ends the service, full disk or not.
            self.head_file.write(&next.note).map_err(|e| StoreError::damaged(format!("the head's copy: {e}")))?;
            let head = Head { size: next.frontier.size(), note: next.note.clone() };
            *self.head.write().unwrap_or_else(PoisonError::into_inner) = head;
        }
        self.log = next;
        Ok(results)
    }

    /// One command in a savepoint: when it is refused, it leaves nothing behind.
    async fn one(&mut self, command: Command) -> Result<Result<Done, ProblemResponse>, StoreError> {
        let before = self.next;
        sqlx::query("SAVEPOINT one").execute(&mut self.connection).await?;
        match self.execute(command).await {
            Ok(done) => {
                sqlx::query("RELEASE one").execute(&mut self.connection).await?;
                Ok(Ok(done))
            }
            Err(Stop::Refused(problem)) => {
                sqlx::query("ROLLBACK TO one").execute(&mut self.connection).await?;
                sqlx::query("RELEASE one").execute(&mut self.connection).await?;
                self.next = before;
                Ok(Err(problem))
            }
            Err(Stop::Failed(error)) => Err(error),
        }
    }

    async fn execute(&mut self, command: Command) -> Result<Done, Stop> {
        match command {
            Command::Append(event) => self.append(&event).await.map(Done::Leaf),
            Command::Keys(jwks) => self.keep_provider_keys(&jwks).await,
            Command::Open(recording) => self.open_recording(&recording).await,
            Command::Batch(batch) => self.take_batch(&batch).await,
            Command::Fold(fold) => self.fold(&fold).await,
            Command::Seal(seal) => self.seal(&seal).await,
            Command::Review(review) => self.review(&review).await,
            Command::Fail(error) => Err(Stop::Failed(error)),
        }
    }

    /// Grows the tree by the leaves of this transaction, read back from the database, and signs the new head.
    async fn integrate(&mut self) -> Result<Log, StoreError> {
        let mut log = self.log.clone();
        if self.next == log.frontier.size() {
            return Ok(log);
        }
        let rows: Vec<(i64, i64, Vec<u8>, Vec<u8>)> =
            sqlx::query_as("SELECT idx, at, leaf, hash FROM leaves WHERE idx >= ? ORDER BY idx")
                .bind(sql(log.frontier.size()))
                .fetch_all(&mut self.connection)
                .await?;
        let mut nodes = Vec::new();
        for (index, at, leaf, hash) in rows {
            let computed = leaf_hash(&leaf);
            if count(index) != log.frontier.size() || computed != *hash || at < log.last_at {
                return Err(StoreError::damaged(format!("leaf {index} was not stored as it was written")));
            }
            log.last_at = at;
            log.frontier.push(computed, |level, index, hash| nodes.push((level, index, *hash)));
        }
        if log.frontier.size() != self.next {
            return Err(StoreError::damaged("leaves of this transaction are missing"));
        }
        for (level, index, hash) in nodes.into_iter().filter(|(level, ..)| *level > 0) {
            sqlx::query("INSERT INTO nodes (level, idx, hash) VALUES (?, ?, ?)")
                .bind(i64::from(level))
                .bind(sql(index))
                .bind(hash.as_slice())
                .execute(&mut self.connection)
                .await?;
        }
        self.sign(&mut log).await?;
        Ok(log)
    }

    /// The primary key on the size makes a second head of one size fail here, before it is signed by anybody's clock.
    async fn sign(&mut self, log: &mut Log) -> Result<(), StoreError> {
        let (size, root) = (log.frontier.size(), log.frontier.root());
        log.note = self.signer.sign(size, &root);
        sqlx::query("INSERT INTO heads (size, root, note) VALUES (?, ?, ?)")
            .bind(sql(size))
            .bind(root.as_slice())
            .bind(&log.note)
            .execute(&mut self.connection)
            .await?;
        Ok(())
    }

    /// Keys of owners that have none yet, in a transaction of their own: a key in use is always a committed one.
    async fn make_keys(&mut self, commands: &[Command]) -> Result<(), StoreError> {
        for owner in commands.iter().filter_map(Command::owner) {
            if self.vault.knows(&owner) {
                continue;
            }
            let wrapped = self.vault.make(&owner)?;
            sqlx::query("INSERT INTO owner_keys (owner, wrapped) VALUES (?, ?)")
                .bind(&owner.0)
                .bind(&wrapped)
                .execute(&mut self.connection)
                .await?;
            self.vault.learn(owner, &wrapped)?;
        }
        Ok(())
    }

    /// The disk is full: nothing of the group was kept, nobody is told otherwise, and reading goes on.
    async fn give_up(&mut self, jobs: usize) -> Result<Vec<Result<Done, ProblemResponse>>, StoreError> {
        tracing::error!("the disk is full; nothing is written until there is room");
        // SQLite may have rolled back by itself already; then this statement has nothing to do and says so.
        let _ = sqlx::query("ROLLBACK").execute(&mut self.connection).await;
        let (size,): (i64,) =
            sqlx::query_as("SELECT COALESCE(MAX(size), 0) FROM heads").fetch_one(&mut self.connection).await?;
        if count(size) != self.log.frontier.size() {
            return Err(StoreError::damaged("a rolled-back transaction left something behind"));
        }
        self.next = self.log.frontier.size();
        Ok((0..jobs).map(|_| Err(problem::disk_full())).collect())
    }
}

/// Reads every owner's key at the start, and makes the company's when there is none.
pub(crate) async fn load_keys(connection: &mut SqliteConnection, vault: &Vault) -> Result<(), StoreError> {
    let company = Owner(String::new());
    let rows: Vec<(String, Vec<u8>)> =
        sqlx::query_as("SELECT owner, wrapped FROM owner_keys").fetch_all(&mut *connection).await?;
    for (owner, wrapped) in rows {
        vault.learn(Owner(owner), &wrapped)?;
    }
    if !vault.knows(&company) {
        let wrapped = vault.make(&company)?;
        sqlx::query("INSERT INTO owner_keys (owner, wrapped) VALUES ('', ?)")
            .bind(&wrapped)
            .execute(connection)
            .await?;
        vault.learn(company, &wrapped)?;
    }
    Ok(())
}
