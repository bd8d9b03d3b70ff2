use domain::{Digest, PersonId, SessionId};
use serde::{Deserialize, Serialize};

use super::{Reader, count};
use crate::error::StoreError;
use crate::store::SessionRow;
use crate::vault::Owner;

/// What is known of an extension and sealed under its Session's Organization's key.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExtensionDetail {
    pub bundle_json: String,
    pub provider_keys: Digest,
    pub approvers: Vec<PersonId>,
    /// Under which it was signed: the one in force, which need not be the one that the Session was opened under.
    pub policy: Digest,
}

/// One extension of a Session, as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct ExtensionRow {
    pub index: u64,
    pub detail: ExtensionDetail,
}

impl Reader {
    /// What extended the Session, in the log's order.
    pub async fn extensions(&self, of: &SessionRow) -> Result<Vec<ExtensionRow>, StoreError> {
        let rows: Vec<(String, i64, Vec<u8>)> =
            sqlx::query_as("SELECT request, idx, detail FROM extensions WHERE session = ? ORDER BY idx")
                .bind(of.session.as_str())
                .fetch_all(&self.pool)
                .await?;
        let owner = Owner::of(Some(&of.organization));
        let read = |(request, index, sealed): (String, i64, Vec<u8>)| {
            let plain = self.vault.open(&owner, &extension_place(&request), &sealed)?;
            let detail = serde_json::from_slice(&plain)
                .map_err(|_| StoreError::damaged(format!("an extension of {}", of.session)))?;
            Ok(ExtensionRow { index: count(index), detail })
        };
        rows.into_iter().map(read).collect()
    }

    /// Where the log has the extension of this request, if it is one of this Session.
    pub async fn extension_of(&self, session: &SessionId, request: &Digest) -> Result<Option<u64>, StoreError> {
        let row: Option<(i64,)> = sqlx::query_as("SELECT idx FROM extensions WHERE request = ? AND session = ?")
            .bind(request.as_str())
            .bind(session.as_str())
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.map(|(index,)| count(index)))
    }
}

pub(crate) fn extension_place(request: &str) -> String {
    format!("countersign/extension/v1\0{request}")
}
