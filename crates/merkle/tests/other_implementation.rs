//! This tree and another implementation of RFC 6962 agree about a log of 100,000 entries: same roots, same proofs, and
//! each verifies the other's.

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use ct_merkle::{ConsistencyProof, InclusionProof, RootHash};
use merkle::{Frontier, Hash, consistency_path, inclusion_path, leaf_hash, root, verify_consistency, verify_inclusion};
use sha2::Sha256;

const ENTRIES: u64 = 100_000;

fn entry(n: u64) -> Vec<u8> {
    format!("entry {n} {}", "x".repeat(usize::try_from(n % 97).expect("small"))).into_bytes()
}

fn hashes(bytes: &[u8]) -> Vec<Hash> {
    bytes.chunks_exact(32).map(|hash| hash.try_into().expect("32 bytes")).collect()
}

fn size(n: u64) -> usize {
    usize::try_from(n).expect("small")
}

/// The other tree's root as this one has it, and the other way round.
fn theirs(hash: &Hash, size: u64) -> RootHash<Sha256> {
    RootHash::new((*hash).into(), size)
}

/// Everywhere near a power of two, near the ends, and scattered between.
fn places(end: u64) -> Vec<u64> {
    let near_powers = (0..17_u32).flat_map(|bit| [(1_u64 << bit).saturating_sub(1), 1 << bit, (1 << bit) + 1]);
    let scattered = (1..20).map(|n| n * 5_003);
    let mut places: Vec<u64> =
        near_powers.chain(scattered).chain([0, end / 2, end - 2, end - 1]).filter(|n| *n < end).collect();
    places.sort_unstable();
    places.dedup();
    places
}

#[test]
fn two_implementations_agree_about_a_hundred_thousand_entries() {
    let (mut other, mut frontier) = (MemoryBackedTree::<Sha256, Vec<u8>>::new(), Frontier::default());
    let mut leaves = Vec::new();
    let sizes = places(ENTRIES + 1);
    for n in 0..ENTRIES {
        let leaf = leaf_hash(&entry(n));
        other.push(entry(n));
        frontier.push(leaf, |_, _, _| {});
        leaves.push(leaf);
        if sizes.binary_search(&(n + 1)).is_ok() {
            assert_eq!(other.root().as_bytes().as_slice(), frontier.root(), "the root of {} entries", n + 1);
        }
    }
    let head = root(&leaves);
    assert_eq!(head, frontier.root());
    for index in places(ENTRIES) {
        inclusion_agrees(&other, &leaves, index, &head);
    }
    for from in sizes.into_iter().filter(|from| (1..ENTRIES).contains(from)) {
        consistency_agrees(&other, &leaves, from, &head);
    }
}

fn inclusion_agrees(other: &MemoryBackedTree<Sha256, Vec<u8>>, leaves: &[Hash], index: u64, head: &Hash) {
    let (ours, proof) = (inclusion_path(size(index), leaves), other.prove_inclusion(size(index)));
    assert_eq!(hashes(proof.as_bytes()), ours, "the path of entry {index}");
    assert_eq!(verify_inclusion(index, ENTRIES, &leaves[size(index)], &hashes(proof.as_bytes()), head), Ok(()));
    let verified = |path: &[Hash], n: u64| {
        let proof = InclusionProof::try_from_bytes(path.concat()).expect("whole hashes");
        theirs(head, ENTRIES).verify_inclusion(&entry(n), index, &proof).is_ok()
    };
    assert!(verified(&ours, index), "the other verifies the path of entry {index}");
    assert!(!verified(&ours, index + 1), "another entry at {index}");
    let mut altered = ours;
    altered[0][0] ^= 1;
    assert!(!verified(&altered, index), "an altered path of entry {index}");
}

fn consistency_agrees(other: &MemoryBackedTree<Sha256, Vec<u8>>, leaves: &[Hash], from: u64, head: &Hash) {
    let (ours, proof) = (consistency_path(size(from), leaves), other.prove_consistency(size(ENTRIES - from)));
    assert_eq!(hashes(proof.as_bytes()), ours, "the path from {from}");
    let old = root(&leaves[..size(from)]);
    assert_eq!(verify_consistency(from, ENTRIES, &hashes(proof.as_bytes()), &old, head), Ok(()));
    let verified = |path: &[Hash], old: &Hash| {
        let proof = ConsistencyProof::try_from_bytes(path.concat()).expect("whole hashes");
        theirs(head, ENTRIES).verify_consistency(&theirs(old, from), &proof).is_ok()
    };
    assert!(verified(&ours, &old), "the other verifies the path from {from}");
    assert!(!verified(&ours, &leaf_hash(b"a fork")), "a fork at {from}");
    let mut altered = ours;
    altered[0][31] ^= 1;
    assert!(!verified(&altered, &old), "an altered path from {from}");
}
