use checkpoint::{Checkpoint, LogVerifier};
use domain::UnixMillis;
use futures_util::TryStreamExt as _;
use merkle::{Frontier, Hash, leaf_hash};
use sqlx::sqlite::SqliteConnection;
use wire::event::Event;

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
/// hashes, nodes, each head, the head beside the objects.
pub(crate) async fn check(
    connection: &mut SqliteConnection,
    verifier: &LogVerifier,
    head_file: &HeadFile,
) -> Result<Log, StoreError> {
    let ours = head_file.read(verifier)?;
    let heads = read_heads(connection, verifier).await?;
    let mut log = Log::default();
    let mut nodes_expected: Vec<(u8, u64, Hash)> = Vec::new();
    let mut heads_left = heads.iter().peekable();
    let mut file_seen = ours.is_none();
    {
        let mut rows =
            sqlx::query_as::<_, (i64, i64, Vec<u8>, Vec<u8>)>("SELECT idx, at, leaf, hash FROM leaves ORDER BY idx")
                .fetch(&mut *connection);
        while let Some((idx, at, leaf, hash)) = rows.try_next().await? {
            log.take(count(idx), at, &leaf, &hash, &mut nodes_expected)?;
            let (size, root) = (log.frontier.size(), log.frontier.root());
            if let Some((head, note)) = heads_left.next_if(|(head, _)| head.size == size) {
                expect(head.root == root, || format!("the head of size {size} has another root than its leaves"))?;
                log.note.clone_from(note);
            }
            if let Some(head) = ours.as_ref().filter(|head| head.size == size) {
                expect(head.root == root, || format!("the head beside the objects, size {size}, has another root"))?;
                file_seen = true;
            }
        }
    }
    let size = log.frontier.size();
    expect(file_seen, || "the database is behind the head beside the objects: it was rolled back".into())?;
    expect(heads_left.next().is_none(), || "a head is larger than the log".into())?;
    expect(heads.last().map_or(0, |(head, _)| head.size) == size, || "the last leaves have no head".into())?;
    check_nodes(connection, nodes_expected).await?;
    Ok(log)
}

impl Log {
    fn take(
        &mut self,
        idx: u64,
        at: UnixMillis,
        leaf: &[u8],
        hash: &[u8],
        nodes: &mut Vec<(u8, u64, Hash)>,
    ) -> Result<(), StoreError> {
        expect(idx == self.frontier.size(), || format!("leaf {} is missing", self.frontier.size()))?;
        let computed = leaf_hash(leaf);
        expect(computed == hash, || format!("leaf {idx} is not what was signed"))?;
        let event: Event =
            serde_json::from_slice(leaf).map_err(|_| StoreError::damaged(format!("leaf {idx} is not an Event")))?;
        expect(event.at == at && at >= self.last_at, || format!("the time of leaf {idx} goes back"))?;
        self.last_at = at;
        self.frontier.push(computed, |level, index, hash| {
            if level > 0 {
                nodes.push((level, index, *hash));
            }
        });
        Ok(())
    }
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

fn expect(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), StoreError> {
    if holds { Ok(()) } else { Err(StoreError::Damaged(otherwise())) }
}
