use std::collections::BTreeMap;

use domain::{Digest, SessionId, UnixMillis};
use recording::{Original, open_originals};
use sqlx::sqlite::SqliteConnection;
use statement::sha256;
use wire::event::Event;

use super::check::expect;
use super::derived::Said;
use super::read::LeafRow;
use super::{Reader, Seal, SessionRow, count};
use crate::error::StoreError;

impl Reader {
    /// What the marks of a sealed Recording stand for, held to what its sealing says; the first of each mark.
    pub async fn originals(&self, row: &SessionRow, seal: &Seal) -> Result<BTreeMap<String, Original>, StoreError> {
        let (key, session) = (self.recording_key(row)?, &row.session);
        let damaged = || StoreError::damaged(format!("the originals of {session}"));
        let leaf = self.leaf(seal.index).await?.ok_or_else(damaged)?;
        let event: Event = serde_json::from_str(&leaf).map_err(|_| damaged())?;
        let rows = self.sealed_originals(session).await?;
        let digest = digest(&rows);
        expect(event.facts.get("originals").map(String::as_str) == digest.as_ref().map(Digest::as_str), || {
            format!("the originals of {session} are not those that it was sealed with")
        })?;
        let mut originals = BTreeMap::new();
        for (number, sealed) in rows {
            for one in open_originals(&key, session, number, &sealed).map_err(|_| damaged())? {
                originals.entry(one.mark.clone()).or_insert(one);
            }
        }
        Ok(originals)
    }

    /// What the sealing of a Recording says of its originals; nothing when there are none.
    pub async fn originals_digest(&self, session: &SessionId) -> Result<Option<Digest>, StoreError> {
        Ok(digest(&self.sealed_originals(session).await?))
    }

    async fn sealed_originals(&self, session: &SessionId) -> Result<Vec<(u64, Vec<u8>)>, StoreError> {
        let rows: Vec<(i64, Vec<u8>)> =
            sqlx::query_as("SELECT number, sealed FROM originals WHERE session = ? ORDER BY number")
                .bind(session.as_str())
                .fetch_all(&self.pool)
                .await?;
        Ok(rows.into_iter().map(|(number, sealed)| (count(number), sealed)).collect())
    }

    /// The entries about what was proposed since, newest first.
    pub async fn proposed_reveals(&self, since: UnixMillis, most: u32) -> Result<Vec<LeafRow>, StoreError> {
        let rows: Vec<(i64, Vec<u8>)> = sqlx::query_as(
            "SELECT idx, leaf FROM leaves INDEXED BY leaves_of_reveals WHERE kind = 'reveal-proposed' AND at >= ? \
             ORDER BY idx DESC LIMIT ?",
        )
        .bind(since)
        .bind(most)
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(super::read::leaf_row).collect()
    }
}

/// Over the digest of each, in order.
fn digest(rows: &[(u64, Vec<u8>)]) -> Option<Digest> {
    let each: String = rows.iter().map(|(_, sealed)| sha256(sealed).to_string()).collect();
    (!rows.is_empty()).then(|| sha256(each))
}

/// There are originals of a sealed Recording when its sealing says so; none once it is destroyed and its files are gone.
pub(super) async fn check(connection: &mut SqliteConnection, seals: &BTreeMap<String, Said>) -> Result<(), StoreError> {
    let rows: Vec<(String, bool, bool)> = sqlx::query_as(
        "SELECT e.session, EXISTS (SELECT 1 FROM originals o WHERE o.session = e.session), \
         EXISTS (SELECT 1 FROM expired x WHERE x.session = e.session) OR EXISTS \
         (SELECT 1 FROM forgotten f JOIN sessions s ON s.organization = f.organization WHERE s.session = e.session) \
         FROM seals e",
    )
    .fetch_all(connection)
    .await?;
    for (session, are_there, is_destroyed) in rows {
        let said = seals.get(&session).is_some_and(|seal| !seal.fact("originals").is_empty());
        expect(said == are_there || (said && is_destroyed), || {
            format!("whether there are originals of {session} is not what the log says")
        })?;
    }
    Ok(())
}
