use std::collections::BTreeSet;

use checkpoint::{Checkpoint, LogVerifier};
use domain::UnixMillis;
use futures_util::TryStreamExt as _;
use merkle::{Frontier, leaf_hash, node_hash};
use sqlx::sqlite::SqliteConnection;
use wire::event::{Event, EventKind};

use super::derived::Expected;
use super::{HeadFile, count, sql};
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
    head_file: &mut HeadFile,
) -> Result<Log, StoreError> {
    let beside = head_file.read(verifier)?;
    let mut reading = Reading { beside_seen: beside.is_none(), beside, ..Reading::default() };
    {
        let mut rows = sqlx::query_as::<_, LeafColumns>(LEAVES).fetch(&mut *connection);
        while let Some(row) = rows.try_next().await? {
            reading.take(&row)?;
            reading.hold_to(&row, verifier)?;
        }
    }
    let size = reading.log.frontier.size();
    // The copy is written after the first commit, which holds one leaf.
    let copied = reading.beside.is_some() || size <= 1;
    expect(copied, || "the copy of the head beside the objects is gone".into())?;
    expect(reading.beside_seen, || "the database is behind the head beside the objects: it was rolled back".into())?;
    check_nothing_behind(connection, size).await?;
    expect(reading.head_size == size, || "the last leaves have no head".into())?;
    check_nodes(connection, size).await?;
    reading.expected.check(connection).await?;
    Ok(reading.log)
}

/// Leaf by leaf, with the head over it and the statements that are filed under it: a `!` stands behind one whose text is
/// gone.
const LEAVES: &str = "SELECT l.idx, l.at, l.leaf, l.hash, l.kind, l.organization, l.session, h.root, h.note, \
     (SELECT group_concat(s.digest || CASE WHEN EXISTS (SELECT 1 FROM statements t WHERE t.digest = s.digest) \
      THEN '' ELSE '!' END, ' ') FROM leaf_statements s WHERE s.idx = l.idx) AS statements \
     FROM leaves l LEFT JOIN heads h ON h.size = l.idx + 1 ORDER BY l.idx";

#[derive(sqlx::FromRow)]
struct LeafColumns {
    idx: i64,
    at: i64,
    leaf: Vec<u8>,
    hash: Vec<u8>,
    kind: String,
    organization: Option<String>,
    session: Option<String>,
    root: Option<Vec<u8>>,
    note: Option<String>,
    statements: Option<String>,
}

#[derive(Default)]
struct Reading {
    log: Log,
    expected: Expected,
    /// The size of the last stored head.
    head_size: u64,
    /// The head beside the objects, and whether the log was seen to have it.
    beside: Option<Checkpoint>,
    beside_seen: bool,
}

impl Reading {
    fn take(&mut self, row: &LeafColumns) -> Result<(), StoreError> {
        let (index, next) = (count(row.idx), self.log.frontier.size());
        expect(index == next, || format!("leaf {next} is missing"))?;
        let computed = leaf_hash(&row.leaf);
        expect(computed == row.hash.as_slice(), || format!("leaf {index} is not what was signed"))?;
        let event: Event = serde_json::from_slice(&row.leaf)
            .map_err(|_| StoreError::damaged(format!("leaf {index} is not an Event")))?;
        expect(event.at == row.at && row.at >= self.log.last_at, || format!("the time of leaf {index} goes back"))?;
        let filed_right = word(event.kind) == row.kind
            && event.organization.as_ref().map(|o| o.as_str()) == row.organization.as_deref()
            && event.session.as_ref().map(|s| s.as_str()) == row.session.as_deref();
        expect(filed_right, || format!("leaf {index} is filed under something else than it says"))?;
        check_statements(index, &event, row.statements.as_deref().unwrap_or_default())?;
        self.log.last_at = row.at;
        self.log.frontier.push(computed, |_, _, _| {});
        self.expected.take(index, event);
        Ok(())
    }

