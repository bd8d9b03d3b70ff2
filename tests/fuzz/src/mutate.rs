//! A plain mutator, for when nothing measures coverage.

/// Draws inputs from a corpus; the same seed draws the same ones.
pub struct Mutator {
    state: u64,
    corpus: Vec<Vec<u8>>,
}

/// Pieces that parsers stumble over.
const PIECES: [&[u8]; 30] = [
    b"\r\n",
    b"\n",
    b"\r",
    b"\0",
    b"%00",
    b"%2e",
    b"%2F",
    b"..",
    b"//",
    b"\\",
    b"#",
    b"?",
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b":",
    b",",
    b"null",
    b"-1",
    b"1e308",
    b"18446744073709551616",
    b"9223372036854775807",
    b"\xff\xfe",
    b"\xe2\x80\xae",
    b".",
    b"=",
    b"Transfer-Encoding: chunked\r\n",
    b"Content-Length: 1\r\n",
];

impl Mutator {
    #[must_use]
    pub fn new(seed: u64, corpus: Vec<Vec<u8>>) -> Self {
        Self { state: seed.max(1), corpus }
    }

    fn below(&mut self, n: usize) -> usize {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        let high = self.state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(high).unwrap_or(0) % n.max(1)
    }

    /// One of the corpus, changed in a few places.
    pub fn draw(&mut self) -> Vec<u8> {
        let pick = self.below(self.corpus.len());
        let mut input = self.corpus.get(pick).cloned().unwrap_or_default();
        for _ in 0..=self.below(4) {
            self.change(&mut input);
        }
        input
    }

    fn change(&mut self, input: &mut Vec<u8>) {
        let at = self.below(input.len() + 1);
        let upto = (at + 1 + self.below(16)).min(input.len()).max(at.min(input.len()));
        match self.below(7) {
            0 if at < input.len() => input[at] ^= 1 << self.below(8),
            1 if at < input.len() => input[at] = u8::try_from(self.below(256)).unwrap_or(0),
            2 => drop(input.drain(at.min(upto)..upto)),
            3 => {
                let piece = input[at.min(upto)..upto].to_vec();
                input.splice(at..at, piece);
            }
            4 => {
                let piece = PIECES[self.below(PIECES.len())];
                input.splice(at..at, piece.iter().copied());
            }
            5 => {
                let other = self.below(self.corpus.len());
                let other = self.corpus.get(other).cloned().unwrap_or_default();
                let from = self.below(other.len() + 1);
                input.truncate(at);
                input.extend_from_slice(&other[from..]);
            }
            _ => input.truncate(at),
        }
    }
}
