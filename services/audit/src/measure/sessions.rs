//! The list of Sessions by itself: the store and what answers `GET /v1/sessions`, with no socket and nobody's proof.

mod fill;

use std::path::Path;
use std::sync::Arc;

use domain::{Clock, SystemClock};
use key_service::KeyService;
use recording::SecretKey;
use sqlx::sqlite::SqliteConnection;
use wire::audit::WhichSessions;

use crate::error::{Error, StoreError};
use crate::looking::look_among;
use crate::routes::lists::listed;
use crate::sequencer::load_keys;
use crate::store::{self, Objects, Reader, private};
use crate::vault::Vault;

/// A store of Sessions in a folder of its own.
pub struct SessionList {
    connection: SqliteConnection,
    vault: Arc<Vault>,
    reader: Reader,
}

/// A page as it would be sent.
pub struct MeasuredPage {
    /// The answer's JSON.
    pub json: Vec<u8>,
    pub sessions: usize,
    pub next: Option<String>,
}

impl SessionList {
    /// # Errors
    /// [`Error`] when the folder cannot be used.
    pub async fn open(folder: &Path) -> Result<Self, Error> {
        private::folder(folder).map_err(StoreError::Objects)?;
        let database = folder.join("audit.db");
        let mut connection = store::open_writer(&database).await?;
        let vault = Arc::new(Vault::new(KeyService::File(SecretKey::generate().map_err(StoreError::Seal)?)));
        load_keys(&mut connection, &vault).await?;
        let objects = Objects::in_folder(&folder.join("objects"))?;
        let reader = Reader::new(store::open_readers(&database).await?, vault.clone(), objects);
        Ok(Self { connection, vault, reader })
    }

    /// A page of a list for a reviewer, from the query to the bytes of the answer.
    ///
    /// # Errors
    /// [`Error`] with a refusal's words.
    pub async fn page(&self, which: &WhichSessions) -> Result<MeasuredPage, Error> {
        let refused = |p: serve::ProblemResponse| Error::Misconfigured(p.0.title.clone());
        let looked = look_among(&self.reader, SystemClock.now(), None, which).await.map_err(refused)?;
        let page = listed(&self.reader, &looked, which).await.map_err(refused)?;
        let json = serde_json::to_vec(&page).map_err(|e| Error::Misconfigured(e.to_string()))?;
        Ok(MeasuredPage { json, sessions: page.sessions.len(), next: page.next })
    }

    /// The count beside it.
    ///
    /// # Errors
    /// As [`Self::page`].
    pub async fn count(&self, which: &WhichSessions) -> Result<(u64, bool), Error> {
        let looked = look_among(&self.reader, SystemClock.now(), None, which).await;
        let looked = looked.map_err(|p| Error::Misconfigured(p.0.title.clone()))?;
        Ok(self.reader.count_listed(&looked.listing).await?)
    }

    /// The rows of the table along one index, by the same driver and connections, and nothing done with them: how many came.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn bare(&self, condition: &str, limit: u32) -> Result<usize, Error> {
        let text = format!(
            "SELECT s.* FROM listed l JOIN sessions s ON s.opened_idx = l.opened_idx WHERE {condition} \
             ORDER BY l.opened_idx DESC LIMIT {limit}"
        );
        let mut connection = self.reader.connection().await?;
        let rows =
            sqlx::query(sqlx::AssertSqlSafe(text)).fetch_all(&mut *connection).await.map_err(StoreError::from)?;
        Ok(rows.len())
    }

    /// The bare count along one index.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn bare_count(&self, condition: &str) -> Result<u64, Error> {
        let text = format!("SELECT COUNT(*) FROM listed l WHERE {condition}");
        let mut connection = self.reader.connection().await?;
        let row = sqlx::query_as(sqlx::AssertSqlSafe(text)).fetch_one(&mut *connection);
        let (all,): (i64,) = row.await.map_err(StoreError::from)?;
        Ok(store::count(all))
    }
}
