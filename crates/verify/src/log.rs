use std::collections::BTreeMap;

use checkpoint::{Checkpoint, LogVerifier};
use domain::Digest;
use merkle::{Hash, leaf_hash, node_hash, verify_inclusion};
use statement::{Trust, base64url_decode};
use wire::event::{Event, Receipt};

use crate::Rejected;
use crate::file::canonical;
use crate::rejected::require;

/// The pinned log, and every head of it that the file shows.
pub(crate) struct Log {
    verifier: LogVerifier,
    heads: BTreeMap<u64, Hash>,
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
        Ok(Self { verifier, heads: BTreeMap::new(), last: None })
    }

    pub(crate) fn name(&self) -> &str {
        self.verifier.name()
    }

    /// Recomputes the path from the leaf to a head that the pinned key signed; the content rests on this entry.
    pub(crate) fn prove(&mut self, receipt: &Receipt) -> Result<Entry, Rejected> {
        let entry = self.prove_made(receipt)?;
        self.last = self.last.max(Some(entry.index));
        Ok(entry)
    }

    /// Whether a log of this size holds every entry that the content rests on.
    pub(crate) fn is_within(&self, size: u64) -> bool {
        self.last.is_none_or(|last| last < size)
    }

    /// The same for the entry that answers for the file.
    pub(crate) fn prove_made(&mut self, receipt: &Receipt) -> Result<Entry, Rejected> {
        let part = format!("entry {}", receipt.index);
        let head = self.open(&receipt.checkpoint, &part)?;
        let path: Vec<Hash> = receipt.inclusion.iter().map(hash).collect::<Result<_, _>>()?;
        let leaf = leaf_hash(receipt.leaf.as_bytes());
        verify_inclusion(receipt.index, head.size, &leaf, &path, &head.root).map_err(|e| Rejected::new(&part, e))?;
        let event: Event = canonical(&receipt.leaf, &part)?;
        require(event.v == 1, &part, "an Event of an unknown version")?;
        Ok(Entry { index: receipt.index, event })
    }

    /// Every head that a signer had verified is this log's, and not ahead of the file's own; answers the largest.
    pub(crate) fn check_seen<'a>(&mut self, notes: impl Iterator<Item = &'a str>) -> Result<Option<u64>, Rejected> {
        let mut largest = None;
        for note in notes.filter(|n| !n.is_empty()) {
            let head = self.open(note, "checkpoint that a signer had seen")?;
            largest = largest.max(Some(head.size));
        }
        Ok(largest)
    }

    /// Whether every other head is proven to be a beginning of the one that answers for the file. When the file's
    /// receipt is of the last leaf, its path consists of the parts of the head before it.
    pub(crate) fn join(&self, made: &Receipt) -> Result<bool, Rejected> {
        let part = "checkpoints";
        let made_size = self.verifier.open(&made.checkpoint).map_err(|e| Rejected::new(part, e))?.size;
        let before = match made.inclusion.split_first() {
            Some((last, rest)) if made.index + 1 == made_size => {
                let last = hash(last)?;
                let root = rest.iter().try_fold(last, |root, left| Ok(node_hash(&hash(left)?, &root)))?;
                Some((made.index, root))
            }
            _ => None,
        };
        let mut joined = true;
        for (&size, root) in &self.heads {
            require(size <= made_size, part, "one is ahead of the one that answers for this file")?;
            match before {
                Some((known, expected)) if known == size => {
                    require(*root == expected, part, "the log was forked: two heads contradict each other")?;
                }
                _ => joined &= size == made_size,
            }
        }
        Ok(joined)
    }

    /// The number of leaves under the largest head.
    pub(crate) fn size(&self) -> u64 {
        self.heads.last_key_value().map_or(0, |(&size, _)| size)
    }

    /// A head that the pinned key signed, by itself.
    pub(crate) fn opened(&self, note: &str, part: &str) -> Result<Checkpoint, Rejected> {
        self.verifier.open(note).map_err(|e| Rejected::new(part, e))
    }

    fn open(&mut self, note: &str, part: &str) -> Result<Checkpoint, Rejected> {
        let head = self.opened(note, part)?;
        let known = self.heads.entry(head.size).or_insert(head.root);
        require(*known == head.root, part, "the log was forked: two heads of one size")?;
        Ok(head)
    }
}

pub(crate) fn hash(digest: &Digest) -> Result<Hash, Rejected> {
    let bytes = base64url_decode(digest.as_str()).ok().and_then(|b| b.try_into().ok());
    bytes.ok_or_else(|| Rejected::new("inclusion path", "not 32 bytes"))
}
