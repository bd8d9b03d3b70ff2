use domain::{SessionId, UnixSeconds};
use recording::SegmentEntry;

use super::{Reader, count, sql};
use crate::error::StoreError;

/// Batches that wait.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Loose {
    pub sealed_bytes: u64,
    /// What they unpack to.
    pub plain_bytes: u64,
    /// When the oldest of them came.
    pub oldest: Option<UnixSeconds>,
}

impl Reader {
    pub async fn segments(&self, session: &SessionId) -> Result<Vec<SegmentEntry>, StoreError> {
        let rows: Vec<(String,)> = sqlx::query_as("SELECT entry FROM segments WHERE session = ? ORDER BY number")
            .bind(session.as_str())
            .fetch_all(&self.pool)
            .await?;
        rows.into_iter()
            .map(|(entry,)| {
                serde_json::from_str(&entry).map_err(|_| StoreError::damaged(format!("a segment of {session}")))
            })
            .collect()
    }

    /// The numbers of the batches that are in no segment yet.
    pub async fn loose_numbers(&self, session: &SessionId) -> Result<Vec<u64>, StoreError> {
        let rows: Vec<(i64,)> =
            sqlx::query_as("SELECT number FROM batches WHERE session = ? AND sealed IS NOT NULL ORDER BY number")
                .bind(session.as_str())
                .fetch_all(&self.pool)
                .await?;
        Ok(rows.into_iter().map(|(number,)| count(number)).collect())
    }

    /// One of them; `None` once it is in a segment.
    pub async fn loose_batch(&self, session: &SessionId, number: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let row: Option<(Vec<u8>,)> =
            sqlx::query_as("SELECT sealed FROM batches WHERE session = ? AND number = ? AND sealed IS NOT NULL")
                .bind(session.as_str())
                .bind(sql(number))
                .fetch_optional(&self.pool)
                .await?;
        Ok(row.map(|(sealed,)| sealed))
    }

    /// The numbers of every batch that came.
    pub async fn batch_numbers(&self, session: &SessionId) -> Result<Vec<u64>, StoreError> {
        let rows: Vec<(i64,)> = sqlx::query_as("SELECT number FROM batches WHERE session = ? ORDER BY number")
            .bind(session.as_str())
            .fetch_all(&self.pool)
            .await?;
        Ok(rows.into_iter().map(|(number,)| count(number)).collect())
    }

    /// What waits to be put into a segment and could be: nothing below it is missing.
    pub async fn loose(&self, session: &SessionId) -> Result<Loose, StoreError> {
        let (sealed, plain, oldest): (i64, i64, Option<i64>) = sqlx::query_as(
            "SELECT COALESCE(SUM(length(b.sealed)), 0), COALESCE(SUM(b.plain_bytes), 0), MIN(b.taken_at) FROM batches b \
             JOIN progress p ON p.session = b.session AND b.number < p.next_batch \
             WHERE b.session = ? AND b.sealed IS NOT NULL",
        )
        .bind(session.as_str())
        .fetch_one(&self.pool)
        .await?;
        Ok(Loose { sealed_bytes: count(sealed), plain_bytes: count(plain), oldest })
    }
}
