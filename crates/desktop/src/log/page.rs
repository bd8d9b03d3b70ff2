use std::collections::BTreeMap;

use checkpoint::Checkpoint;
use domain::Digest;
use merkle::{Hash, leaf_hash, node_hash};

/// Subtrees of the log by the entries that they cover, from the first to before the second.
type Known = BTreeMap<(u64, u64), Hash>;

/// The inclusion path of each of these leaves, recomputed; none when they do not stand under the Checkpoint from entry
/// `first` on and without a gap. `paths` are those of the first and the last of them: between the two nothing else is
/// needed.
pub(crate) fn paths_under(
    checkpoint: &Checkpoint,
    first: u64,
    leaves: &[&str],
    paths: [&[Digest]; 2],
) -> Option<Vec<Vec<Hash>>> {
    let hashes: Vec<Hash> = leaves.iter().map(|leaf| leaf_hash(leaf.as_bytes())).collect();
    let last = (hashes.len() as u64).checked_sub(1).and_then(|more| first.checked_add(more))?;
    if last >= checkpoint.size {
        return None;
    }
    let mut known = Known::new();
    for (index, path) in [first, last].into_iter().zip(paths) {
        beside(index, checkpoint.size, path, &mut known)?;
    }
    if subtree((0, checkpoint.size), first, &hashes, &mut known)? != checkpoint.root {
        return None;
    }
    (first..=last).map(|index| path_of(index, checkpoint.size, &known)).collect()
}

/// The path of an entry, from its leaf up, through what is known.
fn path_of(index: u64, size: u64, known: &Known) -> Option<Vec<Hash>> {
    let (mut from, mut to) = (0, size);
    let mut path = Vec::new();
    while to - from > 1 {
        let middle = from + left_of(to - from);
        let (within, beside) =
            if index < middle { ((from, middle), (middle, to)) } else { ((middle, to), (from, middle)) };
        path.push(*known.get(&beside)?);
        (from, to) = within;
    }
    path.reverse();
    Some(path)
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

fn subtree((from, to): (u64, u64), first: u64, leaves: &[Hash], known: &mut Known) -> Option<Hash> {
    let end = first + leaves.len() as u64;
    if to <= first || end <= from {
        return known.get(&(from, to)).copied();
    }
    let hash = if to - from == 1 {
        *leaves.get(usize::try_from(from - first).ok()?)?
    } else {
        let middle = from + left_of(to - from);
        let left = subtree((from, middle), first, leaves, known)?;
        node_hash(&left, &subtree((middle, to), first, leaves, known)?)
    };
    // What was computed from leaves stands; what a path said of it before was only said.
    known.insert((from, to), hash);
    Some(hash)
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
                    let proven = |first, page: &[&str]| paths_under(&checkpoint, first, page, [&a, &b]);
                    let stands = |first, page: &[&str]| proven(first, page).is_some();
                    let paths = proven(first, &page).expect("a page of the log");
                    for (index, path) in (first..end).zip(&paths) {
                        let leaf = hashes[usize::try_from(index).unwrap()];
                        let verified = merkle::verify_inclusion(index, size, &leaf, path, &checkpoint.root);
                        assert!(verified.is_ok(), "{index} of {first}..{end} of {size}");
                    }
                    assert_eq!(paths.len() as u64, end - first, "{first}..{end} of {size}");
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
        let stands =
            |first, leaves: &[&str], paths: [&[Digest]; 2]| paths_under(&checkpoint, first, leaves, paths).is_some();
        assert!(stands(1, &["b"], [&good, &good]));
        for wrong in [&good[..1], &longer, &[]] {
            assert!(!stands(1, &["b"], [wrong, &good]));
            assert!(!stands(1, &["b"], [&good, wrong]));
        }
        assert!(!stands(u64::MAX, &["b", "c"], [&good, &good]));
        assert!(!stands(0, &[], [&good, &good]));
    }
}
