use merkle::leaf_hash;

use super::Sequencer;
use crate::error::StoreError;
use crate::store::{Log, count, sql};

impl Sequencer {
    /// Grows the tree by the leaves of this transaction, read back from the database, and signs the new head.
    pub(super) async fn integrate(&mut self) -> Result<Log, StoreError> {
        let mut log = self.log.clone();
        if self.next == log.frontier.size() {
            return Ok(log);
        }
        let rows: Vec<(i64, i64, Vec<u8>, Vec<u8>)> =
            sqlx::query_as("SELECT idx, at, leaf, hash FROM leaves WHERE idx >= ? ORDER BY idx")
                .bind(sql(log.frontier.size()))
                .fetch_all(&mut self.connection)
                .await?;
        let mut nodes = Vec::new();
        for (index, at, leaf, hash) in rows {
            let computed = leaf_hash(&leaf);
            if count(index) != log.frontier.size() || computed != *hash || at < log.last_at {
                return Err(StoreError::damaged(format!("leaf {index} was not stored as it was written")));
            }
            log.last_at = at;
            log.frontier.push(computed, |level, index, hash| nodes.push((level, index, *hash)));
        }
        if log.frontier.size() != self.next {
            return Err(StoreError::damaged("leaves of this transaction are missing"));
        }
        for (level, index, hash) in nodes.into_iter().filter(|(level, ..)| *level > 0) {
            sqlx::query("INSERT INTO nodes (level, idx, hash) VALUES (?, ?, ?)")
                .bind(i64::from(level))
                .bind(sql(index))
                .bind(hash.as_slice())
                .execute(&mut self.connection)
                .await?;
        }
        self.sign(&mut log).await?;
        Ok(log)
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
