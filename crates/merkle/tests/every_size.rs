//! This tree and another implementation of RFC 6962 agree about every place in every log of up to 130 entries: same roots,
//! same paths, and the same answer to each path that is altered, or shown for another place or size.

use std::sync::LazyLock;

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use ct_merkle::{ConsistencyProof, InclusionProof, RootHash};
use merkle::{
    EMPTY_ROOT, Hash, consistency_path, inclusion_path, leaf_hash, root, verify_consistency, verify_inclusion,
};
use sha2::Sha256;

const MOST: u64 = 130;

type Other = MemoryBackedTree<Sha256, Vec<u8>>;

static LEAVES: LazyLock<Vec<Hash>> = LazyLock::new(|| (0..=MOST).map(|n| leaf_hash(&entry(n))).collect());
/// By size.
static ROOTS: LazyLock<Vec<Hash>> = LazyLock::new(|| (0..=MOST + 1).map(|size| root(&LEAVES[..at(size)])).collect());

fn entry(n: u64) -> Vec<u8> {
    n.to_be_bytes().repeat(at(n % 5))
}

fn at(n: u64) -> usize {
    usize::try_from(n).expect("small")
}

fn hashes(bytes: &[u8]) -> Vec<Hash> {
    bytes.chunks_exact(32).map(|hash| hash.try_into().expect("32 bytes")).collect()
}

fn theirs(hash: &Hash, size: u64) -> RootHash<Sha256> {
    RootHash::new((*hash).into(), size)
}

/// The other's tree of each size, one after the other.
fn each_size(mut look: impl FnMut(u64, &Other)) {
    let mut other = Other::new();
    for size in 1..=MOST {
        other.push(entry(size - 1));
        look(size, &other);
    }
}

/// The path as it is not: a hash too few at either end, one too many at either end, each bit's worth of another hash.
fn altered(path: &[Hash]) -> Vec<Vec<Hash>> {
    let another = leaf_hash(b"another");
    let mut all = vec![[path, &[another]].concat(), [&[another], path].concat()];
    if let [_, rest @ ..] = path {
        all.extend([rest.to_vec(), path[..rest.len()].to_vec()]);
    }
    for place in 0..path.len() {
        let mut one = path.to_vec();
        one[place][place % 32] ^= 1;
        all.push(one);
    }
    all
}

/// Whether each sibling on the way up stands on the left: what the path of a place looks like without its hashes.
fn shape(mut index: u64, size: u64) -> Option<Vec<bool>> {
    let mut last = size.checked_sub(1).filter(|last| index <= *last)?;
    let mut sides = Vec::new();
    while last > 0 {
        if index & 1 == 1 || index < last {
            sides.push(index & 1 == 1);
        }
        (index, last) = (index >> 1, last >> 1);
    }
    Some(sides)
}

#[test]
fn two_implementations_agree_about_every_root_and_every_place_in_it() {
    assert_eq!(Other::new().root().as_bytes().as_slice(), EMPTY_ROOT);
    each_size(|size, other| {
        let head = &ROOTS[at(size)];
        assert_eq!(other.root().as_bytes().as_slice(), head, "the root of {size}");
        for index in 0..size {
            let path = inclusion_path(at(index), &LEAVES[..at(size)]);
            assert_eq!(hashes(other.prove_inclusion(at(index)).as_bytes()), path, "{index} of {size}");
            every_other_place_is_refused(index, size, &path, head);
        }
    });
}

/// A path stands for its place alone; for another size it leads to the same root only where the way up is the same.
fn every_other_place_is_refused(index: u64, size: u64, path: &[Hash], head: &Hash) {
    let both = |entry_of: u64, i: u64, s: u64, p: &[Hash], h: &Hash| {
        let ours = verify_inclusion(i, s, &LEAVES[at(entry_of)], p, h).is_ok();
        let proof = InclusionProof::try_from_bytes(p.concat()).expect("whole hashes");
        let other = theirs(h, s).verify_inclusion(&entry(entry_of), i, &proof).is_ok();
        assert_eq!(ours, other, "entry {entry_of} at {i} of {s}, shown with the path of {index} of {size}");
        ours
    };
    assert!(both(index, index, size, path, head), "{index} of {size}");
    for wrong in
        [index ^ 1, index + 1, index.wrapping_sub(1), 0, size, index + size].into_iter().filter(|i| *i != index)
    {
        assert!(!both(index, wrong, size, path, head), "{index} as {wrong} of {size}");
    }
    for wrong in [size - 1, size + 1, 2 * size, index, 0] {
        let same_way = shape(index, wrong) == shape(index, size);
        assert_eq!(both(index, index, wrong, path, head), same_way, "{index} of {size} as of {wrong}");
    }
    assert!(!both((index + 1) % MOST, index, size, path, head), "another entry at {index} of {size}");
    for wrong in [&ROOTS[at(size - 1)], &ROOTS[at(size + 1)]] {
        assert!(!both(index, index, size, path, wrong), "{index} of {size} under another root");
    }
    for wrong in altered(path) {
        assert!(!both(index, index, size, &wrong, head), "{index} of {size} with another path");
    }
}

#[test]
fn two_implementations_agree_about_every_pair_of_sizes() {
    each_size(|to, other| {
        for from in 1..to {
            let path = consistency_path(at(from), &LEAVES[..at(to)]);
            assert_eq!(hashes(other.prove_consistency(at(to - from)).as_bytes()), path, "{from} to {to}");
            every_other_pair_is_refused(from, to, &path);
        }
    });
}

fn every_other_pair_is_refused(from: u64, to: u64, path: &[Hash]) {
    let both = |p: &[Hash], old: &Hash, new: &Hash| {
        let ours = verify_consistency(from, to, p, old, new).is_ok();
        let proof = ConsistencyProof::try_from_bytes(p.concat()).expect("whole hashes");
        let other = theirs(new, to).verify_consistency(&theirs(old, from), &proof).is_ok();
        assert_eq!(ours, other, "{from} to {to}");
        ours
    };
    let (old, new) = (&ROOTS[at(from)], &ROOTS[at(to)]);
    assert!(both(path, old, new), "{from} to {to}");
    for wrong in [&ROOTS[at(from - 1)], &ROOTS[at(from + 1)], &leaf_hash(b"a fork")] {
        assert!(!both(path, wrong, new), "{from} to {to} from another old root");
    }
    for wrong in [&ROOTS[at(to - 1)], &ROOTS[at(to + 1)], &leaf_hash(b"a fork")] {
        assert!(!both(path, old, wrong), "{from} to {to} under another new root");
    }
    for wrong in altered(path) {
        assert!(!both(&wrong, old, new), "{from} to {to} with another path");
    }
    assert!(verify_consistency(to, from, path, new, old).is_err(), "{to} back to {from}");
}
