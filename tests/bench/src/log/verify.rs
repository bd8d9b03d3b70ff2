use merkle::Frontier;

use crate::measure::{Case, RUNS, time};

const ENTRIES: usize = 1_000_000;
const LEAF: usize = 300;

/// A million entries hashed into the root that their Checkpoint signs, beside SHA-256 over the same bytes.
pub fn case() -> Case {
    let leaves: Vec<u8> = (0..ENTRIES * LEAF).map(|n| (n % 251) as u8).collect();
    let root = || {
        let mut frontier = Frontier::default();
        for leaf in leaves.chunks_exact(LEAF) {
            frontier.push(merkle::leaf_hash(leaf), |_, _, _| {});
        }
        frontier.root()
    };
    let times: Vec<_> = (0..RUNS)
        .map(|_| (time(root), time(|| aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &leaves))))
        .collect();
    Case::rates("verify/1000000", "SHA-256 of the same bytes", "entries a second", ENTRIES, &times)
}
