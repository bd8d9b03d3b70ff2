//! The service as the broker and the gateway meet it: over mutual TLS, with 32 of them at once.

mod kept;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use client::ServiceClient;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_postgres::Client;
use wire::event::Receipt;

use super::append::event;
use super::postgres::Postgres;
use super::service::Service;
use crate::measure::{Case, RUNS};
use kept::Kept;

const CLIENTS: usize = 32;
/// Each appends so many in a run.
const EACH: usize = 60;
/// Whoever waits for a place in the writer's lanes for longer is told that it is busy.
const LATE: Duration = Duration::from_secs(5);
/// A flood is twice what the service was seen to take, and no less than this a second: a peer's log was seen to stop
/// silently at 1,000.
const FLOOD: f64 = 2_000.0;

const TABLE: &str = "CREATE TABLE leaves (idx BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at BIGINT NOT NULL, \
     leaf BYTEA NOT NULL CHECK (length(leaf) BETWEEN 1 AND 65535), hash BYTEA NOT NULL CHECK (length(hash) = 32), \
     kind TEXT NOT NULL, organization TEXT, session TEXT); \
     CREATE INDEX leaves_of_session ON leaves (session, idx) WHERE session IS NOT NULL";
const INSERT: &str =
    "INSERT INTO leaves (at, leaf, hash, kind, organization, session) VALUES ($1, $2, $3, $4, NULL, NULL)";

/// Appends as services make them, beside the same rows as single inserts of as many connections; then more than the service
/// can take. Whatever was acknowledged is looked for in the log at the end.
pub async fn cases() -> anyhow::Result<Vec<Case>> {
    let Some(postgres) = Postgres::start().await? else {
        println!("append/https-{CLIENTS} is left out: PostgreSQL is not installed (apt-get install postgresql)");
        return Ok(Vec::new());
    };
    let service = Service::start().await?;
    let clients = (0..CLIENTS).map(|_| service.broker()).collect::<anyhow::Result<Vec<_>>>()?;
    let mut kept = Kept::default();
    let leaf = first(&clients, &mut kept).await?;
    let rows = Arc::new(leaf.into_bytes());
    let beside = connections(&postgres).await?;
    let mut times = Vec::new();
    for _ in 0..RUNS {
        times.push((closed(&clients, &mut kept).await?, inserts(&beside, &rows).await?));
    }
    let unit = "durable entries a second";
    let name = format!("append/https-{CLIENTS}");
    let mut cases = vec![Case::rates(&name, "PostgreSQL's own insert", unit, CLIENTS * EACH, &times)];
    let rate = (2.0 * cases[0].ours).max(FLOOD);
    let mut floods = Vec::new();
    for _ in 0..RUNS {
        floods.push((flood(&clients, rate, &mut kept).await?, Duration::from_secs(1)));
    }
    let asked = rate as usize;
    cases.push(Case::rates("append/https-flood", "what is asked of it", "acknowledged a second", asked, &floods));
    kept.check(&service).await?;
    Ok(cases)
}

/// One append of each, so that every connection stands.
async fn first(clients: &[ServiceClient], kept: &mut Kept) -> anyhow::Result<String> {
    let mut leaf = None;
    for client in clients {
        let began = Instant::now();
        let receipt = client.append(&event()).await?;
        leaf = Some(receipt.leaf.clone());
        kept.add(vec![(receipt, began.elapsed())])?;
    }
    leaf.context("no client")
}

/// Each client appends the next one when the last is acknowledged.
async fn closed(clients: &[ServiceClient], kept: &mut Kept) -> anyhow::Result<Duration> {
    let start = Instant::now();
    let mut all = JoinSet::new();
    for client in clients {
        let client = client.clone();
        all.spawn(async move {
            let mut receipts = Vec::with_capacity(EACH);
            for _ in 0..EACH {
                let began = Instant::now();
                receipts.push((client.append(&event()).await?, began.elapsed()));
            }
            anyhow::Ok(receipts)
        });
    }
    done(start, all, kept).await
}

/// A second's entries come at their own pace, whoever is ready: one that finds no client free waits
/// for one, as a service's callers do.
async fn flood(clients: &[ServiceClient], rate: f64, kept: &mut Kept) -> anyhow::Result<Duration> {
    let (start, next) = (Instant::now(), Arc::new(AtomicUsize::new(0)));
    let mut all = JoinSet::new();
    for client in clients {
        let (client, next) = (client.clone(), next.clone());
        all.spawn(async move {
            let mut receipts = Vec::new();
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                if n >= rate as usize {
                    return anyhow::Ok(receipts);
                }
                let due = start + Duration::from_secs_f64(n as f64 / rate);
                tokio::time::sleep_until(due).await;
                let began = Instant::now();
                receipts.push((client.append(&event()).await?, began.elapsed()));
            }
        });
    }
    done(start, all, kept).await
}

async fn done(
    start: Instant,
    mut all: JoinSet<anyhow::Result<Vec<(Receipt, Duration)>>>,
    kept: &mut Kept,
) -> anyhow::Result<Duration> {
    let mut receipts = Vec::new();
    while let Some(one) = all.join_next().await {
        receipts.push(one??);
    }
    let elapsed = start.elapsed();
    receipts.into_iter().try_for_each(|receipts| kept.add(receipts))?;
    Ok(elapsed)
}

async fn connections(postgres: &Postgres) -> anyhow::Result<Vec<Arc<Client>>> {
    let mut clients = Vec::with_capacity(CLIENTS);
    for _ in 0..CLIENTS {
        clients.push(Arc::new(postgres.client().await?));
    }
    clients[0].batch_execute(TABLE).await?;
    for setting in ["fsync", "synchronous_commit"] {
        let value: String = clients[0].query_one(&format!("SHOW {setting}"), &[]).await?.get(0);
        anyhow::ensure!(value == "on", "PostgreSQL's {setting} is {value}");
    }
    Ok(clients)
}

async fn inserts(clients: &[Arc<Client>], leaf: &Arc<Vec<u8>>) -> anyhow::Result<Duration> {
    let mut ready = Vec::with_capacity(CLIENTS);
    for client in clients {
        ready.push((client.clone(), client.prepare(INSERT).await?));
    }
    let start = Instant::now();
    let mut all = JoinSet::new();
    for (client, insert) in ready {
        let leaf = leaf.clone();
        all.spawn(async move {
            let (at, hash, kind) = (1_790_000_000_000_i64, &[7_u8; 32][..], "request-signed");
            for _ in 0..EACH {
                client.execute(&insert, &[&at, &leaf.as_slice(), &hash, &kind]).await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(one) = all.join_next().await {
        one??;
    }
    Ok(start.elapsed())
}
