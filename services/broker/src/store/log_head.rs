use super::{Store, StoreError};

impl Store {
    /// The signed note of the last head of the log that was verified here.
    pub(crate) async fn log_head(&self) -> Result<Option<String>, StoreError> {
        Ok(sqlx::query_scalar("SELECT note FROM log_head").fetch_optional(&self.readers).await?)
    }

    /// Keeps the head that continues the last one, in its place.
    pub(crate) async fn keep_log_head(&self, note: &str) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "INSERT INTO log_head (only_one, note) VALUES (1, ?) ON CONFLICT (only_one) DO UPDATE SET note = excluded.note",
        )
        .bind(note)
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }
}
