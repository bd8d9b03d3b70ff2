//! Reading and opening the database. Everything that writes to it is in [`crate::sequencer`].

mod batches;
mod break_glass;
mod check;
mod cosignatures;
mod derived;
mod destroyed;
mod examined;
mod extensions;
mod forgetting;
mod head_file;
mod listed;
mod nodes;
mod objects;
mod originals;
pub(crate) mod private;
mod read;
mod sessions;
mod tree;

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions as _, Connection as _};

pub(crate) use batches::Loose;
pub(crate) use break_glass::{NoticeRow, UseRow, permission_place};
pub(crate) use check::{Log, check, word};
pub(crate) use cosignatures::{Bound, CosignedRow, bound_place};
pub(crate) use examined::findings_place;
pub(crate) use extensions::{ExtensionDetail, ExtensionRow, extension_place};
pub(crate) use forgetting::forgetting_place;
pub(crate) use head_file::HeadFile;
pub(crate) use listed::{Among, Column, Lasting, Listing, Value, keep_marks, make_marks};
pub(crate) use nodes::{Place, inclusion_from};
pub(crate) use objects::Objects;
pub(crate) use read::{
    LeafRow, Reader, digests, field_digest, keys_place, personal_place, policy_place, receipt, statement_place,
};
pub(crate) use sessions::{Detail, Reviewed, Seal, SessionRow, detail_place, recording_place, scope_word};
pub(crate) use tree::Tree;

use crate::error::StoreError;

/// Statements that the writer keeps prepared: groups of each size have their own.
const WRITER_TEXTS: usize = 400;

/// What each reader keeps of the database, in KiB behind a minus: of 10 million entries every page that leads to a node.
const READER_CACHE: &str = "-16384";

/// Opens the one connection that writes, and brings the schema forward.
pub(crate) async fn open_writer(path: &Path) -> Result<SqliteConnection, StoreError> {
    private::database(path).map_err(StoreError::Objects)?;
    // What is destroyed is overwritten, and no copy of it goes into a temporary file.
    let options = options(path)
        .create_if_missing(true)
        .statement_cache_capacity(WRITER_TEXTS)
        .pragma("secure_delete", "on")
        .pragma("temp_store", "memory");
    let mut connection = options.connect().await?;
    sqlx::migrate!("./migrations").run(&mut connection).await?;
    // A destroyed key may still be in it when the last process was cut off behind its commit.
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut connection).await?;
    Ok(connection)
}

/// Connections that can only read.
pub(crate) async fn open_readers(path: &Path) -> Result<SqlitePool, StoreError> {
    let options = options(path).read_only(true).pragma("query_only", "on").pragma("cache_size", READER_CACHE);
    Ok(SqlitePoolOptions::new()
        .max_connections(4)
        .acquire_timeout(Duration::from_secs(10))
        .connect_with(options)
        .await?)
}

/// Closes the writer; SQLite then folds its write-ahead file in.
pub(crate) async fn close(connection: SqliteConnection) -> Result<(), StoreError> {
    Ok(connection.close().await?)
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5))
}

/// SQLite counts in `i64`; a log does not come near its end.
pub(crate) fn sql(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

pub(crate) fn count(n: i64) -> u64 {
    u64::try_from(n).unwrap_or(0)
}
