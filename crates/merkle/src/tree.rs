use aws_lc_rs::digest::{Context, SHA256, digest};

/// A SHA-256.
pub type Hash = [u8; 32];

/// The root of the tree without leaves: SHA-256 of nothing.
pub const EMPTY_ROOT: Hash = [
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27, 0xae, 0x41,
    0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
];

/// Bytes that are hashed from one buffer: making a context costs as much as hashing a node.
const SHORT: usize = 1024;

/// SHA-256 of `0x00 || leaf`.
#[must_use]
pub fn leaf_hash(leaf: &[u8]) -> Hash {
    let mut bytes = [0; SHORT];
    if let Some(place) = bytes.get_mut(1..=leaf.len()) {
        place.copy_from_slice(leaf);
        return hash(digest(&SHA256, &bytes[..=leaf.len()]).as_ref());
    }
    let mut context = Context::new(&SHA256);
    context.update(&[0]);
    context.update(leaf);
    hash(context.finish().as_ref())
}

/// SHA-256 of `0x01 || left || right`.
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut bytes = [1; 65];
    bytes[1..33].copy_from_slice(left);
    bytes[33..].copy_from_slice(right);
    hash(digest(&SHA256, &bytes).as_ref())
}

/// The root over these leaf hashes.
#[must_use]
pub fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => EMPTY_ROOT,
        [one] => *one,
        many => {
            let (left, right) = many.split_at(split(many.len()));
            node_hash(&root(left), &root(right))
        }
    }
}

/// The largest power of two below `size`, which is at least 2.
pub(crate) fn split(size: usize) -> usize {
    1 << (usize::BITS - 1 - (size - 1).leading_zeros())
}

fn hash(bytes: &[u8]) -> Hash {
    let mut hash = [0; 32];
    hash.copy_from_slice(bytes);
    hash
}
