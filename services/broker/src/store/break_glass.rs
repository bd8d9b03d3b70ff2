use domain::{Digest, UnixSeconds};
use statement::BreakGlassPermission;

use super::{Store, StoreError};
use crate::fields::Field;
use crate::ledger::Logged;

const PERMISSION: Field = "break-glass permission";

/// A permission that one administrator signed for.
#[derive(Debug, Clone)]
pub(crate) struct ProposedRow {
    pub(crate) id: Digest,
    pub(crate) permission: BreakGlassPermission,
    pub(crate) proposed_at: UnixSeconds,
    /// When its first signature expires.
    pub(crate) expires_at: UnixSeconds,
}

impl Store {
    /// Keeps a proposal, in the place of an older one of the same permission.
    pub(crate) async fn propose_permission(&self, _: &Logged, row: &ProposedRow) -> Result<(), StoreError> {
        let sealed = self.fields.seal(PERMISSION, &serde_json::to_string(&row.permission)?)?;
        let mut tx = self.begin().await?;
        sqlx::query("DELETE FROM permissions WHERE filed = 0 AND (id = ? OR expires_at <= ?)")
            .bind(row.id.as_str())
            .bind(row.proposed_at)
            .execute(&mut *tx)
            .await?;
        sqlx::query("INSERT INTO permissions (id, permission, proposed_at, expires_at) VALUES (?, ?, ?, ?)")
            .bind(row.id.as_str())
            .bind(sealed)
            .bind(row.proposed_at)
            .bind(row.expires_at)
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// What stands in the log: whose signatures a request rests on is asked of it as long as one is open.
    pub(crate) async fn keep_permission(&self, id: &Digest, filed: &BreakGlassPermission) -> Result<(), StoreError> {
        let sealed = self.fields.seal(PERMISSION, &serde_json::to_string(filed)?)?;
        let mut tx = self.begin().await?;
        sqlx::query(
            "INSERT INTO permissions (id, permission, proposed_at, expires_at, filed) VALUES (?, ?, 0, 0, 1) \
             ON CONFLICT (id) DO UPDATE SET permission = excluded.permission, filed = 1",
        )
        .bind(id.as_str())
        .bind(sealed)
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    /// What both administrators signed.
    pub(crate) async fn permission(&self, id: &Digest) -> Result<Option<BreakGlassPermission>, StoreError> {
        let row: Option<(String,)> = sqlx::query_as("SELECT permission FROM permissions WHERE id = ? AND filed = 1")
            .bind(id.as_str())
            .fetch_optional(&self.readers)
            .await?;
        row.map(|(sealed,)| Ok(serde_json::from_str(&self.fields.open(PERMISSION, &sealed)?)?)).transpose()
    }

    /// What another administrator can still sign for, oldest first.
    pub(crate) async fn proposed_permissions(&self, now: UnixSeconds) -> Result<Vec<ProposedRow>, StoreError> {
        let rows: Vec<(String, String, i64, i64)> = sqlx::query_as(
            "SELECT id, permission, proposed_at, expires_at FROM permissions WHERE filed = 0 AND expires_at > ? \
             ORDER BY proposed_at, id",
        )
        .bind(now)
        .fetch_all(&self.readers)
        .await?;
        let read = |(id, sealed, proposed_at, expires_at): (String, String, i64, i64)| {
            let permission = serde_json::from_str(&self.fields.open(PERMISSION, &sealed)?)?;
            Ok(ProposedRow { id: id.parse()?, permission, proposed_at, expires_at })
        };
        rows.into_iter().map(read).collect()
    }
}
