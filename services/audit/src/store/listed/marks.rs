//! Marks: what a Session is found by and what must not stand in the clear. Whoever has the file and no key learns from one that two
//! Sessions are alike, and not in what.

use domain::{PersonId, SessionId};
use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteConnection;

use super::tickets;
use crate::error::StoreError;
use crate::store::{Detail, Reader, detail_place};
use crate::vault::{Owner, Vault};

/// Sessions that are marked in one transaction at the start.
const AT_ONCE: i64 = 1_000;

/// Whoever opened a Session.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Opener {
    pub person: PersonId,
    pub name: String,
}

/// Marks the Session that was opened at this place.
pub(crate) async fn keep_marks(
    connection: &mut SqliteConnection,
    vault: &Vault,
    opened_index: i64,
    detail: &Detail,
) -> Result<(), StoreError> {
    let owner = Owner::of(Some(&detail.organization.id));
    let ticket = vault.ticket_mark(&owner, &detail.ticket)?;
    tickets::keep_beginnings(connection, vault, opened_index, &owner, &detail.ticket, &ticket).await?;
    sqlx::query("UPDATE listed SET reason_mark = ?, ticket_mark = ? WHERE opened_idx = ?")
        .bind(vault.reason_mark(detail.reason)?)
        .bind(ticket)
        .bind(opened_index)
        .execute(&mut *connection)
        .await?;
    let mark = vault.mark(&detail.person)?;
    let opener = Opener { person: detail.person.clone(), name: detail.name.clone() };
    let opener = serde_json::to_vec(&opener).map_err(|_| StoreError::damaged("who opened a Session"))?;
    sqlx::query(
        "INSERT INTO people (person_mark, sealed) VALUES (?, ?) \
         ON CONFLICT (person_mark) DO UPDATE SET sealed = excluded.sealed",
    )
    .bind(&mark)
    .bind(vault.seal(&Owner::of(None), &opener_place(&mark), &opener)?)
    .execute(connection)
    .await?;
    Ok(())
}

/// Marks what an earlier version opened, at the start.
pub(crate) async fn make_marks(connection: &mut SqliteConnection, vault: &Vault) -> Result<(), StoreError> {
    loop {
        let rows: Vec<(i64, String, String, Vec<u8>)> = sqlx::query_as(
            "SELECT l.opened_idx, s.session, s.organization, s.detail FROM listed l INDEXED BY listed_by_reason \
             JOIN sessions s ON s.opened_idx = l.opened_idx WHERE l.reason_mark IS NULL LIMIT ?",
        )
        .bind(AT_ONCE)
        .fetch_all(&mut *connection)
        .await?;
        if rows.is_empty() {
            return Ok(());
        }
        sqlx::query("BEGIN IMMEDIATE").execute(&mut *connection).await?;
        for (opened_index, session, organization, sealed) in rows {
            let damaged = || StoreError::damaged(format!("session {session}"));
            let id: SessionId = session.parse().map_err(|_| damaged())?;
            let plain = vault.open(&Owner(organization), &detail_place(&id), &sealed)?;
            let detail: Detail = serde_json::from_slice(&plain).map_err(|_| damaged())?;
            keep_marks(connection, vault, opened_index, &detail).await?;
        }
        sqlx::query("COMMIT").execute(&mut *connection).await?;
    }
}

impl Reader {
    /// Everybody who opened a Session that is not forgotten, with their mark.
    pub async fn openers(&self) -> Result<Vec<(Vec<u8>, Opener)>, StoreError> {
        let rows: Vec<(Vec<u8>, Vec<u8>)> =
            sqlx::query_as("SELECT person_mark, sealed FROM people").fetch_all(&self.pool).await?;
        let open = |(mark, sealed): (Vec<u8>, Vec<u8>)| {
            let plain = self.vault.open(&Owner::of(None), &opener_place(&mark), &sealed)?;
            let opener = serde_json::from_slice(&plain).map_err(|_| StoreError::damaged("who opened a Session"))?;
            Ok((mark, opener))
        };
        rows.into_iter().map(open).collect()
    }
}

fn opener_place(mark: &[u8]) -> String {
    format!("countersign/opener/v1\0{}", hex(mark))
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
