use domain::{OrgId, SessionId, UnixSeconds};
use recording::SegmentEntry;
use statement::Forgetting;

use super::{Reader, count, sql};
use crate::error::StoreError;
use crate::vault::Owner;

/// What was signed, and the entry that says so.
pub(crate) struct ForgettingRow {
    pub index: u64,
    pub forgetting: Forgetting,
}

impl Reader {
    /// Every Organization that was forgotten in an entry below `size`, oldest first.
    pub async fn forgettings(&self, size: u64) -> Result<Vec<ForgettingRow>, StoreError> {
        let rows: Vec<(String, i64, Vec<u8>)> =
            sqlx::query_as("SELECT organization, idx, sealed FROM forgotten WHERE idx < ? ORDER BY idx")
                .bind(sql(size))
                .fetch_all(&self.pool)
                .await?;
        let open = |(organization, index, sealed): (String, i64, Vec<u8>)| {
            let plain = self.vault.open(&Owner::of(None), &forgetting_place(&organization), &sealed)?;
            let damaged = |_| StoreError::damaged(format!("how {organization} was forgotten"));
            Ok(ForgettingRow { index: count(index), forgetting: serde_json::from_slice(&plain).map_err(damaged)? })
        };
        rows.into_iter().map(open).collect()
    }

    pub fn is_forgotten(&self, organization: &OrgId) -> bool {
        self.vault.is_forgotten(&Owner::of(Some(organization)))
    }

    /// Sealed Recordings that ended before this, that are still there and that nobody owes a review, oldest first.
    pub async fn kept_too_long(&self, ended_before: UnixSeconds, most: u32) -> Result<Vec<SessionId>, StoreError> {
        let rows: Vec<(String,)> = sqlx::query_as(
            "SELECT e.session FROM seals e JOIN sessions s ON s.session = e.session WHERE e.ended_at < ? \
             AND NOT EXISTS (SELECT 1 FROM expired x WHERE x.session = e.session) \
             AND NOT EXISTS (SELECT 1 FROM forgotten f WHERE f.organization = s.organization) \
             AND NOT EXISTS (SELECT 1 FROM permission_uses u WHERE u.session = e.session \
             AND NOT EXISTS (SELECT 1 FROM reviews r WHERE r.session = u.session)) ORDER BY e.idx LIMIT ?",
        )
        .bind(ended_before)
        .bind(most)
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(|(session,)| session.parse().map_err(|_| StoreError::damaged("a Session's id"))).collect()
    }

    /// Destroyed Recordings of which segments may still lie among the objects.
    pub async fn unswept(&self) -> Result<Vec<(SessionId, Vec<SegmentEntry>)>, StoreError> {
        let rows: Vec<(String,)> = sqlx::query_as(
            "SELECT x.session FROM expired x WHERE EXISTS (SELECT 1 FROM segments g WHERE g.session = x.session) \
             UNION SELECT s.session FROM forgotten f JOIN sessions s ON s.organization = f.organization \
             WHERE EXISTS (SELECT 1 FROM segments g WHERE g.session = s.session)",
        )
        .fetch_all(&self.pool)
        .await?;
        let mut unswept = Vec::with_capacity(rows.len());
        for (session,) in rows {
            let session = session.parse().map_err(|_| StoreError::damaged("a Session's id"))?;
            let segments = self.segments(&session).await?;
            unswept.push((session, segments));
        }
        Ok(unswept)
    }
}

pub(crate) fn forgetting_place(organization: &str) -> String {
    format!("countersign/forgetting/v1\0{organization}")
}
