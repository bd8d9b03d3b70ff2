/// A row of numbers that is always the same for the same seed (SplitMix64): sample data, never secrets.
pub struct Sample(u64);

impl Sample {
    /// A row that begins from a text.
    pub fn of(text: &str) -> Self {
        Self(text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, b| (hash ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3)))
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from `from` to `to`, `to` not included.
    pub fn between(&mut self, from: u64, to: u64) -> u64 {
        from + self.next() % (to - from)
    }

    pub fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[usize::try_from(self.next() % choices.len() as u64).unwrap_or(0)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_text_gives_the_same_numbers() {
        let row = |text| -> Vec<u64> {
            let mut sample = Sample::of(text);
            (0..4).map(|_| sample.between(0, 1000)).collect()
        };
        assert_eq!(row("delmar-foods"), row("delmar-foods"));
        assert_ne!(row("delmar-foods"), row("kinloch-hotels"));
    }
}