    /// The heads of this size, stored and beside the objects, have this root.
    fn hold_to(&mut self, row: &LeafColumns, verifier: &LogVerifier) -> Result<(), StoreError> {
        let (size, root) = (self.log.frontier.size(), self.log.frontier.root());
        if let (Some(stored), Some(note)) = (&row.root, &row.note) {
            let head = verifier.open(note).map_err(|e| StoreError::damaged(format!("the head of size {size}: {e}")))?;
            let same = head.size == size && head.root.as_slice() == stored;
            expect(same, || format!("the head of size {size} is not what its note says"))?;
            expect(head.root == root, || format!("the head of size {size} has another root than its leaves"))?;
            self.log.note.clone_from(note);
            self.head_size = size;
        }
        if let Some(head) = self.beside.as_ref().filter(|head| head.size == size) {
            expect(head.root == root, || format!("the head beside the objects, size {size}, has another root"))?;
            self.beside_seen = true;
        }
        Ok(())
    }
}

/// `filed` is the column of [`LEAVES`].
fn check_statements(index: u64, event: &Event, filed: &str) -> Result<(), StoreError> {
    let filed: BTreeSet<&str> = filed.split_terminator(' ').collect();
    if let Some(gone) = filed.iter().find_map(|digest| digest.strip_suffix('!')) {
        return Err(StoreError::damaged(format!("statement {gone} of leaf {index} is gone")));
    }
    let said: BTreeSet<&str> = event.statements.iter().map(|digest| digest.as_str()).collect();
    expect(said == filed, || format!("the statements of leaf {index} are not those it names"))
}

/// An Event's kind as the leaf itself writes it.
pub(crate) fn word(kind: EventKind) -> String {
    serde_json::to_value(kind).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

/// Heads and statements of leaves that are not there.
async fn check_nothing_behind(connection: &mut SqliteConnection, size: u64) -> Result<(), StoreError> {
    let head: Option<(i64,)> = sqlx::query_as("SELECT size FROM heads WHERE size > ? LIMIT 1")
        .bind(sql(size))
        .fetch_optional(&mut *connection)
        .await?;
    if let Some((head,)) = head {
        return Err(StoreError::damaged(format!("a head of size {head} is larger than the log")));
    }
    let leaf: Option<(i64,)> = sqlx::query_as("SELECT idx FROM leaf_statements WHERE idx >= ? OR idx < 0 LIMIT 1")
        .bind(sql(size))
        .fetch_optional(connection)
        .await?;
    match leaf {
        Some((leaf,)) => Err(StoreError::damaged(format!("statements of leaf {leaf}, which is not there"))),
        None => Ok(()),
    }
}

/// Each node is what the two below it make, from the leaves up; the leaves were held to the heads already.
async fn check_nodes(connection: &mut SqliteConnection, size: u64) -> Result<(), StoreError> {
    let too_few_or_many = || "there are not as many nodes as the leaves make".to_owned();
    let mut all = 0;
    for level in (1..63_u8).take_while(|level| size >> level > 0) {
        let mut rows = sqlx::query_as::<_, NodeColumns>(if level == 1 { OVER_LEAVES } else { OVER_NODES })
            .bind(i64::from(level))
            .fetch(&mut *connection);
        let mut next = 0;
        while let Some((idx, hash, left, right)) = rows.try_next().await? {
            expect(count(idx) == next, too_few_or_many)?;
            let made = left.zip(right).and_then(|(l, r)| Some(node_hash(&l.try_into().ok()?, &r.try_into().ok()?)));
            expect(made.is_some_and(|made| made == *hash), || {
                format!("node {level}/{idx} is not what its leaves make")
            })?;
            next += 1;
        }
        expect(next == size >> level, too_few_or_many)?;
        all += next;
    }
    let (stored,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM nodes").fetch_one(connection).await?;
    expect(count(stored) == all, too_few_or_many)
}

type NodeColumns = (i64, Vec<u8>, Option<Vec<u8>>, Option<Vec<u8>>);

const OVER_LEAVES: &str = "SELECT n.idx, n.hash, l.hash, r.hash FROM nodes n LEFT JOIN leaves l ON l.idx = 2 * n.idx \
     LEFT JOIN leaves r ON r.idx = 2 * n.idx + 1 WHERE n.level = ? ORDER BY n.idx";
const OVER_NODES: &str = "SELECT n.idx, n.hash, l.hash, r.hash FROM nodes n \
     LEFT JOIN nodes l ON l.level = n.level - 1 AND l.idx = 2 * n.idx \
     LEFT JOIN nodes r ON r.level = n.level - 1 AND r.idx = 2 * n.idx + 1 WHERE n.level = ? ORDER BY n.idx";

pub(super) fn expect(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), StoreError> {
    if holds { Ok(()) } else { Err(StoreError::Damaged(otherwise())) }
}
