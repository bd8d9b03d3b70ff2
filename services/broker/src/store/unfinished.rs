use domain::Digest;
use serde::{Deserialize, Serialize};
use wire::broker::RequestState;
use wire::event::Append;

use super::requests::step;
use super::{NewDecisionRow, Store, StoreError};
use crate::fields::Field;
use crate::ledger::Logged;
use crate::life::Standing;

const STEP: Field = "unfinished step";

/// A step that ends a request, kept from before its Event is written until it has its effect.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Unfinished {
    pub(crate) request: Digest,
    pub(crate) from: RequestState,
    pub(crate) next: Standing,
    /// The Event, which stands in the log at most once.
    pub(crate) append: Append,
    pub(crate) decision: Option<NewDecisionRow>,
}

impl Store {
    /// Keeps a step whose Event is about to be written.
    pub(crate) async fn begin_step(&self, unfinished: &Unfinished) -> Result<(), StoreError> {
        let sealed = self.fields.seal(STEP, &serde_json::to_string(unfinished)?)?;
        let mut tx = self.begin().await?;
        sqlx::query("INSERT INTO unfinished (request, step) VALUES (?, ?)")
            .bind(unfinished.request.as_str())
            .bind(sealed)
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// The step has its effect.
    pub(crate) async fn finish_step(&self, _: &Logged, unfinished: &Unfinished) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        step(&mut tx, &unfinished.request, unfinished.from, &unfinished.next).await?;
        if let Some(decision) = &unfinished.decision {
            self.insert_decision(&mut tx, &unfinished.request, decision).await?;
        }
        sqlx::query("DELETE FROM unfinished WHERE request = ?")
            .bind(unfinished.request.as_str())
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// The step never came to be.
    pub(crate) async fn forget_step(&self, request: &Digest) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query("DELETE FROM unfinished WHERE request = ?").bind(request.as_str()).execute(&mut *tx).await?;
        Ok(tx.commit().await?)
    }

    /// The step of this request that has yet to have its effect.
    pub(crate) async fn unfinished(&self, request: &Digest) -> Result<Option<Unfinished>, StoreError> {
        let row: Option<(String,)> = sqlx::query_as("SELECT step FROM unfinished WHERE request = ?")
            .bind(request.as_str())
            .fetch_optional(&self.readers)
            .await?;
        row.map(|(sealed,)| Ok(serde_json::from_str(&self.fields.open(STEP, &sealed)?)?)).transpose()
    }

    /// Requests with such a step.
    pub(crate) async fn with_unfinished(&self) -> Result<Vec<Digest>, StoreError> {
        let rows: Vec<(String,)> = sqlx::query_as("SELECT request FROM unfinished").fetch_all(&self.readers).await?;
        Ok(rows.into_iter().filter_map(|(request,)| request.parse().ok()).collect())
    }
}
