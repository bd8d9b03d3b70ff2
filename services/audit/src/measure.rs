//! The log by itself: the sequencer over a folder, with no sockets, people or Recordings, and the list of Sessions by itself, for
//! whoever measures what they cost. Built with the feature `measure` only; nothing that ships asks for it.

mod sessions;

use std::path::Path;
use std::pin::pin;
use std::sync::Arc;

use checkpoint::LogSigner;
use domain::Clock;
use futures_util::future::try_join_all;
use key_service::KeyService;
use recording::SecretKey;
use sqlx::Connection as _;
use sqlx::sqlite::SqliteConnection;
use tokio::sync::Mutex;
use tokio::task::unconstrained;
use wire::event::{Append, Receipt};

use crate::error::{Error, StoreError};
use crate::sequencer::{NewEvent, Sequencer, Writer, load_keys};
use crate::store::{self, HeadFile, private};
use crate::vault::Vault;

pub use sessions::SessionList;

/// Rows in one statement while a log is filled.
const ROWS: u64 = 10_000;

/// A log in a folder of its own.
pub struct AuditLog {
    writer: Writer,
    sequencer: Mutex<Sequencer>,
    filler: Mutex<SqliteConnection>,
    reader: Mutex<sqlx::pool::PoolConnection<sqlx::Sqlite>>,
    tree: store::Tree,
}

impl AuditLog {
    /// Makes the log, or goes on with the one that is there.
    ///
    /// # Errors
    /// [`Error`] when the folder cannot be used.
    pub async fn open(folder: &Path, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        let misconfigured = |e: &dyn std::fmt::Display| Error::Misconfigured(e.to_string());
        let signer = LogSigner::from_seed("countersign.test/measure", &[7; 32]).map_err(|e| misconfigured(&e))?;
        let (database, mut head_file) = (folder.join("audit.db"), HeadFile::in_folder(folder));
        private::folder(folder).map_err(StoreError::Objects)?;
        let mut connection = store::open_writer(&database).await?;
        let log = store::check(&mut connection, &signer.verifier(), &mut head_file).await?;
        let vault = Arc::new(Vault::new(KeyService::File(SecretKey::generate().map_err(StoreError::Seal)?)));
        load_keys(&mut connection, &vault).await?;
        let reader = store::open_readers(&database).await?.acquire().await.map_err(StoreError::from)?;
        let filler = store::open_writer(&database).await?;
        let (sequencer, writer) = Sequencer::new(connection, log, signer, vault, clock, head_file);
        Ok(Self {
            writer,
            sequencer: Mutex::new(sequencer),
            filler: Mutex::new(filler),
            reader: Mutex::new(reader),
            tree: store::Tree::default(),
        })
    }

    /// Appends Events, each durable, in the tree, under a signed head. All of them wait before the sequencer looks: up to 64
    /// are one group.
    ///
    /// # Errors
    /// [`Error`] with the first refusal's words, or when a write failed.
    pub async fn append(&self, appends: Vec<Append>) -> Result<Vec<Receipt>, Error> {
        let mut sequencer = self.sequencer.lock().await;
        let one = |append| self.writer.append(NewEvent::own(append));
        let mut receipts = pin!(unconstrained(try_join_all(appends.into_iter().map(one))));
        loop {
            tokio::select! {
                biased;
                receipts = &mut receipts => return receipts.map_err(|p| Error::Misconfigured(p.0.title.clone())),
                turn = sequencer.turn() => turn?,
            };
        }
    }

    /// Fills an empty log's tables with so many leaves and their nodes, without asking the sequencer, so that proofs can be
    /// measured in a log that would take hours to write.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn fill(&self, size: u64) -> Result<(), Error> {
        let mut connection = self.filler.lock().await;
        let mut from = 0;
        while from < size {
            let to = size.min(from + ROWS * 50);
            let mut transaction = connection.begin().await.map_err(StoreError::from)?;
            insert(&mut transaction, Rows { level: 0, from, to }).await?;
            transaction.commit().await.map_err(StoreError::from)?;
            from = to;
        }
        let mut level = 1;
        while size >> level > 0 {
            let mut transaction = connection.begin().await.map_err(StoreError::from)?;
            insert(&mut transaction, Rows { level, from: 0, to: size >> level }).await?;
            transaction.commit().await.map_err(StoreError::from)?;
            level += 1;
        }
        Ok(())
    }

    /// The inclusion path of an entry.
    ///
    /// # Errors
    /// [`Error`] when a node is missing.
    pub async fn prove(&self, index: u64, size: u64) -> Result<usize, Error> {
        Ok(self.tree.inclusion(&mut *self.reader.lock().await, index, size).await?.len())
    }

    /// One row by its index.
    ///
    /// # Errors
    /// [`Error`] when it is missing.
    pub async fn row(&self, index: u64) -> Result<Vec<u8>, Error> {
        let row = sqlx::query_as("SELECT hash FROM leaves WHERE idx = ?").bind(store::sql(index));
        let (hash,): (Vec<u8>,) = row.fetch_one(&mut **self.reader.lock().await).await.map_err(StoreError::from)?;
        Ok(hash)
    }
}

struct Rows {
    level: u32,
    from: u64,
    to: u64,
}

/// Rows whose hashes are random: what a path costs does not depend on them.
async fn insert(connection: &mut SqliteConnection, rows: Rows) -> Result<(), StoreError> {
    const NUMBERS: &str = "WITH RECURSIVE n(i) AS (SELECT ?1 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?2) ";
    let leaves =
        "INSERT INTO leaves (idx, at, leaf, hash, kind) SELECT i, 0, randomblob(16), randomblob(32), 'filled' FROM n";
    let nodes = "INSERT INTO nodes (level, idx, hash) SELECT ?3, i, randomblob(32) FROM n";
    let text = format!("{NUMBERS}{}", if rows.level == 0 { leaves } else { nodes });
    let query = sqlx::query(sqlx::AssertSqlSafe(text)).bind(store::sql(rows.from)).bind(store::sql(rows.to));
    let query = if rows.level == 0 { query } else { query.bind(i64::from(rows.level)) };
    query.execute(connection).await?;
    Ok(())
}
