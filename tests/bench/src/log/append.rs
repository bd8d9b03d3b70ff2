use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use audit::measure::AuditLog;
use domain::SystemClock;
use futures_util::future::try_join_all;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _};
use wire::event::{Append, EventKind};

use super::private_folder;
use crate::measure::{Case, RUNS};

/// So many batches a run.
const BATCHES: usize = 100;

/// Ours integrates, signs a head and answers with a proof for each; the other only writes the same row.
pub async fn cases() -> anyhow::Result<Vec<Case>> {
    let folder = private_folder()?;
    let log = AuditLog::open(folder.path(), Arc::new(SystemClock)).await?;
    let mut plain = Plain::open(&folder.path().join("plain.db")).await?;
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

fn event() -> Append {
    Append::new(EventKind::RequestSigned).fact("request", "x".repeat(43)).fact("policy", "y".repeat(43))
}

async fn ours(log: &AuditLog, batch: usize) -> anyhow::Result<Duration> {
    let start = Instant::now();
    for _ in 0..BATCHES {
        let receipts = try_join_all((0..batch).map(|_| log.append(event()))).await?;
        anyhow::ensure!(receipts.len() == batch, "an entry is missing");
    }
    Ok(start.elapsed())
}

/// The same database, as durable, with the row alone.
struct Plain {
    connection: SqliteConnection,
    next: i64,
}

impl Plain {
    async fn open(path: &Path) -> anyhow::Result<Self> {
        let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
        let options = options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
        let mut connection = options.connect().await?;
        let table = "CREATE TABLE leaves (idx INTEGER PRIMARY KEY, at INTEGER NOT NULL, leaf BLOB NOT NULL, \
                     hash BLOB NOT NULL, kind TEXT NOT NULL) STRICT";
        sqlx::query(table).execute(&mut connection).await?;
        Ok(Self { connection, next: 0 })
    }

    async fn insert(&mut self, batch: usize) -> anyhow::Result<Duration> {
        let leaf = serde_json::to_vec(&event())?;
        let start = Instant::now();
        for _ in 0..BATCHES {
            let mut transaction = self.connection.begin_with("BEGIN IMMEDIATE").await?;
            for _ in 0..batch {
                sqlx::query("INSERT INTO leaves (idx, at, leaf, hash, kind) VALUES (?, ?, ?, ?, ?)")
                    .bind(self.next)
                    .bind(0_i64)
                    .bind(&leaf)
                    .bind(&[0_u8; 32][..])
                    .bind("request-signed")
                    .execute(&mut *transaction)
                    .await?;
                self.next += 1;
            }
            transaction.commit().await?;
        }
        Ok(start.elapsed())
    }
}
