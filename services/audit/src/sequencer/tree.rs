use std::collections::HashMap;

use merkle::{Hash, leaf_hash};
use wire::event::Receipt;

use super::{Sequencer, waiting};
use crate::error::StoreError;
use crate::store::{self, Log, Place, count, sql};

/// The log with the leaves of a transaction, and what their receipts are made of.
pub(super) struct Grown {
    pub log: Log,
    /// The new leaves as they are stored.
    leaves: HashMap<u64, Vec<u8>>,
    /// The full subtrees that are new, and those on the right edge before: every new leaf's path is made of these.
    nodes: HashMap<Place, Hash>,
}

impl Grown {
    /// The proof that a new leaf stands under the new head.
    pub fn receipt(&self, index: u64) -> Result<Receipt, StoreError> {
        let damaged = || StoreError::damaged(format!("leaf {index} is missing"));
        let leaf = self.leaves.get(&index).cloned().ok_or_else(damaged)?;
        let leaf = String::from_utf8(leaf).map_err(|_| StoreError::damaged(format!("leaf {index} is not text")))?;
        let inclusion = store::inclusion_from(&self.nodes, index, self.log.frontier.size())?;
        Ok(Receipt { index, leaf, inclusion: store::digests(&inclusion), checkpoint: self.log.note.clone() })
    }
}

impl Sequencer {
    /// Grows the tree by the leaves of this transaction, read back from the database, and signs the new head.
    pub(super) async fn integrate(&mut self) -> Result<Grown, StoreError> {
        self.write_waiting().await?;
        let mut log = self.log.clone();
        let mut leaves = HashMap::new();
        let mut nodes: HashMap<Place, Hash> =
            log.frontier.peaks().map(|(level, index, hash)| ((level.into(), index), *hash)).collect();
        if self.next == log.frontier.size() {
            return Ok(Grown { log, leaves, nodes });
        }
        let rows: Vec<(i64, i64, Vec<u8>, Vec<u8>)> =
            sqlx::query_as("SELECT idx, at, leaf, hash FROM leaves WHERE idx >= ? ORDER BY idx")
                .bind(sql(log.frontier.size()))
                .fetch_all(&mut self.connection)
                .await?;
        let mut inner = Vec::new();
        for (index, at, leaf, hash) in rows {
            let computed = leaf_hash(&leaf);
            if count(index) != log.frontier.size() || computed != *hash || at < log.last_at {
                return Err(StoreError::damaged(format!("leaf {index} was not stored as it was written")));
            }
            log.last_at = at;
            log.frontier.push(computed, |level, index, hash| {
                nodes.insert((level.into(), index), *hash);
                if level > 0 {
                    inner.push((level, index, *hash));
                }
            });
            leaves.insert(count(index), leaf);
        }
        if log.frontier.size() != self.next {
            return Err(StoreError::damaged("leaves of this transaction are missing"));
        }
        waiting::write_nodes(&mut self.connection, &inner).await?;
        self.sign(&mut log).await?;
        Ok(Grown { log, leaves, nodes })
    }

    /// The primary key on the size makes a second head of one size fail here, before it is signed by anybody's clock.
    async fn sign(&mut self, log: &mut Log) -> Result<(), StoreError> {
        let (size, root) = (log.frontier.size(), log.frontier.root());
        log.note = self.signer.sign(size, &root);
        sqlx::query("INSERT INTO heads (size, root, note) VALUES (?, ?, ?)")
            .bind(sql(size))
            .bind(root.as_slice())
            .bind(&log.note)
            .execute(&mut self.connection)
            .await?;
        Ok(())
    }
}
