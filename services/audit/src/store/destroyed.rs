//! What is destroyed is what the log says is: nothing more, and nothing less.

use std::collections::BTreeMap;

use sqlx::sqlite::SqliteConnection;

use super::check::expect;
use super::count;
use super::derived::Said;
use crate::error::StoreError;

pub(super) async fn check(
    connection: &mut SqliteConnection,
    forgotten: &BTreeMap<u64, Said>,
    expired: &BTreeMap<u64, Said>,
) -> Result<(), StoreError> {
    check_forgotten(&mut *connection, forgotten).await?;
    check_expired(&mut *connection, expired).await?;
    check_keys(&mut *connection).await?;
    check_marks(connection).await
}

async fn check_forgotten(connection: &mut SqliteConnection, said: &BTreeMap<u64, Said>) -> Result<(), StoreError> {
    let rows: Vec<(i64, String)> =
        sqlx::query_as("SELECT idx, organization FROM forgotten").fetch_all(connection).await?;
    expect(rows.len() == said.len(), || "there are not as many forgotten Organizations as the log says".into())?;
    for (index, organization) in rows {
        let right = said
            .get(&count(index))
            .is_some_and(|s| s.event.organization.as_ref().is_some_and(|id| id.as_str() == organization));
        expect(right, || format!("the forgotten Organization at {index} is not what the log says"))?;
    }
    Ok(())
}

async fn check_expired(connection: &mut SqliteConnection, said: &BTreeMap<u64, Said>) -> Result<(), StoreError> {
    let rows: Vec<(i64, String, i64)> =
        sqlx::query_as("SELECT idx, session, at FROM expired").fetch_all(connection).await?;
    expect(rows.len() == said.len(), || "there are not as many destroyed Recordings as the log says".into())?;
    for (index, session, at) in rows {
        let right = said.get(&count(index)).is_some_and(|s| s.is_of(&session) && s.fact("at") == at.to_string());
        expect(right, || format!("the destroyed Recording at {index} is not what the log says"))?;
    }
    Ok(())
}

/// A Recording's key is there, unless an entry says that it was destroyed; then it is not.
async fn check_keys(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let other: Option<(String,)> = sqlx::query_as(
        "SELECT s.session FROM sessions s LEFT JOIN recording_keys k ON k.opened_idx = s.opened_idx \
         WHERE COALESCE(k.wrapped = zeroblob(length(k.wrapped)), 2) <> (EXISTS \
         (SELECT 1 FROM expired x WHERE x.session = s.session) OR EXISTS \
         (SELECT 1 FROM forgotten f WHERE f.organization = s.organization)) LIMIT 1",
    )
    .fetch_optional(connection)
    .await?;
    other.map_or(Ok(()), |(session,)| {
        Err(StoreError::damaged(format!(
            "whether the key of recording {session} is destroyed is not what the log says"
        )))
    })
}

/// So is the mark of whoever opened it.
async fn check_marks(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let other: Option<(String,)> = sqlx::query_as(
        "SELECT s.session FROM sessions s WHERE (s.person_mark = x'') <> EXISTS \
         (SELECT 1 FROM forgotten f WHERE f.organization = s.organization) LIMIT 1",
    )
    .fetch_optional(connection)
    .await?;
    other.map_or(Ok(()), |(session,)| {
        Err(StoreError::damaged(format!("whether Session {session} names nobody is not what the log says")))
    })
}
