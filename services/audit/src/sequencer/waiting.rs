//! Entries whose rows wait to be written together: nothing that is asked while they wait reads these tables.

use domain::Digest;
use sqlx::QueryBuilder;
use sqlx::sqlite::{Sqlite, SqliteConnection};

use crate::error::StoreError;
use crate::store::sql;

/// Rows of one INSERT, largest first: each table has these few texts of it, which stay prepared.
const PIECES: [usize; 4] = [64, 16, 4, 1];

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

/// Writes them all.
pub(super) async fn write(connection: &mut SqliteConnection, entries: &[Entry]) -> Result<(), StoreError> {
    let statements: Vec<&Statement> = entries.iter().flat_map(|e| &e.statements).collect();
    let personal: Vec<_> = entries.iter().flat_map(|e| e.personal.iter().map(|p| (e.index, p))).collect();
    let named: Vec<_> = entries.iter().flat_map(|e| e.statements.iter().map(|s| (e.index, s))).collect();
    for piece in pieces(entries) {
        let mut query =
            QueryBuilder::<Sqlite>::new("INSERT INTO leaves (idx, at, leaf, hash, kind, organization, session) ");
        query.push_values(piece, |mut row, e| {
            row.push_bind(sql(e.index)).push_bind(e.at).push_bind(&e.leaf[..]).push_bind(&e.hash[..]);
            row.push_bind(&e.kind).push_bind(e.organization.as_deref()).push_bind(e.session.as_deref());
        });
        query.build().execute(&mut *connection).await?;
    }
    for piece in pieces(&statements) {
        keep(&mut *connection, piece).await?;
    }
    for piece in pieces(&named) {
        let mut query = QueryBuilder::<Sqlite>::new("INSERT INTO leaf_statements (digest, idx) ");
        query.push_values(piece, |mut row, (index, statement)| {
            row.push_bind(statement.digest.as_str()).push_bind(sql(*index));
        });
        query.push(" ON CONFLICT DO NOTHING").build().execute(&mut *connection).await?;
    }
    for piece in pieces(&personal) {
        let mut query = QueryBuilder::<Sqlite>::new("INSERT INTO personal (idx, name, owner, sealed) ");
        query.push_values(piece, |mut row, (index, field)| {
            row.push_bind(sql(*index)).push_bind(&field.name).push_bind(&field.owner).push_bind(&field.sealed[..]);
        });
        query.build().execute(&mut *connection).await?;
    }
    Ok(())
}

/// The texts are kept once.
pub(super) async fn keep(connection: &mut SqliteConnection, statements: &[&Statement]) -> Result<(), StoreError> {
    let mut query = QueryBuilder::<Sqlite>::new("INSERT INTO statements (digest, typ, owner, sealed) ");
    query.push_values(statements, |mut row, s| {
        row.push_bind(s.digest.as_str()).push_bind(&s.kind).push_bind(&s.owner).push_bind(&s.sealed[..]);
    });
    query.push(" ON CONFLICT DO NOTHING").build().execute(connection).await?;
    Ok(())
}

/// Roots of full subtrees as `(level, index in that level, hash)`.
pub(super) async fn write_nodes(
    connection: &mut SqliteConnection,
    nodes: &[(u8, u64, merkle::Hash)],
) -> Result<(), StoreError> {
    for piece in pieces(nodes) {
        let mut query = QueryBuilder::<Sqlite>::new("INSERT INTO nodes (level, idx, hash) ");
        query.push_values(piece, |mut row, (level, index, hash)| {
            row.push_bind(i64::from(*level)).push_bind(sql(*index)).push_bind(&hash[..]);
        });
        query.build().execute(&mut *connection).await?;
    }
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
