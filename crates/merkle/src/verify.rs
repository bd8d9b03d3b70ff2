use crate::tree::{EMPTY_ROOT, Hash, node_hash};

/// Why a proof does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    #[error("the index or the smaller size is not in the tree")]
    OutOfRange,
    #[error("the path is not as long as the tree is high")]
    WrongLength,
    #[error("the path leads to another root")]
    OtherRoot,
}

/// Checks that the leaf with this hash stands at `index` in the tree of `size` leaves (RFC 9162, 2.1.3.2).
///
/// # Errors
/// [`ProofError`].
pub fn verify_inclusion(index: u64, size: u64, leaf: &Hash, path: &[Hash], root: &Hash) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::OutOfRange);
    }
    let (mut node, mut last, mut hash) = (index, size - 1, *leaf);
    for sibling in path {
        if last == 0 {
            return Err(ProofError::WrongLength);
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    finish(last, &[(hash, *root)])
}

/// Checks that the tree of `from` leaves is the beginning of the tree of `to` leaves (RFC 9162, 2.1.4.2).
/// Everything is consistent with the empty tree.
///
/// # Errors
/// [`ProofError`].
pub fn verify_consistency(
    from: u64,
    to: u64,
    path: &[Hash],
    from_root: &Hash,
    to_root: &Hash,
) -> Result<(), ProofError> {
    if from > to {
        return Err(ProofError::OutOfRange);
    }
    if from == 0 || from == to {
        let same = if from == 0 { *from_root == EMPTY_ROOT } else { from_root == to_root };
        return match (path.is_empty(), same) {
            (false, _) => Err(ProofError::WrongLength),
            (true, false) => Err(ProofError::OtherRoot),
            (true, true) => Ok(()),
        };
    }
    let (mut node, mut last) = (from - 1, to - 1);
    while node & 1 == 1 {
        node >>= 1;
        last >>= 1;
    }
    // A `from` that is a power of two is itself a node of the larger tree, and the path leaves it out.
    let (first, rest) = if node == 0 && from.is_power_of_two() {
        (*from_root, path)
    } else {
        let (first, rest) = path.split_first().ok_or(ProofError::WrongLength)?;
        (*first, rest)
    };
    let (mut smaller, mut larger) = (first, first);
    for sibling in rest {
        if last == 0 {
            return Err(ProofError::WrongLength);
        }
        if node & 1 == 1 || node == last {
            smaller = node_hash(sibling, &smaller);
            larger = node_hash(sibling, &larger);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            larger = node_hash(&larger, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    finish(last, &[(smaller, *from_root), (larger, *to_root)])
}

fn finish(height_left: u64, pairs: &[(Hash, Hash)]) -> Result<(), ProofError> {
    if height_left != 0 {
        return Err(ProofError::WrongLength);
    }
    if pairs.iter().any(|(computed, expected)| computed != expected) {
        return Err(ProofError::OtherRoot);
    }
    Ok(())
}
