use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use merkle::{EMPTY_ROOT, Hash};
use sqlx::sqlite::SqliteConnection;

use super::nodes::{Place, Range, missing, parts, path, places, siblings, stored};
use super::{count, sql};
use crate::error::StoreError;

/// Subtrees of this level and above are kept once read: one of 1,024 leaves never changes again, and those of 10 million
/// leaves take 640 KB.
const KEPT: u32 = 10;

/// The log's tree, as it is read. Committed nodes are never written again.
#[derive(Default)]
pub(crate) struct Tree {
    /// From the left without a gap, by level.
    upper: RwLock<HashMap<u32, Vec<Hash>>>,
}

impl Tree {
    /// The root of the first `size` leaves.
    pub async fn root_at(&self, connection: &mut SqliteConnection, size: u64) -> Result<Hash, StoreError> {
        Ok(self.hashes(connection, vec![(0, size)]).await?.pop().unwrap_or(EMPTY_ROOT))
    }

    /// RFC 9162 inclusion path of `index` in the tree of `size`; `index` is below `size`.
    pub async fn inclusion(
        &self,
        connection: &mut SqliteConnection,
        index: u64,
        size: u64,
    ) -> Result<Vec<Hash>, StoreError> {
        self.hashes(connection, siblings(index, size)).await
    }

    /// RFC 9162 consistency path between two sizes; `from` is above 0 and below `to`.
    pub async fn consistency(
        &self,
        connection: &mut SqliteConnection,
        from: u64,
        to: u64,
    ) -> Result<Vec<Hash>, StoreError> {
        self.hashes(connection, parts(from, to)).await
    }

    /// From the root down in, from the leaf up out.
    async fn hashes(&self, connection: &mut SqliteConnection, ranges: Vec<Range>) -> Result<Vec<Hash>, StoreError> {
        let ranges = places(ranges);
        let (upper, lower): (Vec<Place>, Vec<Place>) =
            ranges.concat().into_iter().partition(|(level, _)| *level >= KEPT);
        let mut found = stored(connection, &lower).await?;
        for (level, idx) in upper {
            let hash = match self.upper(level, idx) {
                Some(hash) => hash,
                None => {
                    self.catch_up(connection, level).await?;
                    self.upper(level, idx).ok_or_else(|| missing((level, idx)))?
                }
            };
            found.insert((level, idx), hash);
        }
        path(&ranges, &found)
    }

    fn upper(&self, level: u32, idx: u64) -> Option<Hash> {
        let upper = self.upper.read().unwrap_or_else(PoisonError::into_inner);
        upper.get(&level)?.get(usize::try_from(idx).ok()?).copied()
    }

    /// Keeps what was committed on this level since it was last read.
    async fn catch_up(&self, connection: &mut SqliteConnection, level: u32) -> Result<(), StoreError> {
        let known = self.upper.read().unwrap_or_else(PoisonError::into_inner).get(&level).map_or(0, Vec::len);
        let rows: Vec<(i64, Vec<u8>)> =
            sqlx::query_as("SELECT idx, hash FROM nodes WHERE level = ? AND idx >= ? ORDER BY idx")
                .bind(i64::from(level))
                .bind(sql(known as u64))
                .fetch_all(connection)
                .await?;
        let mut upper = self.upper.write().unwrap_or_else(PoisonError::into_inner);
        let kept = upper.entry(level).or_default();
        for (idx, hash) in rows {
            let hash = hash.try_into().map_err(|_| StoreError::damaged("a node is not a hash"))?;
            match count(idx).cmp(&(kept.len() as u64)) {
                // Somebody else's call kept it in the meantime.
                Ordering::Less => {}
                Ordering::Equal => kept.push(hash),
                Ordering::Greater => return Err(missing((level, kept.len() as u64))),
            }
        }
        Ok(())
    }
}
