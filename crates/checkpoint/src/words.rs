use std::sync::LazyLock;

use merkle::Hash;

static WORDS: LazyLock<Vec<&'static str>> = LazyLock::new(|| include_str!("words.txt").lines().collect());

/// The first 88 bits of a root as eight words, 11 bits each, for people to compare.
#[must_use]
pub fn words(root: &Hash) -> [&'static str; 8] {
    std::array::from_fn(|place| {
        let index =
            (place * 11..place * 11 + 11).fold(0, |n, bit| n << 1 | usize::from(root[bit / 8] >> (7 - bit % 8) & 1));
        WORDS[index]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_2048_sorted_plain_words() {
        assert_eq!(WORDS.len(), 2048);
        assert!(WORDS.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(WORDS.iter().all(|w| (3..=8).contains(&w.len()) && w.bytes().all(|b| b.is_ascii_lowercase())));
    }

    #[test]
    fn each_of_the_first_88_bits_changes_exactly_one_word() {
        let root = [0x5a; 32];
        let before = words(&root);
        for bit in 0..256 {
            let mut altered = root;
            altered[bit / 8] ^= 1 << (7 - bit % 8);
            let changed: Vec<usize> = (0..8).filter(|&i| words(&altered)[i] != before[i]).collect();
            assert_eq!(changed, if bit < 88 { vec![bit / 11] } else { vec![] }, "bit {bit}");
        }
    }

    #[test]
    fn the_first_and_the_last_word() {
        assert_eq!(words(&[0; 32]), [WORDS[0]; 8]);
        assert_eq!(words(&[0xff; 32]), [WORDS[2047]; 8]);
    }
}
