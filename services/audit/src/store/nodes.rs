use merkle::{EMPTY_ROOT, Hash, node_hash};
use sqlx::sqlite::SqliteConnection;

use super::sql;
use crate::error::StoreError;

/// A run of leaves: its first index and how many.
type Range = (u64, u64);

/// The hash of the full subtree `idx` at `level` (0 is a leaf).
pub(crate) async fn node(connection: &mut SqliteConnection, level: u32, idx: u64) -> Result<Hash, StoreError> {
    let found: Option<(Vec<u8>,)> = if level == 0 {
        sqlx::query_as("SELECT hash FROM leaves WHERE idx = ?").bind(sql(idx)).fetch_optional(connection).await?
    } else {
        sqlx::query_as("SELECT hash FROM nodes WHERE level = ? AND idx = ?")
            .bind(i64::from(level))
            .bind(sql(idx))
            .fetch_optional(connection)
            .await?
    };
    found
        .and_then(|(hash,)| Hash::try_from(hash).ok())
        .ok_or_else(|| StoreError::damaged(format!("node {level}/{idx} is missing")))
}

/// The root of the first `size` leaves.
pub(crate) async fn root_at(connection: &mut SqliteConnection, size: u64) -> Result<Hash, StoreError> {
    if size == 0 { Ok(EMPTY_ROOT) } else { range_root(connection, (0, size)).await }
}

/// RFC 9162 inclusion path of `index` in the tree of `size`; `index` is below `size`.
pub(crate) async fn inclusion(
    connection: &mut SqliteConnection,
    index: u64,
    size: u64,
) -> Result<Vec<Hash>, StoreError> {
    let mut siblings = Vec::new();
    let (mut start, mut length) = (0, size);
    while length > 1 {
        let left = split(length);
        if index < start + left {
            siblings.push((start + left, length - left));
            length = left;
        } else {
            siblings.push((start, left));
            start += left;
            length -= left;
        }
    }
    hashes(connection, siblings).await
}

/// RFC 9162 consistency path between two sizes; `from` is above 0 and below `to`.
pub(crate) async fn consistency(
    connection: &mut SqliteConnection,
    from: u64,
    to: u64,
) -> Result<Vec<Hash>, StoreError> {
    let mut parts = Vec::new();
    let (mut start, mut length, mut whole) = (0, to, true);
    while from < start + length {
        let left = split(length);
        if from <= start + left {
            parts.push((start + left, length - left));
            length = left;
        } else {
            parts.push((start, left));
            start += left;
            length -= left;
            whole = false;
        }
    }
    if !whole {
        parts.push((start, length));
    }
    hashes(connection, parts).await
}

/// From the root down in, from the leaf up out.
async fn hashes(connection: &mut SqliteConnection, ranges: Vec<Range>) -> Result<Vec<Hash>, StoreError> {
    let mut path = Vec::with_capacity(ranges.len());
    for range in ranges.into_iter().rev() {
        path.push(range_root(connection, range).await?);
    }
    Ok(path)
}

/// Every range that a path asks for starts at a multiple of the largest power of two in its length.
async fn range_root(connection: &mut SqliteConnection, (start, length): Range) -> Result<Hash, StoreError> {
    let mut peaks = Vec::new();
    let (mut at, mut rest) = (start, length);
    while rest > 0 {
        let level = 63 - rest.leading_zeros();
        peaks.push(node(connection, level, at >> level).await?);
        at += 1 << level;
        rest -= 1 << level;
    }
    let mut right_to_left = peaks.into_iter().rev();
    let last = right_to_left.next().ok_or_else(|| StoreError::damaged("an empty range has no root"))?;
    Ok(right_to_left.fold(last, |right, left| node_hash(&left, &right)))
}

fn split(length: u64) -> u64 {
    1 << (63 - (length - 1).leading_zeros())
}
