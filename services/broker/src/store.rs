use std::path::Path;
use std::time::Duration;

use domain::IdError;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Sqlite, SqlitePool, Transaction};

mod factors;
mod people;
mod requests;

pub(crate) use factors::{FactorRow, NewAttestation};
pub(crate) use people::{Chain, NewEnrolment, Seen};
pub(crate) use requests::{DecisionRow, NewDecisionRow, RequestRow};

/// What the broker remembers. One connection writes, each time in a transaction that takes the lock at its beginning;
/// what a transaction has committed is on the disk.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    writer: SqlitePool,
    readers: SqlitePool,
}

/// Why the store did not answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
    #[error("the database is not of this version: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    #[error("a row cannot be read: {0}")]
    BrokenRow(String),
    /// Somebody else's step came first.
    #[error("the row changed meanwhile")]
    Moved,
}

impl From<IdError> for StoreError {
    fn from(error: IdError) -> Self {
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
    pub(crate) async fn open(path: &Path) -> Result<Self, StoreError> {
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
        let readers = SqlitePoolOptions::new().max_connections(4).connect_with(options.read_only(true)).await?;
        Ok(Self { writer, readers })
    }

    async fn begin(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
    }
}

/// The file is there before SQLite opens it, for its owner only; SQLite gives the files beside it the same permissions.
fn make_private(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}
