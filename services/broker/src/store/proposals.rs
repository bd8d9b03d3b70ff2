use domain::{Digest, UnixSeconds};
use statement::Adoption;

use super::{Store, StoreError};
use crate::fields::Field;
use crate::ledger::Logged;

const ADOPTION: Field = "proposed policy";

/// A policy that one administrator signed for.
#[derive(Debug, Clone)]
pub(crate) struct ProposalRow {
    pub(crate) adoption: Adoption,
    pub(crate) proposed_at: UnixSeconds,
    /// When its first signature expires.
    pub(crate) expires_at: UnixSeconds,
}

impl Store {
    /// Keeps a proposal, in the place of one about the same text.
    pub(crate) async fn add_proposal(&self, _: &Logged, policy: &Digest, row: &ProposalRow) -> Result<(), StoreError> {
        let sealed = self.fields.seal(ADOPTION, &serde_json::to_string(&row.adoption)?)?;
        let mut tx = self.begin().await?;
        sqlx::query("DELETE FROM proposals WHERE policy = ? OR expires_at <= ?")
            .bind(policy.as_str())
            .bind(row.proposed_at)
            .execute(&mut *tx)
            .await?;
        sqlx::query("INSERT INTO proposals (policy, adoption, proposed_at, expires_at) VALUES (?, ?, ?, ?)")
            .bind(policy.as_str())
            .bind(sealed)
            .bind(row.proposed_at)
            .bind(row.expires_at)
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Proposals that another administrator can still sign for, oldest first.
    pub(crate) async fn proposals(&self, now: UnixSeconds) -> Result<Vec<ProposalRow>, StoreError> {
        let rows: Vec<(String, i64, i64)> = sqlx::query_as(
            "SELECT adoption, proposed_at, expires_at FROM proposals WHERE expires_at > ? ORDER BY proposed_at, policy",
        )
        .bind(now)
        .fetch_all(&self.readers)
        .await?;
        let read = |(sealed, proposed_at, expires_at): (String, i64, i64)| {
            let adoption = serde_json::from_str(&self.fields.open(ADOPTION, &sealed)?)?;
            Ok(ProposalRow { adoption, proposed_at, expires_at })
        };
        rows.into_iter().map(read).collect()
    }

    /// Another policy is in force: none of them can follow it.
    pub(crate) async fn forget_proposals(&self) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query("DELETE FROM proposals").execute(&mut *tx).await?;
        Ok(tx.commit().await?)
    }
}
