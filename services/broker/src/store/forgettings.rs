use domain::{Digest, UnixSeconds};
use statement::Forgetting;

use super::{Store, StoreError};
use crate::fields::Field;
use crate::ledger::Logged;

const FORGETTING: Field = "forgetting";

/// What one administrator signed.
#[derive(Debug, Clone)]
pub(crate) struct ProposedForgettingRow {
    /// Of the body, which the other one signs too.
    pub(crate) id: Digest,
    pub(crate) forgetting: Forgetting,
    pub(crate) proposed_at: UnixSeconds,
    /// When its first signature expires.
    pub(crate) expires_at: UnixSeconds,
}

impl Store {
    /// Keeps a proposal, in the place of an older one of the same.
    pub(crate) async fn propose_forgetting(&self, _: &Logged, row: &ProposedForgettingRow) -> Result<(), StoreError> {
        let sealed = self.fields.seal(FORGETTING, &serde_json::to_string(&row.forgetting)?)?;
        let mut tx = self.begin().await?;
        sqlx::query("DELETE FROM forgettings WHERE id = ? OR expires_at <= ?")
            .bind(row.id.as_str())
            .bind(row.proposed_at)
            .execute(&mut *tx)
            .await?;
        sqlx::query("INSERT INTO forgettings (id, forgetting, proposed_at, expires_at) VALUES (?, ?, ?, ?)")
            .bind(row.id.as_str())
            .bind(sealed)
            .bind(row.proposed_at)
            .bind(row.expires_at)
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Both have signed, and it is done.
    pub(crate) async fn drop_forgetting(&self, id: &Digest) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query("DELETE FROM forgettings WHERE id = ?").bind(id.as_str()).execute(&mut *tx).await?;
        Ok(tx.commit().await?)
    }

    /// What another administrator can still sign, oldest first.
    pub(crate) async fn proposed_forgettings(
        &self,
        now: UnixSeconds,
    ) -> Result<Vec<ProposedForgettingRow>, StoreError> {
        let rows: Vec<(String, String, i64, i64)> = sqlx::query_as(
            "SELECT id, forgetting, proposed_at, expires_at FROM forgettings WHERE expires_at > ? ORDER BY proposed_at, id",
        )
        .bind(now)
        .fetch_all(&self.readers)
        .await?;
        let read = |(id, sealed, proposed_at, expires_at): (String, String, i64, i64)| {
            let forgetting = serde_json::from_str(&self.fields.open(FORGETTING, &sealed)?)?;
            Ok(ProposedForgettingRow { id: id.parse()?, forgetting, proposed_at, expires_at })
        };
        rows.into_iter().map(read).collect()
    }
}
