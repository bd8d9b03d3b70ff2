use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use domain::IdError;
use sqlx::migrate::MigrateError;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Sqlite, SqlitePool, Transaction};
use statement::KnownKeys;
use tokio::sync::Mutex;

mod break_glass;
mod disk;
mod factors;
mod forgettings;
mod issuer;
mod log_head;
mod people;
mod proposals;
mod replacing;
mod requests;
mod revocations;
mod sealing;
mod unfinished;

pub(crate) use break_glass::ProposedRow;
pub(crate) use disk::broke as disk_broke;
pub(crate) use factors::{FactorRow, NewAttestation};
pub(crate) use forgettings::ProposedForgettingRow;
pub(crate) use people::{Chain, EnrolmentRow, Seen};
pub(crate) use proposals::ProposalRow;
pub(crate) use replacing::{NewFactor, Spent};
pub(crate) use requests::{DecisionRow, NewDecisionRow, RequestRow};
pub(crate) use revocations::NewRevocation;
#[cfg(test)]
pub(crate) use sealing::unseal_all;
pub(crate) use unfinished::Unfinished;

use crate::fields::{Field, Fields};
use crate::seal::SealError;

const NAME: Field = "name";
const TOKEN: Field = "token";
const STATEMENT: Field = "statement";
const BODY: Field = "body";
const SUBJECT: Field = "subject";

/// What the broker remembers. One connection writes, each time in a transaction that takes the lock at its beginning;
/// what a transaction has committed is on the disk. Whatever says something of a person is sealed in it.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    writer: SqlitePool,
    readers: SqlitePool,
    fields: Arc<Fields>,
    /// The issuer's keys as last recorded.
    known: Arc<Mutex<Option<Arc<KnownKeys>>>>,
}

/// Why the store did not answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    #[error("the database failed: {0}")]
    Database(#[source] sqlx::Error),
    #[error("the database is not of this version: {0}")]
    Migration(MigrateError),
    /// Each step of it is taken as a whole or not at all.
    #[error(
        "the database could not be brought to this version ({0}) and nothing of it is half done; make room on its disk and start again"
    )]
    Unmoved(#[source] sqlx::Error),
    #[error("the key file is not the one that this database was sealed with")]
    OtherKey,
    #[error("a row cannot be read: {0}")]
    BrokenRow(String),
    /// Somebody else's step came first.
    #[error("the row changed meanwhile")]
    Moved,
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        disk::look_at(&error);
        Self::Database(error)
    }
}

impl From<MigrateError> for StoreError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => Self::Unmoved(error),
            error => Self::Migration(error),
        }
    }
}

impl From<IdError> for StoreError {
    fn from(error: IdError) -> Self {
        Self::BrokenRow(error.to_string())
    }
}

impl From<SealError> for StoreError {
    fn from(error: SealError) -> Self {
        Self::BrokenRow(error.to_string())
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        Self::BrokenRow(error.to_string())
    }
}

impl Store {
    /// Opens the database, makes it when it is not there, and brings it forward to this version.
    pub(crate) async fn open(path: &Path, fields: Fields) -> Result<Self, StoreError> {
        make_private(path).map_err(sqlx::Error::Io)?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(5));
        let writer = SqlitePoolOptions::new().max_connections(1).connect_with(options.clone()).await?;
        sqlx::migrate!("./migrations").run(&writer).await?;
        serve::room::keep(path.parent().unwrap_or(Path::new("."))).map_err(sqlx::Error::Io)?;
        sealing::seal_all(&writer, &fields).await?;
        let readers = SqlitePoolOptions::new().max_connections(4).connect_with(options.read_only(true)).await?;
        Ok(Self { writer, readers, fields: Arc::new(fields), known: Arc::default() })
    }

    #[cfg(test)]
    pub(crate) async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    async fn begin(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        match self.writer.begin_with("BEGIN IMMEDIATE").await {
            // SQLite took the last transaction back by itself, as it does on a full disk, and the connection still
            // counts it: another one takes its place.
            Err(sqlx::Error::InvalidSavePointStatement) => {
                self.writer.acquire().await?.close().await?;
                Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
            }
            begun => Ok(begun?),
        }
    }
}

/// The file is there before SQLite opens it, for its owner only, and so are the files beside it that an earlier process
/// left; those that SQLite makes get the same permissions.
fn make_private(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
        options.mode(0o600);
        for beside in ["", "-wal", "-shm"] {
            let mut name = path.as_os_str().to_owned();
            name.push(beside);
            match std::fs::set_permissions(&name, std::fs::Permissions::from_mode(0o600)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
    }
    options.open(path).map(drop)
}
