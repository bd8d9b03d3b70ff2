use std::collections::HashMap;

use merkle::{EMPTY_ROOT, Hash, node_hash};
use sqlx::sqlite::SqliteConnection;

use crate::error::StoreError;

/// A run of leaves: its first index and how many.
pub(super) type Range = (u64, u64);

/// A full subtree: its level (0 is a leaf) and its index there.
pub(crate) type Place = (u32, u64);

/// Whatever a path is made of, in one call and one row: each costs more than what it reads. A place is one number, its level
/// in the bits above [`LEVEL`].
const NODES: &str = "SELECT (SELECT group_concat(j.value || ':' || hex(l.hash), ' ') \
     FROM json_each(?1) j CROSS JOIN leaves l ON l.idx = j.value), \
     (SELECT group_concat(j.value || ':' || hex(n.hash), ' ') FROM json_each(?2) j CROSS JOIN nodes n \
     ON n.level = j.value >> 56 AND n.idx = j.value & 72057594037927935)";
const LEVEL: u32 = 56;

/// Hashes of full subtrees, read from the database.
pub(super) async fn stored(
    connection: &mut SqliteConnection,
    places: &[Place],
) -> Result<HashMap<Place, Hash>, StoreError> {
    if places.is_empty() {
        return Ok(HashMap::new());
    }
    let numbers = places.iter().map(number).collect::<Result<Vec<u64>, _>>()?;
    let (leaves, inner): (Vec<u64>, Vec<u64>) = numbers.into_iter().partition(|number| number >> LEVEL == 0);
    let listed = |error| StoreError::damaged(format!("a list of nodes: {error}"));
    let (leaves, inner): (Option<String>, Option<String>) = sqlx::query_as(NODES)
        .bind(serde_json::to_string(&leaves).map_err(listed)?)
        .bind(serde_json::to_string(&inner).map_err(listed)?)
        .fetch_one(connection)
        .await?;
    let found = [leaves, inner].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let unreadable = || StoreError::damaged("a node is not a hash");
    found.split_terminator(' ').map(|node| read(node).ok_or_else(unreadable)).collect()
}

fn number(place: &Place) -> Result<u64, StoreError> {
    let (level, idx) = *place;
    if level < 63 && idx >> LEVEL == 0 { Ok(u64::from(level) << LEVEL | idx) } else { Err(missing(*place)) }
}

fn read(node: &str) -> Option<(Place, Hash)> {
    let (number, digits) = node.split_once(':')?;
    let number: u64 = number.parse().ok()?;
    let mut hash = [0; 32];
    for (byte, digits) in hash.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
        *byte = digit(digits[0])? << 4 | digit(digits[1])?;
    }
    let place = (u32::try_from(number >> LEVEL).ok()?, number & ((1 << LEVEL) - 1));
    (digits.len() == 64).then_some((place, hash))
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

pub(super) fn missing((level, idx): Place) -> StoreError {
    StoreError::damaged(format!("node {level}/{idx} is missing"))
}

/// As [`super::Tree::inclusion`], of full subtrees that are at hand.
pub(crate) fn inclusion_from(known: &HashMap<Place, Hash>, index: u64, size: u64) -> Result<Vec<Hash>, StoreError> {
    path(&places(siblings(index, size)), known)
}

/// From the root down.
pub(super) fn siblings(index: u64, size: u64) -> Vec<Range> {
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

pub(super) fn parts(from: u64, to: u64) -> Vec<Range> {
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
    parts
}

pub(super) fn places(ranges: Vec<Range>) -> Vec<Vec<Place>> {
    ranges.into_iter().rev().map(subtrees).collect()
}

pub(super) fn path(ranges: &[Vec<Place>], found: &HashMap<Place, Hash>) -> Result<Vec<Hash>, StoreError> {
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
