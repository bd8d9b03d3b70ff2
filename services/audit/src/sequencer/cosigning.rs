//! What witnesses cosigned is kept by the one writer too, without an entry: an entry would be a new head to cosign.

use domain::UnixSeconds;

use super::{Done, Sequencer, Stop};
use crate::error::StoreError;
use crate::store::{Bound, bound_place, count, sql};
use crate::vault::Owner;

/// Witnesses of which something is kept; of the others the one that saw least goes first.
const MOST: i64 = 1024;

/// A verified cosignature.
pub(crate) struct NewCosignature {
    pub witness: String,
    pub verifier_key: String,
    pub size: u64,
    pub note: String,
    pub at: UnixSeconds,
    pub bound: Option<Bound>,
}

impl Sequencer {
    /// Keeps the last one of each witness. One of a smaller head comes late and is passed over.
    pub(super) async fn keep_cosignature(&mut self, new: &NewCosignature) -> Result<Done, Stop> {
        let kept: Option<(i64, String)> =
            sqlx::query_as("SELECT size, verifier_key FROM cosignatures WHERE witness = ?")
                .bind(&new.witness)
                .fetch_optional(&mut self.connection)
                .await?;
        if kept.is_some_and(|(size, key)| key == new.verifier_key && count(size) > new.size) {
            return Ok(Done::Kept);
        }
        let bound = match &new.bound {
            Some(bound) => {
                let plain = serde_json::to_vec(bound).map_err(|_| StoreError::damaged("what binds a witness"))?;
                Some(self.vault.seal(&Owner::of(None), &bound_place(&new.witness), &plain)?)
            }
            None => None,
        };
        sqlx::query(
            "INSERT OR REPLACE INTO cosignatures (witness, verifier_key, size, note, at, bound) VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(&new.witness)
        .bind(&new.verifier_key)
        .bind(sql(new.size))
        .bind(&new.note)
        .bind(new.at)
        .bind(bound)
        .execute(&mut self.connection)
        .await?;
        sqlx::query(
            "DELETE FROM cosignatures WHERE bound IS NOT NULL AND witness NOT IN \
             (SELECT witness FROM cosignatures ORDER BY bound IS NOT NULL, size DESC, at DESC LIMIT ?)",
        )
        .bind(MOST)
        .execute(&mut self.connection)
        .await?;
        Ok(Done::Kept)
    }
}
