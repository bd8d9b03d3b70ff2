use std::collections::HashMap;

use merkle::{EMPTY_ROOT, Hash, leaf_hash};
use sqlx::AssertSqlSafe;
use sqlx::sqlite::SqliteArguments;
use wire::event::Receipt;

use super::Sequencer;
use super::stored::Stored;
use super::waiting::{self, add, rows};
use crate::error::StoreError;
use crate::store::{self, Log, Place, sql};

/// The log with the leaves of a transaction, and what their receipts are made of.
pub(super) struct Grown {
    pub log: Log,
    /// The size before.
    from: u64,
    /// The new leaves as they are stored.
    leaves: Vec<String>,
    /// The full subtrees that are new, and those on the right edge before: every new leaf's path is made of these.
    nodes: HashMap<Place, Hash>,
    /// Those of them that are not written yet, as `(level, index in that level, hash)`.
    new: Vec<(u8, u64, Hash)>,
    /// The new head's.
    root: Hash,
    /// Whether there is a transaction to commit.
    begun: bool,
}

impl Grown {
    /// The proof that a new leaf stands under the new head.
    pub fn receipt(&self, index: u64) -> Result<Receipt, StoreError> {
        let place = index.checked_sub(self.from).and_then(|place| usize::try_from(place).ok());
        let leaf = place.and_then(|place| self.leaves.get(place)).cloned();
        let leaf = leaf.ok_or_else(|| StoreError::damaged(format!("leaf {index} is missing")))?;
        let inclusion = store::inclusion_from(&self.nodes, index, self.log.frontier.size())?;
        Ok(Receipt { index, leaf, inclusion: store::digests(&inclusion), checkpoint: self.log.note.clone() })
    }

    /// Whether there is a new head.
    pub fn grows(&self) -> bool {
        self.log.frontier.size() != self.from
    }
}

impl Sequencer {
    /// Grows the tree by the leaves of this transaction, read back from the database, and signs the new head.
    /// It begins the transaction when that has `begun` not.
    pub(super) async fn integrate(&mut self, begun: bool) -> Result<Grown, StoreError> {
        let log = self.log.clone();
        let from = log.frontier.size();
        let nodes = log.frontier.peaks().map(|(level, index, hash)| ((level.into(), index), *hash)).collect();
        let mut grown = Grown { log, from, leaves: Vec::new(), nodes, new: Vec::new(), root: EMPTY_ROOT, begun };
        if self.next == from {
            return Ok(grown);
        }
        let waiting = std::mem::take(&mut self.waiting);
        let begin = if begun { "" } else { waiting::BEGIN };
        grown.begun = true;
        for leaf in waiting::write_and_read(&mut self.connection, &waiting, from, begin).await? {
            grown.take(leaf)?;
        }
        if grown.log.frontier.size() != self.next {
            return Err(StoreError::damaged("leaves of this transaction are missing"));
        }
        grown.root = grown.log.frontier.root();
        grown.log.note = self.signer.sign(self.next, &grown.root);
        Ok(grown)
    }

    /// Writes what grew and commits, in one call that ends at the first that fails. The primary key on the size makes a
    /// second head of one size fail here, before anybody sees it.
    pub(super) async fn commit(&mut self, grown: &Grown) -> Result<(), StoreError> {
        if !grown.begun {
            return Ok(());
        }
        let (text, arguments) = grown.written()?;
        sqlx::query_with(AssertSqlSafe(text), arguments).execute(&mut self.connection).await?;
        Ok(())
    }
}

impl Grown {
    fn written(&self) -> Result<(String, SqliteArguments), StoreError> {
        let (mut text, mut arguments) = (String::new(), SqliteArguments::default());
        if !self.new.is_empty() {
            text.push_str(&rows("INSERT INTO nodes (level, idx, hash) VALUES ", "(?, ?, ?)", self.new.len()));
            text.push_str("; ");
        }
        for (level, index, hash) in &self.new {
            add(&mut arguments, i64::from(*level))?;
            add(&mut arguments, sql(*index))?;
            add(&mut arguments, &hash[..])?;
        }
        if self.grows() {
            text.push_str("INSERT INTO heads (size, root, note) VALUES (?, ?, ?); ");
            add(&mut arguments, sql(self.log.frontier.size()))?;
            add(&mut arguments, &self.root[..])?;
            add(&mut arguments, &self.log.note[..])?;
        }
        text.push_str("COMMIT");
        Ok((text, arguments))
    }

    fn take(&mut self, stored: Stored) -> Result<(), StoreError> {
        let Self { log, nodes, new, leaves, .. } = self;
        let Stored { index, at, leaf, hash } = stored;
        let computed = leaf_hash(leaf.as_bytes());
        if index != log.frontier.size() || hex(&computed) != hash || at < log.last_at {
            return Err(StoreError::damaged(format!("leaf {index} was not stored as it was written")));
        }
        log.last_at = at;
        log.frontier.push(computed, |level, index, hash| {
            nodes.insert((level.into(), index), *hash);
            if level > 0 {
                new.push((level, index, *hash));
            }
        });
        leaves.push(leaf);
        Ok(())
    }
}

/// As SQLite writes it.
fn hex(hash: &Hash) -> String {
    const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    hash.iter().flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]).collect()
}
