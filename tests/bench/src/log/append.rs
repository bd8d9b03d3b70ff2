use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use audit::measure::AuditLog;
use domain::SystemClock;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _};
use wire::event::{Append, EventKind};

use super::private_folder;
use crate::measure::{Case, RUNS};

/// So many batches a run.
const BATCHES: usize = 100;

/// Ours integrates, signs a head, keeps a copy of it in a file beside and answers with a proof for each; the other only
/// writes the same row: the same bytes, columns, driver, journal and disk, as many in one transaction.
pub async fn cases() -> anyhow::Result<Vec<Case>> {
    let folder = private_folder()?;
    let log = AuditLog::open(folder.path(), Arc::new(SystemClock)).await?;
    let [first] = &log.append(vec![event()]).await?[..] else { anyhow::bail!("one entry, one receipt") };
    let mut plain = Plain::open(&folder.path().join("plain.db"), first.leaf.clone().into_bytes()).await?;
    let mut cases = Vec::new();
    for batch in [1, 64] {
        let mut times = Vec::new();
        for _ in 0..RUNS {
            times.push((ours(&log, batch).await?, plain.insert(batch).await?));
        }
        let unit = "durable entries a second";
        cases.push(Case::rates(&format!("append/{batch}"), "SQLite's own insert", unit, batch * BATCHES, &times));
    }
    plain.connection.close().await?;
    Ok(cases)
}

pub fn event() -> Append {
    Append::new(EventKind::RequestSigned).fact("request", "x".repeat(43)).fact("policy", "y".repeat(43))
}

async fn ours(log: &AuditLog, batch: usize) -> anyhow::Result<Duration> {
    let start = Instant::now();
    for _ in 0..BATCHES {
        let receipts = log.append((0..batch).map(|_| event()).collect()).await?;
        let one_group = receipts.iter().all(|receipt| receipt.checkpoint == receipts[0].checkpoint);
        anyhow::ensure!(receipts.len() == batch && one_group, "not one group");
    }
    Ok(start.elapsed())
}

/// The same database, as durable, with the row alone.
struct Plain {
    connection: SqliteConnection,
    next: i64,
    leaf: Vec<u8>,
}

impl Plain {
    async fn open(path: &Path, leaf: Vec<u8>) -> anyhow::Result<Self> {
        let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
        let options = options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
        let mut connection = options.connect().await?;
        let table = "CREATE TABLE leaves (idx INTEGER PRIMARY KEY, at INTEGER NOT NULL, leaf BLOB NOT NULL, \
                     hash BLOB NOT NULL, kind TEXT NOT NULL, organization TEXT, session TEXT) STRICT";
        sqlx::query(table).execute(&mut connection).await?;
        Ok(Self { connection, next: 0, leaf })
    }

    async fn insert(&mut self, batch: usize) -> anyhow::Result<Duration> {
        let start = Instant::now();
        for _ in 0..BATCHES {
            let mut transaction = self.connection.begin_with("BEGIN IMMEDIATE").await?;
            for _ in 0..batch {
                sqlx::query(
                    "INSERT INTO leaves (idx, at, leaf, hash, kind, organization, session) VALUES (?, ?, ?, ?, ?, ?, ?)",
                )
                .bind(self.next)
                .bind(1_790_000_000_000_i64)
                .bind(&self.leaf)
                .bind(&[7_u8; 32][..])
                .bind("request-signed")
                .bind(None::<String>)
                .bind(None::<String>)
                .execute(&mut *transaction)
                .await?;
                self.next += 1;
            }
            transaction.commit().await?;
        }
        Ok(start.elapsed())
    }
}
