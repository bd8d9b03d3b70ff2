//! Personal fields are sealed in every row. Rows of versions that did not seal are sealed when the store is opened.

use domain::PersonId;
use sqlx::{AssertSqlSafe, Sqlite, SqlitePool, Transaction};

use super::StoreError;
use crate::fields::{Field, Fields};

/// What the key is known by: this text, sealed with it.
const PROOF: Field = "proof of the key";

enum As {
    /// A person's id, which rows are looked up by.
    Person,
    Text(Field),
}

/// Every column that says something of a person.
const COLUMNS: [(&str, &str, As); 19] = [
    ("tokens", "person", As::Person),
    ("tokens", "name", As::Text(super::NAME)),
    ("tokens", "compact", As::Text(super::TOKEN)),
    ("pending", "person", As::Person),
    ("enrolments", "person", As::Person),
    ("enrolments", "compact", As::Text(super::STATEMENT)),
    ("enrolments", "mfa", As::Text(super::STATEMENT)),
    ("enrolments", "signer_person", As::Person),
    ("second_factors", "person", As::Person),
    ("requests", "compact", As::Text(super::STATEMENT)),
    ("requests", "body", As::Text(super::BODY)),
    ("requests", "person", As::Person),
    ("requests", "subject", As::Text(super::SUBJECT)),
    ("requests", "name", As::Text(super::NAME)),
    ("decisions", "compact", As::Text(super::STATEMENT)),
    ("decisions", "body", As::Text(super::BODY)),
    ("decisions", "mfa", As::Text(super::STATEMENT)),
    ("decisions", "person", As::Person),
    ("decisions", "name", As::Text(super::NAME)),
];

/// Seals what is not sealed yet, all of it or nothing, and then takes what it replaced out of the file. Afterwards the
/// database opens with this key only.
pub(super) async fn seal_all(writer: &SqlitePool, fields: &Fields) -> Result<(), StoreError> {
    let known: Option<(String, bool)> =
        sqlx::query_as("SELECT proof, cleaned FROM sealing").fetch_optional(writer).await?;
    match known {
        Some((proof, _)) if fields.open(PROOF, &proof).is_err() => return Err(StoreError::OtherKey),
        Some((_, true)) => return Ok(()),
        Some((_, false)) => {}
        None => seal_rows(writer, fields).await?,
    }
    sqlx::query("VACUUM").execute(writer).await?;
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(writer).await?;
    sqlx::query("UPDATE sealing SET cleaned = 1").execute(writer).await?;
    Ok(())
}

async fn seal_rows(writer: &SqlitePool, fields: &Fields) -> Result<(), StoreError> {
    let mut tx = writer.begin_with("BEGIN IMMEDIATE").await?;
    for (table, column, kind) in &COLUMNS {
        seal_column(&mut tx, fields, table, column, kind).await?;
    }
    sqlx::query("INSERT INTO sealing (proof, cleaned) VALUES (?, 0)")
        .bind(fields.seal(PROOF, "")?)
        .execute(&mut *tx)
        .await?;
    Ok(tx.commit().await?)
}

async fn seal_column(
    tx: &mut Transaction<'static, Sqlite>,
    fields: &Fields,
    table: &str,
    column: &str,
    kind: &As,
) -> Result<(), StoreError> {
    let plain = format!("SELECT DISTINCT {column} FROM {table} WHERE {column} IS NOT NULL");
    let plain: Vec<(String,)> = sqlx::query_as(AssertSqlSafe(plain)).fetch_all(&mut **tx).await?;
    for (text,) in plain {
        let sealed = match kind {
            As::Person => fields.person(&PersonId(text.clone()))?,
            As::Text(field) => fields.seal(field, &text)?,
        };
        sqlx::query(AssertSqlSafe(format!("UPDATE {table} SET {column} = ?1 WHERE {column} = ?2")))
            .bind(sealed)
            .bind(text)
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}

/// The rows as a version that did not seal had left them.
#[cfg(test)]
pub(crate) async fn unseal_all(pool: &SqlitePool, fields: &Fields) {
    for (table, column, kind) in &COLUMNS {
        let sealed = format!("SELECT DISTINCT {column} FROM {table} WHERE {column} IS NOT NULL");
        let sealed: Vec<(String,)> = sqlx::query_as(AssertSqlSafe(sealed)).fetch_all(pool).await.expect("rows");
        for (text,) in sealed {
            let plain = match kind {
                As::Person => fields.open_person(&text).expect("sealed").0,
                As::Text(field) => fields.open(field, &text).expect("sealed"),
            };
            sqlx::query(AssertSqlSafe(format!("UPDATE {table} SET {column} = ?1 WHERE {column} = ?2")))
                .bind(plain)
                .bind(text)
                .execute(pool)
                .await
                .expect("plain");
        }
    }
    sqlx::query("DELETE FROM sealing").execute(pool).await.expect("deleted");
}
