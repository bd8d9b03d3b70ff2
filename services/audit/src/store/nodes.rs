use std::collections::HashMap;

use merkle::{EMPTY_ROOT, Hash, node_hash};
use sqlx::sqlite::SqliteConnection;

use super::count;
use crate::error::StoreError;

/// A run of leaves: its first index and how many.
type Range = (u64, u64);

/// A full subtree: its level (0 is a leaf) and its index there.
pub(crate) type Place = (u32, u64);

/// Whatever a path is made of, in one call: each costs more than the rows that it reads.
const NODES: &str = "SELECT 0, l.idx, l.hash FROM json_each(?1) j CROSS JOIN leaves l ON l.idx = j.value \
     UNION ALL SELECT n.level, n.idx, n.hash FROM json_each(?2) j CROSS JOIN nodes n \
     ON n.level = json_extract(j.value, '$[0]') AND n.idx = json_extract(j.value, '$[1]')";

/// The hashes of full subtrees.
async fn nodes(connection: &mut SqliteConnection, places: &[Place]) -> Result<HashMap<Place, Hash>, StoreError> {
    let (leaves, inner): (Vec<&Place>, Vec<&Place>) = places.iter().partition(|(level, _)| *level == 0);
    let leaves: Vec<u64> = leaves.into_iter().map(|(_, idx)| *idx).collect();
    let listed = |error| StoreError::damaged(format!("a list of nodes: {error}"));
    let rows: Vec<(i64, i64, Vec<u8>)> = sqlx::query_as(NODES)
        .bind(serde_json::to_string(&leaves).map_err(listed)?)
        .bind(serde_json::to_string(&inner).map_err(listed)?)
        .fetch_all(connection)
        .await?;
    let mut found = HashMap::with_capacity(rows.len());
    for (level, idx, hash) in rows {
        let place = (u32::try_from(level).unwrap_or(u32::MAX), count(idx));
        found.insert(place, Hash::try_from(hash).map_err(|_| missing(place))?);
    }
    Ok(found)
}

fn missing((level, idx): Place) -> StoreError {
    StoreError::damaged(format!("node {level}/{idx} is missing"))
}

/// The root of the first `size` leaves.
pub(crate) async fn root_at(connection: &mut SqliteConnection, size: u64) -> Result<Hash, StoreError> {
    Ok(hashes(connection, vec![(0, size)]).await?.pop().unwrap_or(EMPTY_ROOT))
}

/// RFC 9162 inclusion path of `index` in the tree of `size`; `index` is below `size`.
pub(crate) async fn inclusion(
    connection: &mut SqliteConnection,
    index: u64,
    size: u64,
) -> Result<Vec<Hash>, StoreError> {
    hashes(connection, siblings(index, size)).await
}

/// As [`inclusion`], of full subtrees that are at hand.
pub(crate) fn inclusion_from(known: &HashMap<Place, Hash>, index: u64, size: u64) -> Result<Vec<Hash>, StoreError> {
    path(&places(siblings(index, size)), known)
}

/// From the root down.
fn siblings(index: u64, size: u64) -> Vec<Range> {
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
    siblings
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
    let ranges = places(ranges);
    let found = nodes(connection, &ranges.concat()).await?;
    path(&ranges, &found)
}

fn places(ranges: Vec<Range>) -> Vec<Vec<Place>> {
    ranges.into_iter().rev().map(subtrees).collect()
}

fn path(ranges: &[Vec<Place>], found: &HashMap<Place, Hash>) -> Result<Vec<Hash>, StoreError> {
    ranges.iter().filter(|places| !places.is_empty()).map(|places| root_of(places, found)).collect()
}

/// The full subtrees of a range, from the left. Every range that a path asks for starts at a multiple of the largest power
/// of two in its length.
fn subtrees((start, length): Range) -> Vec<Place> {
    let (mut at, mut rest) = (start, length);
    let mut places = Vec::new();
    while rest > 0 {
        let level = 63 - rest.leading_zeros();
        places.push((level, at >> level));
        at += 1 << level;
        rest -= 1 << level;
    }
    places
}

fn root_of(places: &[Place], found: &HashMap<Place, Hash>) -> Result<Hash, StoreError> {
    let hash = |place: &Place| found.get(place).copied().ok_or_else(|| missing(*place));
    let mut right_to_left = places.iter().rev();
    let last = right_to_left.next().map_or(Ok(EMPTY_ROOT), hash)?;
    right_to_left.try_fold(last, |right, left| Ok(node_hash(&hash(left)?, &right)))
}

fn split(length: u64) -> u64 {
    1 << (63 - (length - 1).leading_zeros())
}
