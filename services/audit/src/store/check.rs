use checkpoint::{Checkpoint, LogVerifier};
use domain::UnixMillis;
use futures_util::TryStreamExt as _;
use merkle::{Frontier, Hash, leaf_hash};
use sqlx::sqlite::SqliteConnection;
use wire::event::{Event, EventKind};

use super::derived::Expected;
use super::{HeadFile, count, nodes, sql};
use crate::error::StoreError;

/// Where the log stands.
#[derive(Debug, Clone, Default)]
pub(crate) struct Log {
    pub frontier: Frontier,
    pub last_at: UnixMillis,
    /// The signed note of the last head; empty before the first.
    pub note: String,
}

/// Computes the whole tree again from the stored leaves and holds everything that was stored about it to that: leaf
/// hashes, nodes, each head, the head beside the objects, and the tables that repeat what leaves say.
pub(crate) async fn check(
    connection: &mut SqliteConnection,
    verifier: &LogVerifier,
    head_file: &HeadFile,
) -> Result<Log, StoreError> {
    let beside = head_file.read(verifier)?;
    let heads = read_heads(connection, verifier).await?;
    let mut reading = Reading { beside_seen: beside.is_none(), beside, ..Reading::default() };
    let mut heads_left = heads.iter().peekable();
    {
        let mut rows = sqlx::query_as::<_, LeafColumns>(
            "SELECT idx, at, leaf, hash, kind, organization, session FROM leaves ORDER BY idx",
        )
        .fetch(&mut *connection);
        while let Some(row) = rows.try_next().await? {
            reading.take(&row)?;
            let size = reading.log.frontier.size();
            reading.hold_to(heads_left.next_if(|(head, _)| head.size == size))?;
        }
    }
    let size = reading.log.frontier.size();
    // The copy is written after the first commit, which holds one leaf.
    let copied = reading.beside.is_some() || size <= 1;
    expect(copied, || "the copy of the head beside the objects is gone".into())?;
    expect(reading.beside_seen, || "the database is behind the head beside the objects: it was rolled back".into())?;
    expect(heads_left.next().is_none(), || "a head is larger than the log".into())?;
    expect(heads.last().map_or(0, |(head, _)| head.size) == size, || "the last leaves have no head".into())?;
    check_nodes(connection, reading.nodes).await?;
    reading.expected.check(connection).await?;
    Ok(reading.log)
}

type LeafColumns = (i64, i64, Vec<u8>, Vec<u8>, String, Option<String>, Option<String>);

#[derive(Default)]
struct Reading {
    log: Log,
    nodes: Vec<(u8, u64, Hash)>,
    expected: Expected,
    /// The head beside the objects, and whether the log was seen to have it.
    beside: Option<Checkpoint>,
    beside_seen: bool,
}

impl Reading {
    fn take(&mut self, (idx, at, leaf, hash, kind, organization, session): &LeafColumns) -> Result<(), StoreError> {
        let (index, next) = (count(*idx), self.log.frontier.size());
        expect(index == next, || format!("leaf {next} is missing"))?;
        let computed = leaf_hash(leaf);
        expect(computed == hash.as_slice(), || format!("leaf {index} is not what was signed"))?;
        let event: Event =
            serde_json::from_slice(leaf).map_err(|_| StoreError::damaged(format!("leaf {index} is not an Event")))?;
        expect(event.at == *at && *at >= self.log.last_at, || format!("the time of leaf {index} goes back"))?;
        let filed_right = word(event.kind) == *kind
            && event.organization.as_ref().map(|o| o.as_str()) == organization.as_deref()
            && event.session.as_ref().map(|s| s.as_str()) == session.as_deref();
        expect(filed_right, || format!("leaf {index} is filed under something else than it says"))?;
        self.log.last_at = *at;
        let nodes = &mut self.nodes;
        self.log.frontier.push(computed, |level, index, hash| {
            if level > 0 {
                nodes.push((level, index, *hash));
            }
        });
        self.expected.take(index, event);
        Ok(())
    }

    /// The stored heads of this size have this root.
    fn hold_to(&mut self, stored: Option<&(Checkpoint, String)>) -> Result<(), StoreError> {
        let (size, root) = (self.log.frontier.size(), self.log.frontier.root());
        if let Some((head, note)) = stored {
            expect(head.root == root, || format!("the head of size {size} has another root than its leaves"))?;
            self.log.note.clone_from(note);
        }
        if let Some(head) = self.beside.as_ref().filter(|head| head.size == size) {
            expect(head.root == root, || format!("the head beside the objects, size {size}, has another root"))?;
            self.beside_seen = true;
        }
        Ok(())
    }
}

/// An Event's kind as the leaf itself writes it.
pub(crate) fn word(kind: EventKind) -> String {
    serde_json::to_value(kind).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

async fn read_heads(
    connection: &mut SqliteConnection,
    verifier: &LogVerifier,
) -> Result<Vec<(Checkpoint, String)>, StoreError> {
    let rows: Vec<(i64, Vec<u8>, String)> =
        sqlx::query_as("SELECT size, root, note FROM heads ORDER BY size").fetch_all(connection).await?;
    rows.into_iter()
        .map(|(size, root, note)| {
            let head =
                verifier.open(&note).map_err(|e| StoreError::damaged(format!("the head of size {size}: {e}")))?;
            let same = sql(head.size) == size && head.root.as_slice() == root;
            expect(same, || format!("the head of size {size} is not what its note says"))?;
            Ok((head, note))
        })
        .collect()
}

async fn check_nodes(connection: &mut SqliteConnection, expected: Vec<(u8, u64, Hash)>) -> Result<(), StoreError> {
    let (stored,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM nodes").fetch_one(&mut *connection).await?;
    expect(count(stored) == expected.len() as u64, || "there are not as many nodes as the leaves make".into())?;
    for (level, idx, hash) in expected {
        let found = nodes::node(connection, u32::from(level), idx).await?;
        expect(found == hash, || format!("node {level}/{idx} is not what its leaves make"))?;
    }
    Ok(())
}

pub(super) fn expect(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), StoreError> {
    if holds { Ok(()) } else { Err(StoreError::Damaged(otherwise())) }
}
