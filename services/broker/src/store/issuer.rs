use std::sync::Arc;

use domain::UnixSeconds;
use statement::{KnownKeys, PastKeys, ProviderKeys};

use super::{Store, StoreError};

impl Store {
    /// The issuer's keys as known: what it publishes now, and what this broker saw it publish before. A set that is new
    /// is on the disk when this returns: an enrolment that is verified with it can be verified again for good.
    pub(crate) async fn known_keys(
        &self,
        current: Arc<ProviderKeys>,
        now: UnixSeconds,
    ) -> Result<Arc<KnownKeys>, StoreError> {
        let mut known = self.known.lock().await;
        if let Some(known) = known.as_ref().filter(|k| k.current().digest() == current.digest()) {
            return Ok(known.clone());
        }
        let past = self.see_keys(&current, now).await?;
        Ok(known.insert(Arc::new(KnownKeys::new(current, past))).clone())
    }

    async fn see_keys(&self, current: &ProviderKeys, now: UnixSeconds) -> Result<Vec<PastKeys>, StoreError> {
        let digest = current.digest().as_str();
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE provider_keys SET until = ? WHERE until IS NULL AND digest <> ?")
            .bind(now)
            .bind(digest)
            .execute(&mut *tx)
            .await?;
        sqlx::query(
            "INSERT INTO provider_keys (digest, jwks, first_seen) VALUES (?, ?, ?)
             ON CONFLICT (digest) DO UPDATE SET until = NULL",
        )
        .bind(digest)
        .bind(current.raw())
        .bind(now)
        .execute(&mut *tx)
        .await?;
        let rows: Vec<(String, Vec<u8>, i64)> = sqlx::query_as(
            "SELECT digest, jwks, until FROM provider_keys WHERE until IS NOT NULL ORDER BY until, first_seen",
        )
        .fetch_all(&mut *tx)
        .await?;
        tx.commit().await?;
        rows.into_iter().map(past).collect()
    }
}

fn past((digest, jwks, until): (String, Vec<u8>, i64)) -> Result<PastKeys, StoreError> {
    let broken = || StoreError::BrokenRow(format!("the key set {digest}"));
    let keys = ProviderKeys::from_jwks(&jwks).map_err(|_| broken())?;
    if keys.digest().as_str() == digest { Ok(PastKeys { keys: Arc::new(keys), until }) } else { Err(broken()) }
}
