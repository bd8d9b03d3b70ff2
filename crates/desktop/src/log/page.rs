use std::collections::BTreeMap;

use checkpoint::Checkpoint;
use domain::Digest;
use merkle::{Hash, leaf_hash, node_hash};

/// Subtrees of the log by the entries that they cover, from the first to before the second.
type Known = BTreeMap<(u64, u64), Hash>;

/// Whether these leaves, from entry `first` on and without a gap, stand under the Checkpoint. `paths` are the inclusion
/// paths of the first and the last of them: between the two nothing else is needed.
pub(crate) fn stands_under(checkpoint: &Checkpoint, first: u64, leaves: &[&str], paths: [&[Digest]; 2]) -> bool {
    let hashes: Vec<Hash> = leaves.iter().map(|leaf| leaf_hash(leaf.as_bytes())).collect();
    let Some(last) = (hashes.len() as u64).checked_sub(1).and_then(|more| first.checked_add(more)) else {
        return false;
    };
    if last >= checkpoint.size {
        return false;
    }
    let mut known = Known::new();
    for (index, path) in [first, last].into_iter().zip(paths) {
        if beside(index, checkpoint.size, path, &mut known).is_none() {
            return false;
        }
    }
    subtree((0, checkpoint.size), first, &hashes, &known) == Some(checkpoint.root)
}

/// The subtrees of a path, each under the entries that it covers; `None` when the path is too short or too long.
fn beside(index: u64, size: u64, path: &[Digest], known: &mut Known) -> Option<()> {
    let (mut from, mut to) = (0, size);
    let mut rest = path.iter().rev();
    while to - from > 1 {
        let hash = super::hash(rest.next()?.as_str())?;
        let middle = from + left_of(to - from);
        if index < middle {
            known.insert((middle, to), hash);
            to = middle;
        } else {
            known.insert((from, middle), hash);
            from = middle;
        }
    }
    rest.next().is_none().then_some(())
}

fn subtree((from, to): (u64, u64), first: u64, leaves: &[Hash], known: &Known) -> Option<Hash> {
    let end = first + leaves.len() as u64;
    if to <= first || end <= from {
        return known.get(&(from, to)).copied();
    }
    if to - from == 1 {
        return leaves.get(usize::try_from(from - first).ok()?).copied();
    }
    let middle = from + left_of(to - from);
    let (left, right) = (subtree((from, middle), first, leaves, known)?, subtree((middle, to), first, leaves, known)?);
    Some(node_hash(&left, &right))
}

/// How many of two or more leaves stand on the left: the largest power of two below (RFC 9162, 2.1.1).
fn left_of(count: u64) -> u64 {
    1 << (63 - (count - 1).leading_zeros())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(index: u64, leaves: &[Hash]) -> Vec<Digest> {
        let path = merkle::inclusion_path(usize::try_from(index).unwrap(), leaves);
        path.iter().map(|h| statement::base64url(h).parse().unwrap()).collect()
    }

    #[test]
    fn l_09_every_page_of_every_small_log_is_recomputed_and_no_other() {
        for size in 1..=17_u64 {
            let leaves: Vec<String> = (0..size).map(|n| format!("entry {n}")).collect();
            let hashes: Vec<Hash> = leaves.iter().map(|l| leaf_hash(l.as_bytes())).collect();
            let checkpoint = Checkpoint { origin: "x".into(), size, root: merkle::root(&hashes) };
            for first in 0..size {
                for end in first + 1..=size {
                    let range = usize::try_from(first).unwrap()..usize::try_from(end).unwrap();
                    let page: Vec<&str> = leaves[range].iter().map(String::as_str).collect();
                    let (a, b) = (path(first, &hashes), path(end - 1, &hashes));
                    let stands = |first, page: &[&str]| stands_under(&checkpoint, first, page, [&a, &b]);
                    assert!(stands(first, &page), "{first}..{end} of {size}");
                    assert!(!stands(first + 1, &page), "elsewhere");
                    for place in 0..page.len() {
                        let (mut altered, mut left_out) = (page.clone(), page.clone());
                        altered[place] = "made up";
                        left_out.remove(place);
                        assert!(!stands(first, &altered) && !stands(first, &left_out), "{place} of {first}..{end}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_path_of_another_length_proves_nothing() {
        let hashes: Vec<Hash> = ["a", "b", "c"].map(|l| leaf_hash(l.as_bytes())).into();
        let checkpoint = Checkpoint { origin: "x".into(), size: 3, root: merkle::root(&hashes) };
        let good = path(1, &hashes);
        let longer = [good.clone(), vec![statement::sha256("x")]].concat();
        assert!(stands_under(&checkpoint, 1, &["b"], [&good, &good]));
        for wrong in [&good[..1], &longer, &[]] {
            assert!(!stands_under(&checkpoint, 1, &["b"], [wrong, &good]));
            assert!(!stands_under(&checkpoint, 1, &["b"], [&good, wrong]));
        }
        assert!(!stands_under(&checkpoint, u64::MAX, &["b", "c"], [&good, &good]));
        assert!(!stands_under(&checkpoint, 0, &[], [&good, &good]));
    }
}
