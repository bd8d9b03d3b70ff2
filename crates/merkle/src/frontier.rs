use crate::tree::{EMPTY_ROOT, Hash, node_hash};

/// The right edge of a growing tree: enough to add leaves and know the root, in one hash for each bit of the size.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    /// Roots of the full subtrees, largest first: one for each bit that is set in `size`.
    peaks: Vec<Hash>,
}

impl Frontier {
    /// How many leaves there are.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf by its hash. `completed` hears of every node that is full from now on, the leaf itself first, as
    /// `(level, index in that level, hash)`.
    pub fn push(&mut self, leaf: Hash, mut completed: impl FnMut(u8, u64, &Hash)) {
        let (mut hash, mut level, mut index) = (leaf, 0u8, self.size);
        completed(level, index, &hash);
        while index & 1 == 1 {
            if let Some(left) = self.peaks.pop() {
                hash = node_hash(&left, &hash);
            }
            level += 1;
            index >>= 1;
            completed(level, index, &hash);
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// The roots of the full subtrees along the right edge, largest first, as `(level, index in that level, hash)`.
    pub fn peaks(&self) -> impl Iterator<Item = (u8, u64, &Hash)> {
        let size = self.size;
        let levels = (0..64_u8).rev().filter(move |level| (size >> level) & 1 == 1);
        levels.zip(&self.peaks).map(move |(level, hash)| (level, (size >> level) - 1, hash))
    }

    /// The root.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut right_to_left = self.peaks.iter().rev();
        let Some(last) = right_to_left.next() else { return EMPTY_ROOT };
        right_to_left.fold(*last, |right, left| node_hash(left, &right))
    }
}
