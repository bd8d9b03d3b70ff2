use crate::tree::{Hash, root, split};

/// The inclusion path of the leaf at `index`, from the leaf up (RFC 9162, 2.1.3.1). Empty when `index` is not in the tree.
#[must_use]
pub fn inclusion_path(index: usize, leaves: &[Hash]) -> Vec<Hash> {
    let mut path = Vec::new();
    let (mut index, mut rest) = (index, leaves);
    if index >= rest.len() {
        return path;
    }
    while rest.len() > 1 {
        let (left, right) = rest.split_at(split(rest.len()));
        if index < left.len() {
            path.push(root(right));
            rest = left;
        } else {
            path.push(root(left));
            index -= left.len();
            rest = right;
        }
    }
    path.reverse();
    path
}

/// The path that proves the tree of the first `from` leaves to be the beginning of this one (RFC 9162, 2.1.4.1).
/// Empty when `from` is 0, the whole tree, or more than it.
#[must_use]
pub fn consistency_path(from: usize, leaves: &[Hash]) -> Vec<Hash> {
    if from == 0 || from >= leaves.len() {
        return Vec::new();
    }
    let mut path = Vec::new();
    let (mut from, mut rest, mut whole) = (from, leaves, true);
    while from < rest.len() {
        let (left, right) = rest.split_at(split(rest.len()));
        if from <= left.len() {
            path.push(root(right));
            rest = left;
        } else {
            path.push(root(left));
            from -= left.len();
            rest = right;
            whole = false;
        }
    }
    if !whole {
        path.push(root(rest));
    }
    path.reverse();
    path
}
