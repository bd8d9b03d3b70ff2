use std::collections::{BTreeMap, BTreeSet};

use checkpoint::{Checkpoint, LogVerifier};
use domain::Digest;
use merkle::{EMPTY_ROOT, Hash, leaf_hash, verify_inclusion};
use statement::{Trust, base64url_decode};
use wire::event::{Event, Receipt};

use crate::Rejected;
use crate::file::canonical;
use crate::rejected::require;

/// The pinned log, and every head of it that the file shows.
pub(crate) struct Log {
    verifier: LogVerifier,
    heads: BTreeMap<u64, Hash>,
    /// Sizes of those that are proven to be beginnings of the one that answers for the file, and its own.
    tied: BTreeSet<u64>,
    /// The last entry that the content rests on.
    last: Option<u64>,
}

/// An Event whose place in the log was recomputed.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) index: u64,
    pub(crate) event: Event,
}

impl Entry {
    pub(crate) fn fact(&self, name: &str) -> Option<&str> {
        self.event.facts.get(name).map(String::as_str)
    }

    /// How messages call it.
    pub(crate) fn part(&self) -> String {
        format!("entry {}", self.index)
    }

    pub(crate) fn names(&self, statement: &Digest) -> bool {
        self.event.statements.contains(statement)
    }
}

impl Log {
    pub(crate) fn new(trust: &Trust) -> Result<Self, Rejected> {
        let verifier = LogVerifier::parse(&trust.log_key).map_err(|e| Rejected::new("trust file", e))?;
        Ok(Self { verifier, heads: BTreeMap::new(), tied: BTreeSet::new(), last: None })
    }

    pub(crate) fn name(&self) -> &str {
        self.verifier.name()
    }

    /// Recomputes the path from the leaf to a head that the pinned key signed and that is tied to the one that answers for
    /// the file; the content rests on this entry.
    pub(crate) fn prove(&mut self, receipt: &Receipt) -> Result<Entry, Rejected> {
        let part = format!("entry {}", receipt.index);
        let (entry, head) = self.entry(receipt, &part)?;
        require(self.tied.contains(&head.size), &part, "under a Checkpoint that is not among the file's heads")?;
        self.last = self.last.max(Some(entry.index));
        Ok(entry)
    }

    /// Whether a log of this size holds every entry that the content rests on.
    pub(crate) fn is_within(&self, size: u64) -> bool {
        self.last.is_none_or(|last| last < size)
    }

    /// The entry that answers for the file, under the head that all others are tied to.
    pub(crate) fn prove_made(&mut self, receipt: &Receipt) -> Result<Entry, Rejected> {
        let (entry, head) = self.entry(receipt, "receipt")?;
        self.tied.insert(head.size);
        Ok(entry)
    }

    /// This head is a beginning of the one that answers for the file.
    pub(crate) fn tie(&mut self, head: &Checkpoint, part: &str) -> Result<(), Rejected> {
        self.keep(head, part)?;
        self.tied.insert(head.size);
        Ok(())
    }

    fn entry(&mut self, receipt: &Receipt, part: &str) -> Result<(Entry, Checkpoint), Rejected> {
        // No line by another key: nothing would answer for its bytes.
        let (head, own) = self.verifier.open_cosigned(&receipt.checkpoint).map_err(|e| Rejected::new(part, e))?;
        require(own == receipt.checkpoint, part, "its Checkpoint has more than the log's own signature")?;
        self.keep(&head, part)?;
        let path: Vec<Hash> = receipt.inclusion.iter().map(hash).collect::<Result<_, _>>()?;
        let leaf = leaf_hash(receipt.leaf.as_bytes());
        verify_inclusion(receipt.index, head.size, &leaf, &path, &head.root).map_err(|e| Rejected::new(part, e))?;
        let event: Event = canonical(&receipt.leaf, part)?;
        require(event.v == 1, part, "an Event of an unknown version")?;
        Ok((Entry { index: receipt.index, event }, head))
    }

    /// Every head that a signer had verified is a beginning of the one that answers for the file; answers the largest.
    pub(crate) fn check_seen<'a>(&mut self, notes: impl Iterator<Item = &'a str>) -> Result<Option<u64>, Rejected> {
        let part = "checkpoint that a signer had seen";
        let made = self.size();
        let mut largest = None;
        for note in notes.filter(|n| !n.is_empty()) {
            let head = self.opened(note, part)?;
            require(head.size <= made, part, "ahead of the one that answers for this file")?;
            self.keep(&head, part)?;
            // Every log begins with nothing.
            let is_tied = self.tied.contains(&head.size) || (head.size == 0 && head.root == EMPTY_ROOT);
            require(is_tied, part, "not among the file's heads")?;
            largest = largest.max(Some(head.size));
        }
        Ok(largest)
    }

    /// The number of leaves under the largest head.
    pub(crate) fn size(&self) -> u64 {
        self.heads.last_key_value().map_or(0, |(&size, _)| size)
    }

    /// A head that the pinned key signed, by itself.
    pub(crate) fn opened(&self, note: &str, part: &str) -> Result<Checkpoint, Rejected> {
        self.verifier.open(note).map_err(|e| Rejected::new(part, e))
    }

    /// No other head has this size.
    fn keep(&mut self, head: &Checkpoint, part: &str) -> Result<(), Rejected> {
        let known = self.heads.entry(head.size).or_insert(head.root);
        require(*known == head.root, part, "the log was forked: two heads of one size")
    }
}

pub(crate) fn hash(digest: &Digest) -> Result<Hash, Rejected> {
    let bytes = base64url_decode(digest.as_str()).ok().and_then(|b| b.try_into().ok());
    bytes.ok_or_else(|| Rejected::new("inclusion path", "not 32 bytes"))
}
