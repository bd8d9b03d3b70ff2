use super::*;

fn hex(text: &str) -> Hash {
    let mut hash = [0; 32];
    for (i, byte) in hash.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * i..2 * i + 2], 16).expect("hexadecimal");
    }
    hash
}

/// The eight leaves that the Certificate Transparency implementations test with.
fn known_leaves() -> Vec<Hash> {
    let leaves: [&[u8]; 8] = [
        &[],
        &[0x00],
        &[0x10],
        &[0x20, 0x21],
        &[0x30, 0x31],
        &[0x40, 0x41, 0x42, 0x43],
        &[0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57],
        &[0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f],
    ];
    leaves.iter().map(|l| leaf_hash(l)).collect()
}

const KNOWN_ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn leaves(count: usize) -> Vec<Hash> {
    (0..count).map(|i| leaf_hash(format!("leaf {i}").as_bytes())).collect()
}

#[test]
fn roots_are_those_of_the_rfc_6962_vectors() {
    assert_eq!(root(&[]), EMPTY_ROOT);
    for (i, expected) in KNOWN_ROOTS.iter().enumerate() {
        assert_eq!(root(&known_leaves()[..=i]), hex(expected), "{} leaves", i + 1);
    }
}

/// Every inclusion path that is published for these leaves, with index and size.
const KNOWN_INCLUSIONS: [(u64, u64, &[&str]); 6] = [
    (0, 1, &[]),
    (1, 2, &["6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"]),
    (2, 3, &["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    (
        1,
        5,
        &[
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
    (
        0,
        8,
        &[
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        5,
        8,
        &[
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
];

/// Every consistency path that is published for these leaves, with both sizes.
const KNOWN_CONSISTENCIES: [(u64, u64, &[&str]); 4] = [
    (1, 1, &[]),
    (
        1,
        8,
        &[
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        6,
        8,
        &[
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (
        2,
        5,
        &[
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
];

#[test]
fn paths_are_those_of_the_rfc_6962_vectors() {
    let leaves = known_leaves();
    let place = |n: u64| usize::try_from(n).expect("small");
    let known_root = |size: u64| hex(KNOWN_ROOTS[place(size - 1)]);
    for (index, size, path) in KNOWN_INCLUSIONS {
        let path: Vec<Hash> = path.iter().map(|hash| hex(hash)).collect();
        assert_eq!(inclusion_path(place(index), &leaves[..place(size)]), path, "{index} of {size}");
        let leaf = &leaves[place(index)];
        assert_eq!(verify_inclusion(index, size, leaf, &path, &known_root(size)), Ok(()), "{index} of {size}");
    }
    for (from, to, path) in KNOWN_CONSISTENCIES {
        let path: Vec<Hash> = path.iter().map(|hash| hex(hash)).collect();
        assert_eq!(consistency_path(place(from), &leaves[..place(to)]), path, "{from} to {to}");
        assert_eq!(verify_consistency(from, to, &path, &known_root(from), &known_root(to)), Ok(()), "{from} to {to}");
    }
}

#[test]
fn every_leaf_of_every_size_is_proven_and_nothing_else_is() {
    for size in 1..=70u64 {
        let tree = leaves(usize::try_from(size).expect("small"));
        let head = root(&tree);
        for (index, leaf) in (0..size).zip(&tree) {
            let path = inclusion_path(usize::try_from(index).expect("small"), &tree);
            assert_eq!(verify_inclusion(index, size, leaf, &path, &head), Ok(()), "{index} of {size}");
            refuse_altered_inclusion(index, size, leaf, &path, &head);
        }
    }
}

fn refuse_altered_inclusion(index: u64, size: u64, leaf: &Hash, path: &[Hash], head: &Hash) {
    let refused = |i, s, l: &Hash, p: &[Hash], h: &Hash| {
        assert!(verify_inclusion(i, s, l, p, h).is_err(), "{index} of {size} as {i} of {s}");
    };
    let other = leaf_hash(b"other");
    refused(index, size, &other, path, head);
    refused(index, size, leaf, path, &other);
    refused(index, index, leaf, path, head);
    refused(index, 0, leaf, path, head);
    refused(index ^ 1, size, leaf, path, head);
    refused(index + (1 << 63), size, leaf, path, head);
    refused(index, size, leaf, &[path, &[other]].concat(), head);
    refused(index, size, leaf, &[&[other], path].concat(), head);
    if let Some((_, shorter)) = path.split_last() {
        refused(index, size, leaf, shorter, head);
        refused(index, size, leaf, &path[1..], head);
    }
    for place in 0..path.len() {
        let mut altered = path.to_vec();
        altered[place][31] ^= 1;
        refused(index, size, leaf, &altered, head);
    }
}

#[test]
fn every_pair_of_sizes_is_consistent_and_a_fork_is_not() {
    let tree = leaves(70);
    let size = |n: usize| u64::try_from(n).expect("small");
    for to in 0..=70 {
        for from in 0..=to {
            let (old, new) = (root(&tree[..from]), root(&tree[..to]));
            let path = consistency_path(from, &tree[..to]);
            assert_eq!(verify_consistency(size(from), size(to), &path, &old, &new), Ok(()), "{from} to {to}");
            let refused = |p: &[Hash], o: &Hash, n: &Hash| {
                assert!(verify_consistency(size(from), size(to), p, o, n).is_err(), "{from} to {to}");
            };
            let other = leaf_hash(b"fork");
            refused(&path, &other, &new);
            refused(&[path.as_slice(), &[other]].concat(), &old, &new);
            if from > 0 {
                refused(&path, &old, &other);
            }
            if let Some((_, shorter)) = path.split_last() {
                refused(shorter, &old, &new);
                refused(&path[1..], &old, &new);
            }
            for place in 0..path.len() {
                let mut altered = path.clone();
                altered[place][0] ^= 0x80;
                refused(&altered, &old, &new);
            }
            if from < to {
                assert!(verify_consistency(size(to), size(from), &path, &new, &old).is_err());
            }
        }
    }
}

#[test]
fn the_frontier_grows_to_the_same_roots_and_nodes() {
    let tree = leaves(70);
    let mut frontier = Frontier::default();
    assert_eq!(frontier.root(), root(&[]));
    for (i, leaf) in tree.iter().enumerate() {
        frontier.push(*leaf, |level, index, hash| {
            let (width, index) = (1usize << level, usize::try_from(index).expect("small"));
            assert_eq!(*hash, root(&tree[index * width..(index + 1) * width]), "level {level}, {index}");
        });
        assert_eq!(frontier.root(), root(&tree[..=i]));
        assert_eq!(frontier.size(), i as u64 + 1);
    }
}

#[test]
fn l_09_sizes_of_nothing_and_of_more_than_can_be_are_answered() {
    let (hash, leaf) = (leaf_hash(b"x"), leaf_hash(b"leaf 0"));
    for index in [0, 1, 1 << 63, u64::MAX] {
        assert_eq!(verify_inclusion(index, 0, &leaf, &[], &EMPTY_ROOT), Err(ProofError::OutOfRange), "{index}");
    }
    for size in [1 << 63, (1 << 63) + 1, u64::MAX] {
        for index in [0, 1, (1 << 63) - 1, size - 1] {
            for length in [0, 1, 62, 63, 64, 65, 200] {
                let path = vec![hash; length];
                assert!(verify_inclusion(index, size, &leaf, &path, &hash).is_err(), "{index} in {size}, {length}");
                assert!(
                    verify_consistency(index + 1, size, &path, &leaf, &hash).is_err(),
                    "{index} to {size}, {length}"
                );
            }
        }
        assert_eq!(verify_inclusion(size, size, &leaf, &[], &leaf), Err(ProofError::OutOfRange));
        assert_eq!(verify_consistency(size, size - 1, &[], &leaf, &leaf), Err(ProofError::OutOfRange));
        assert_eq!(verify_consistency(0, size, &[hash], &EMPTY_ROOT, &hash), Err(ProofError::WrongLength));
        assert_eq!(verify_consistency(0, size, &[], &leaf, &hash), Err(ProofError::OtherRoot), "not the empty tree");
    }
    assert_eq!(verify_consistency(0, 0, &[], &EMPTY_ROOT, &EMPTY_ROOT), Ok(()));
}

/// A log of 2^63 leaves that are all the same: its proofs can be computed, and hold.
#[test]
fn l_09_a_proof_in_a_log_of_two_to_the_63_leaves_holds_and_one_step_more_or_less_does_not() {
    let leaf = leaf_hash(b"always the same");
    let levels: Vec<Hash> = std::iter::successors(Some(leaf), |hash| Some(node_hash(hash, hash))).take(64).collect();
    let (path, head) = (&levels[..63], levels[63]);
    for index in [0, 1, 12_345, (1 << 62) + 7, (1 << 63) - 1] {
        assert_eq!(verify_inclusion(index, 1 << 63, &leaf, path, &head), Ok(()), "{index}");
        assert!(verify_inclusion(index, 1 << 63, &leaf, &path[..62], &head).is_err());
        assert!(verify_inclusion(index, 1 << 63, &leaf, &levels, &head).is_err());
        assert!(verify_inclusion(index, 1 << 62, &leaf, path, &head).is_err());
    }
    assert_eq!(verify_consistency(1 << 62, 1 << 63, &levels[62..63], &levels[62], &head), Ok(()));
    assert!(verify_consistency(1 << 61, 1 << 63, &levels[62..63], &levels[61], &head).is_err());
}

#[test]
fn hashes_are_sha_256_of_the_prefixed_bytes_at_every_length() {
    use sha2::Digest as _;
    for length in (0..200).chain(1000..1050).chain([4096, 65_535]) {
        let leaf: Vec<u8> = (0..length).map(|n: usize| (n % 251) as u8).collect();
        assert_eq!(leaf_hash(&leaf)[..], sha2::Sha256::digest([&[0], &leaf[..]].concat())[..], "{length}");
    }
    let (left, right) = (leaf_hash(b"left"), leaf_hash(b"right"));
    assert_eq!(node_hash(&left, &right)[..], sha2::Sha256::digest([&[1], &left[..], &right[..]].concat())[..]);
}

#[test]
fn peaks_are_the_roots_of_the_full_subtrees_along_the_right_edge() {
    let leaves = leaves(130);
    let mut frontier = Frontier::default();
    for size in 0..leaves.len() {
        let mut from = 0;
        for (level, index, hash) in frontier.peaks() {
            let width = 1 << level;
            assert_eq!(index << level, from, "{size}: they stand side by side");
            let start = usize::try_from(from).expect("small");
            assert_eq!(*hash, root(&leaves[start..start + width]), "{size}: {level}/{index}");
            from += width as u64;
        }
        assert_eq!(from, size as u64);
        frontier.push(leaves[size], |_, _, _| {});
    }
}
