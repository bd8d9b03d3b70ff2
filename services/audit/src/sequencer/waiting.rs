//! Entries whose rows wait to be written together: nothing that is asked while they wait reads these tables.

use std::mem::take;

use domain::Digest;
use sqlx::sqlite::{Sqlite, SqliteArguments, SqliteConnection};
use sqlx::{Arguments as _, AssertSqlSafe, QueryBuilder};

use super::stored::{READ, Stored};
use crate::error::StoreError;
use crate::store::sql;

/// Rows of one INSERT, largest first: each table beside the leaves has these few texts of it, which stay prepared.
const PIECES: [usize; 4] = [64, 16, 4, 1];
/// Leaves of one INSERT at most. Each number up to it has its own text.
const LEAVES: usize = 64;

/// What is written of one entry.
pub(super) struct Entry {
    pub index: u64,
    pub at: i64,
    pub leaf: Vec<u8>,
    pub hash: merkle::Hash,
    pub kind: String,
    pub organization: Option<String>,
    pub session: Option<String>,
    pub statements: Vec<Statement>,
    pub personal: Vec<Personal>,
}

/// A statement or PK token, sealed under its owner's key.
pub(super) struct Statement {
    pub digest: Digest,
    pub kind: String,
    pub owner: String,
    pub sealed: Vec<u8>,
}

/// A personal field, sealed under its owner's key.
pub(super) struct Personal {
    pub name: String,
    pub owner: String,
    pub sealed: Vec<u8>,
}

/// Stands in front of the first statement of a transaction that nobody asked anything in: no call for it alone.
pub(super) const BEGIN: &str = "BEGIN IMMEDIATE; ";

/// Writes them all.
pub(super) async fn write(connection: &mut SqliteConnection, entries: &[Entry]) -> Result<(), StoreError> {
    write_beginning(connection, entries, &mut "").await
}

/// `begin` goes in front of whatever is written first.
async fn write_beginning(
    connection: &mut SqliteConnection,
    entries: &[Entry],
    begin: &mut &'static str,
) -> Result<(), StoreError> {
    write_beside(connection, entries, begin).await?;
    for piece in entries.chunks(LEAVES) {
        let text = leaves(take(begin), piece.len());
        sqlx::query_with(AssertSqlSafe(text), bound(piece)?).execute(&mut *connection).await?;
    }
    Ok(())
}

/// The same, and reads every leaf from `from` on back.
pub(super) async fn write_and_read(
    connection: &mut SqliteConnection,
    entries: &[Entry],
    from: u64,
    mut begin: &'static str,
) -> Result<Vec<Stored>, StoreError> {
    let (before, last) = entries.split_at(entries.len().saturating_sub(LEAVES));
    write_beginning(connection, before, &mut begin).await?;
    write_beside(connection, last, &mut begin).await?;
    let mut arguments = bound(last)?;
    add(&mut arguments, sql(from))?;
    let text = if last.is_empty() { READ.to_owned() } else { format!("{}; {READ}", leaves(begin, last.len())) };
    Stored::of(sqlx::query_as_with(AssertSqlSafe(text), arguments).fetch_one(connection).await?)
}

fn leaves(begin: &str, count: usize) -> String {
    let into = "INSERT INTO leaves (idx, at, leaf, hash, kind, organization, session) VALUES ";
    format!("{begin}{}", rows(into, "(?, ?, ?, ?, ?, ?, ?)", count))
}

pub(super) fn rows(into: &str, row: &str, count: usize) -> String {
    format!("{into}{}", vec![row; count].join(", "))
}

fn bound(entries: &[Entry]) -> Result<SqliteArguments, StoreError> {
    let mut arguments = SqliteArguments::default();
    arguments.reserve(entries.len() * 7, 0);
    for e in entries {
        add(&mut arguments, sql(e.index))?;
        add(&mut arguments, e.at)?;
        add(&mut arguments, &e.leaf[..])?;
        add(&mut arguments, &e.hash[..])?;
        add(&mut arguments, &e.kind[..])?;
        add(&mut arguments, e.organization.as_deref())?;
        add(&mut arguments, e.session.as_deref())?;
    }
    Ok(arguments)
}

pub(super) fn add<'q, T: sqlx::Encode<'q, Sqlite> + sqlx::Type<Sqlite>>(
    arguments: &mut SqliteArguments,
    value: T,
) -> Result<(), StoreError> {
    arguments.add(value).map_err(|error| StoreError::Database(sqlx::Error::Encode(error)))
}

/// What belongs to them and stands in other tables.
async fn write_beside(
    connection: &mut SqliteConnection,
    entries: &[Entry],
    begin: &mut &'static str,
) -> Result<(), StoreError> {
    let statements: Vec<&Statement> = entries.iter().flat_map(|e| &e.statements).collect();
    let personal: Vec<_> = entries.iter().flat_map(|e| e.personal.iter().map(|p| (e.index, p))).collect();
    let named: Vec<_> = entries.iter().flat_map(|e| e.statements.iter().map(|s| (e.index, s))).collect();
    for piece in pieces(&statements) {
        keep_beginning(&mut *connection, piece, take(begin)).await?;
    }
    for piece in pieces(&named) {
        let mut query =
            QueryBuilder::<Sqlite>::new(format!("{}INSERT INTO leaf_statements (digest, idx) ", take(begin)));
        query.push_values(piece, |mut row, (index, statement)| {
            row.push_bind(statement.digest.as_str()).push_bind(sql(*index));
        });
        query.push(" ON CONFLICT DO NOTHING").build().execute(&mut *connection).await?;
    }
    for piece in pieces(&personal) {
        let mut query =
            QueryBuilder::<Sqlite>::new(format!("{}INSERT INTO personal (idx, name, owner, sealed) ", take(begin)));
        query.push_values(piece, |mut row, (index, field)| {
            row.push_bind(sql(*index)).push_bind(&field.name).push_bind(&field.owner).push_bind(&field.sealed[..]);
        });
        query.build().execute(&mut *connection).await?;
    }
    Ok(())
}

/// The texts are kept once.
pub(super) async fn keep(connection: &mut SqliteConnection, statements: &[&Statement]) -> Result<(), StoreError> {
    keep_beginning(connection, statements, "").await
}

async fn keep_beginning(
    connection: &mut SqliteConnection,
    statements: &[&Statement],
    begin: &str,
) -> Result<(), StoreError> {
    let text = format!("{begin}INSERT INTO statements (digest, typ, owner, sealed) ");
    let mut query = QueryBuilder::<Sqlite>::new(text);
    query.push_values(statements, |mut row, s| {
        row.push_bind(s.digest.as_str()).push_bind(&s.kind).push_bind(&s.owner).push_bind(&s.sealed[..]);
    });
    query.push(" ON CONFLICT DO NOTHING").build().execute(connection).await?;
    Ok(())
}

fn pieces<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let taken = PIECES.into_iter().find(|piece| *piece <= rows.len())?;
        let (piece, rest) = rows.split_at(taken);
        rows = rest;
        Some(piece)
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn pieces_are_every_row_once_and_in_order() {
        for count in [0_usize, 1, 3, 4, 63, 64, 65, 200] {
            let rows: Vec<usize> = (0..count).collect();
            let cut: Vec<&[usize]> = super::pieces(&rows).collect();
            assert_eq!(cut.concat(), rows);
            assert!(cut.iter().all(|piece| super::PIECES.contains(&piece.len())), "{count}");
        }
    }
}
