use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use domain::{Digest, UnixSeconds};

use self::journal::Journal;

mod journal;

/// A proof is remembered this long after its `iat`, in seconds: longer than it could be good.
const KEEP_SECONDS: i64 = 60;
/// What one Device may use up of the memory.
const PER_DEVICE: u32 = 3_000;

/// The proofs that were used. Bounded: when it is full, or one Device has used its share, new proofs are refused;
/// no proof is forgotten while it could still be good.
#[derive(Debug)]
pub struct Replays {
    capacity: usize,
    remembers_restarts: bool,
    seen: Mutex<Seen>,
}

/// Why a proof is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replay {
    /// It was used before.
    Seen,
    /// Too many calls at once, or the file cannot be written.
    Full,
}

/// A proof that was used, by whom, and until when it could be good.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Used {
    proof: Digest,
    device: Digest,
    until: UnixSeconds,
}

#[derive(Debug, Default)]
struct Seen {
    proofs: HashSet<Digest>,
    by_end: BTreeMap<UnixSeconds, Vec<(Digest, Digest)>>,
    per_device: HashMap<Digest, u32>,
    journal: Option<Journal>,
}

impl Replays {
    /// An empty memory for at most `capacity` proofs, lost with the process.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { capacity, remembers_restarts: false, seen: Mutex::new(Seen::default()) }
    }

    /// A memory that a killed process leaves behind in `path`. It is not forced to the disk: a computer takes longer to
    /// start than a proof is good.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn kept_in(path: &Path, capacity: usize, now: UnixSeconds) -> std::io::Result<Self> {
        let mut seen = Seen::default();
        let (journal, used) = Journal::open(path, now)?;
        for proof in used {
            seen.remember(proof);
        }
        seen.journal = Some(journal);
        Ok(Self { capacity, remembers_restarts: true, seen: Mutex::new(seen) })
    }

    /// Whether it knows the proofs that an earlier process took.
    #[must_use]
    pub fn remembers_restarts(&self) -> bool {
        self.remembers_restarts
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
        let used = Used { proof, device: device.clone(), until: iat + KEEP_SECONDS };
        seen.write(&used, now)?;
        seen.remember(used);
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
    fn remember(&mut self, used: Used) {
        *self.per_device.entry(used.device.clone()).or_default() += 1;
        self.proofs.insert(used.proof.clone());
        self.by_end.entry(used.until).or_default().push((used.proof, used.device));
    }

    fn write(&mut self, used: &Used, now: UnixSeconds) -> Result<(), Replay> {
        let Some(journal) = &mut self.journal else { return Ok(()) };
        journal.write(used, now).map_err(|error| {
            tracing::error!(%error, "used proofs cannot be written down");
            Replay::Full
        })
    }

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
    fn d_01_a_killed_process_leaves_what_it_took() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("proofs");
        let open = |now| Replays::kept_in(&path, 10, now).expect("open");
        assert_eq!(open(1000).take(&device(1), "one", 1005, 1000), Ok(()));
        let again = open(1001);
        assert_eq!(again.take(&device(1), "one", 1005, 1001), Err(Replay::Seen));
        assert_eq!(again.take(&device(1), "two", 1001, 1001), Ok(()));
        assert_eq!(open(1064).len(), 1, "the first one could be good until 1065");
        assert!(open(1065).is_empty());
    }

    #[test]
    fn a_torn_line_is_passed_over_and_the_file_stays_small() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("proofs");
        let replays = Replays::kept_in(&path, 10, 1000).expect("open");
        for n in 0..20_000_i64 {
            assert_eq!(replays.take(&device(1), "x", 1000 + n * 61, 1000 + n * 61), Ok(()));
        }
        assert!(std::fs::metadata(&path).expect("file").len() < 1_000_000);
        let last = 1000 + 19_999 * 61;
        let mut text = std::fs::read_to_string(&path).expect("text");
        text.push_str("torn li");
        std::fs::write(&path, text).expect("written");
        let again = Replays::kept_in(&path, 10, last).expect("open");
        assert_eq!(again.take(&device(1), "x", last, last), Err(Replay::Seen));
    }

    #[test]
    fn one_device_cannot_use_up_everybodys_memory() {
        let replays = Replays::new(100_000);
        let taken = (0..10_000).filter(|n: &u32| replays.take(&device(1), &n.to_string(), 1000, 1000).is_ok()).count();
        assert_eq!(taken, 3_000);
        assert_eq!(replays.take(&device(2), "x", 1000, 1000), Ok(()));
    }
}
