use std::io::ErrorKind;

use key_service::KeyServiceError;
use recording::SealError;
use sqlx::migrate::MigrateError;

/// Why the audit service does not start, or had to stop.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the configuration cannot be used: {0}")]
    Misconfigured(String),
    #[error(transparent)]
    NoRoom(#[from] serve::room::NoRoom),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the network: {0}")]
    Network(#[from] std::io::Error),
}

/// What is wrong with the store. None of these is survived: the process ends, and the next one checks everything.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
    #[error(
        "the database could not be brought to this version ({0}) and nothing of it is half done; make room on its disk and start again"
    )]
    Unmoved(#[source] sqlx::Error),
    #[error("the objects: {0}")]
    Objects(std::io::Error),
    #[error("the store is damaged: {0}")]
    Damaged(String),
    #[error("sealing: {0}")]
    Seal(#[from] SealError),
    #[error(transparent)]
    KeyService(#[from] KeyServiceError),
    #[error("the writer has stopped")]
    Stopped,
    /// Two administrators signed that it is destroyed. This one is an answer.
    #[error("the Organization was forgotten")]
    Forgotten,
    /// It was kept for as long as the policy says. This one too.
    #[error("the Recording was destroyed by retention")]
    Expired,
}

impl From<MigrateError> for StoreError {
    fn from(error: MigrateError) -> Self {
        match error {
            // Each step is taken as a whole or not at all: nothing is damaged.
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => Self::Unmoved(error),
            error => Self::Damaged(format!("the schema: {error}")),
        }
    }
}

impl StoreError {
    /// Whether the disk was full: what was begun is taken back, and there may be room later.
    pub(crate) fn is_full(&self) -> bool {
        match self {
            Self::Database(sqlx::Error::Database(error)) => error.code().is_some_and(|code| code == "13"),
            Self::Objects(error) => matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded),
            _ => false,
        }
    }

    pub(crate) fn damaged(what: impl Into<String>) -> Self {
        Self::Damaged(what.into())
    }
}
