//! The Merkle tree of the audit log, after RFC 6962 section 2.1 and RFC 9162 section 2.1: hashes, paths, verification.
//!
//! What it is not: no storage, no signatures (those are `checkpoint`'s), no IO, no clock, and no idea of what a leaf says.

mod frontier;
mod path;
mod tree;
mod verify;

pub use frontier::Frontier;
pub use path::{consistency_path, inclusion_path};
pub use tree::{EMPTY_ROOT, Hash, leaf_hash, node_hash, root};
pub use verify::{ProofError, verify_consistency, verify_inclusion};

#[cfg(test)]
mod tests;
