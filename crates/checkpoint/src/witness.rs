use merkle::{EMPTY_ROOT, Hash, verify_consistency};

use crate::{Checkpoint, LogVerifier};

/// What a witness of one log remembers, and the rules after which it goes on: those of `add-checkpoint` in C2SP
/// `tlog-witness`. It serves nothing and cosigns nothing by itself; whoever does keeps what [`Self::add`] left behind
/// before it cosigns.
#[derive(Debug, Clone)]
pub struct Witness {
    log: LogVerifier,
    size: u64,
    root: Hash,
}

/// Why a Checkpoint is not cosigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WitnessRefusal {
    #[error("the Checkpoint is not signed by this log")]
    NotSigned,
    #[error("the old size is larger than the Checkpoint's")]
    Malformed,
    /// What the caller takes for the last size is not; the last one is given.
    #[error("the last size is {0}")]
    OldSize(u64),
    #[error("the Checkpoint does not continue the last one")]
    NotConsistent,
}

impl WitnessRefusal {
    /// The HTTP status that `tlog-witness` gives it.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::NotSigned => 403,
            Self::Malformed => 400,
            Self::OldSize(_) => 409,
            Self::NotConsistent => 422,
        }
    }
}

impl Witness {
    /// Of a log that it has seen nothing of.
    #[must_use]
    pub fn new(log: LogVerifier) -> Self {
        Self { log, size: 0, root: EMPTY_ROOT }
    }

    /// The last size that it went on to.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Goes on to the Checkpoint in this note, or stays where it is.
    ///
    /// # Errors
    /// [`WitnessRefusal`]; nothing has changed then.
    pub fn add(&mut self, old_size: u64, proof: &[Hash], note: &str) -> Result<Checkpoint, WitnessRefusal> {
        let next = self.log.open(note).map_err(|_| WitnessRefusal::NotSigned)?;
        if old_size > next.size {
            return Err(WitnessRefusal::Malformed);
        }
        if old_size != self.size {
            return Err(WitnessRefusal::OldSize(self.size));
        }
        verify_consistency(self.size, next.size, proof, &self.root, &next.root)
            .map_err(|_| WitnessRefusal::NotConsistent)?;
        (self.size, self.root) = (next.size, next.root);
        Ok(next)
    }
}

#[cfg(test)]
mod tests {
    use merkle::{consistency_path, leaf_hash, root};

    use super::*;
    use crate::LogSigner;

    fn signer() -> LogSigner {
        LogSigner::from_seed("countersign.test/log", &[7; 32]).expect("a good name")
    }

    fn leaves(count: u8) -> Vec<Hash> {
        (0..count).map(|n| leaf_hash(&[n])).collect()
    }

    fn note(leaves: &[Hash]) -> String {
        signer().sign(leaves.len() as u64, &root(leaves))
    }

    #[test]
    fn l_10_another_old_size_is_409_and_says_the_last_one() {
        let mut witness = Witness::new(signer().verifier());
        witness.add(0, &[], &note(&leaves(5))).expect("the first");
        for old in [0, 4, 6] {
            let refusal = witness.add(old, &consistency_path(4, &leaves(7)), &note(&leaves(7))).expect_err("old size");
            assert_eq!((refusal, refusal.status()), (WitnessRefusal::OldSize(5), 409), "{old}");
        }
        let refusal = witness.add(8, &[], &note(&leaves(7))).expect_err("larger than the Checkpoint");
        assert_eq!(refusal.status(), 400);
        assert_eq!(witness.size(), 5);
        witness.add(5, &consistency_path(5, &leaves(7)), &note(&leaves(7))).expect("it continues");
        assert_eq!(witness.size(), 7);
    }

    #[test]
    fn l_10_the_same_size_with_another_root_is_422_and_not_cosigned() {
        let mut witness = Witness::new(signer().verifier());
        witness.add(0, &[], &note(&leaves(5))).expect("the first");
        let fork = signer().sign(5, &[9; 32]);
        for proof in [Vec::new(), vec![[9; 32]]] {
            let refusal = witness.add(5, &proof, &fork).expect_err("a fork");
            assert_eq!((refusal, refusal.status()), (WitnessRefusal::NotConsistent, 422));
        }
        let mut other = leaves(9);
        other[2] = [1; 32];
        let refusal = witness.add(5, &consistency_path(5, &other), &note(&other)).expect_err("another beginning");
        assert_eq!(refusal.status(), 422);
        witness.add(5, &[], &note(&leaves(5))).expect("the same again is the same");
    }

    #[test]
    fn l_10_of_two_updates_from_one_size_only_one_is_taken_and_none_rolls_back() {
        let mut witness = Witness::new(signer().verifier());
        witness.add(0, &[], &note(&leaves(5))).expect("the first");
        witness.add(5, &consistency_path(5, &leaves(9)), &note(&leaves(9))).expect("the faster one");
        let slower = witness.add(5, &consistency_path(5, &leaves(7)), &note(&leaves(7)));
        assert_eq!(slower, Err(WitnessRefusal::OldSize(9)));
        let back = witness.add(9, &consistency_path(5, &leaves(7)), &note(&leaves(7)));
        assert_eq!(back, Err(WitnessRefusal::Malformed));
        assert_eq!(witness.size(), 9);
    }

    #[test]
    fn what_another_key_signed_is_403() {
        let mut witness = Witness::new(signer().verifier());
        let other = LogSigner::from_seed("countersign.test/log", &[8; 32]).expect("a good name");
        let refusal = witness.add(0, &[], &other.sign(5, &root(&leaves(5)))).expect_err("another key");
        assert_eq!((refusal.status(), witness.size()), (403, 0));
    }
}
