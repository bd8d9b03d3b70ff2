use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use domain::{Digest, UnixSeconds};

/// A proof is remembered this long after its `iat`, in seconds: longer than it could be good.
const KEEP_SECONDS: i64 = 60;
/// What one Device may use up of the memory.
const PER_DEVICE: u32 = 3_000;

/// The proofs that were used. Bounded: when it is full, or one Device has used its share, new proofs are refused;
/// no proof is forgotten while it could still be good.
#[derive(Debug)]
pub struct Replays {
    capacity: usize,
    seen: Mutex<Seen>,
}

/// Why a proof is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replay {
    /// It was used before.
    Seen,
    /// Too many calls at once.
    Full,
}

#[derive(Debug, Default)]
struct Seen {
    proofs: HashSet<Digest>,
    by_end: BTreeMap<UnixSeconds, Vec<(Digest, Digest)>>,
    per_device: HashMap<Digest, u32>,
}

impl Replays {
    /// An empty memory for at most `capacity` proofs.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { capacity, seen: Mutex::new(Seen::default()) }
    }

    /// Takes a proof of `device` that was issued at `iat`, once.
    ///
    /// # Errors
    /// [`Replay`] when it was used before or cannot be remembered.
    pub fn take(&self, device: &Digest, jti: &str, iat: UnixSeconds, now: UnixSeconds) -> Result<(), Replay> {
        // Nothing panics while the lock is held, so a poisoned one still guards a whole state.
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.forget_before(now);
        let proof = statement::sha256(format!("{device}\0{jti}"));
        if seen.proofs.contains(&proof) {
            return Err(Replay::Seen);
        }
        let used = seen.per_device.get(device).copied().unwrap_or_default();
        if seen.proofs.len() >= self.capacity || used >= PER_DEVICE {
            return Err(Replay::Full);
        }
        seen.proofs.insert(proof.clone());
        seen.by_end.entry(iat + KEEP_SECONDS).or_default().push((proof, device.clone()));
        seen.per_device.insert(device.clone(), used + 1);
        Ok(())
    }

    /// How many proofs are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).proofs.len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Seen {
    fn forget_before(&mut self, now: UnixSeconds) {
        while let Some(entry) = self.by_end.first_entry().filter(|e| *e.key() <= now) {
            for (proof, device) in entry.remove() {
                self.proofs.remove(&proof);
                let left = self.per_device.get(&device).map_or(0, |n| n.saturating_sub(1));
                if left == 0 {
                    self.per_device.remove(&device);
                } else {
                    self.per_device.insert(device, left);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(n: u32) -> Digest {
        statement::sha256(n.to_le_bytes())
    }

    #[test]
    fn a_proof_is_taken_once_while_it_could_be_good() {
        let replays = Replays::new(10);
        assert_eq!(replays.take(&device(1), "one", 1000, 1000), Ok(()));
        assert_eq!(replays.take(&device(1), "one", 1000, 1059), Err(Replay::Seen));
        assert_eq!(replays.take(&device(2), "one", 1000, 1000), Ok(()), "another Device's own");
    }

    #[test]
    fn d_08_a_flood_is_bounded_and_forgets_nothing_that_is_good() {
        let replays = Replays::new(5_000);
        assert_eq!(replays.take(&device(0), "first", 1000, 1000), Ok(()));
        let mut refused = 0_u32;
        for n in 0..1_000_000_u32 {
            refused += u32::from(replays.take(&device(n % 4), &n.to_string(), 1000, 1000) == Err(Replay::Full));
        }
        assert_eq!(replays.len(), 5_000);
        assert_eq!(refused, 1_000_000 - 4_999);
        assert_eq!(replays.take(&device(0), "first", 1000, 1030), Err(Replay::Seen));
        assert_eq!(replays.take(&device(9), "later", 1061, 1061), Ok(()), "room again once they are no longer good");
        assert_eq!(replays.len(), 1);
    }

    #[test]
    fn one_device_cannot_use_up_everybodys_memory() {
        let replays = Replays::new(100_000);
        let taken = (0..10_000).filter(|n: &u32| replays.take(&device(1), &n.to_string(), 1000, 1000).is_ok()).count();
        assert_eq!(taken, 3_000);
        assert_eq!(replays.take(&device(2), "x", 1000, 1000), Ok(()));
    }
}
