use domain::UnixSeconds;
use serde::{Deserialize, Serialize};

use super::{Reader, sql};
use crate::error::StoreError;
use crate::vault::Owner;

/// What a witness saw last, as it is stored: whoever shows it verifies it first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CosignedRow {
    pub verifier_key: String,
    /// The log's signed note with this witness's line behind it.
    pub note: String,
    /// Of a desktop.
    pub bound: Option<Bound>,
}

/// Why a key is that of an enrolled Device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Bound {
    /// The compact `witness-key` statement.
    pub statement: String,
    /// The PK token of its signer.
    pub token: String,
    pub signed_at: UnixSeconds,
}

type Columns = (String, String, String, Option<Vec<u8>>);

impl Reader {
    /// What witnesses saw last, the largest heads first.
    pub async fn cosignatures(&self, most: u32) -> Result<Vec<CosignedRow>, StoreError> {
        let rows: Vec<Columns> = sqlx::query_as(
            "SELECT witness, verifier_key, note, bound FROM cosignatures ORDER BY size DESC, at DESC LIMIT ?",
        )
        .bind(most)
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(|row| self.cosigned_row(row)).collect()
    }

    /// Those of the head of this size, outside witnesses first.
    pub async fn cosignatures_of(&self, size: u64, most: u32) -> Result<Vec<CosignedRow>, StoreError> {
        let rows: Vec<Columns> = sqlx::query_as(
            "SELECT witness, verifier_key, note, bound FROM cosignatures WHERE size = ? \
             ORDER BY bound IS NOT NULL, at DESC LIMIT ?",
        )
        .bind(sql(size))
        .bind(most)
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(|row| self.cosigned_row(row)).collect()
    }

    fn cosigned_row(&self, (witness, verifier_key, note, bound): Columns) -> Result<CosignedRow, StoreError> {
        let bound = bound
            .map(|sealed| {
                let plain = self.vault.open(&Owner::of(None), &bound_place(&witness), &sealed)?;
                serde_json::from_slice(&plain).map_err(|_| StoreError::damaged(format!("what binds {witness}")))
            })
            .transpose()?;
        Ok(CosignedRow { verifier_key, note, bound })
    }
}

pub(crate) fn bound_place(witness: &str) -> String {
    format!("countersign/witness-key/v1\0{witness}")
}
