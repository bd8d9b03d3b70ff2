use std::collections::BTreeMap;
use std::sync::Arc;

use domain::{Digest, SessionId};
use merkle::Hash;
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{Sqlite, SqliteConnection, SqlitePool};
use statement::{Adoption, base64url, base64url_decode, sha256};
use wire::audit::Sealed;
use wire::event::Receipt;

use super::{Objects, Tree, count, sql};
use crate::error::StoreError;
use crate::sequencer::{Holder, is_revoked, revoked_by};
use crate::vault::{Owner, Vault};

/// Reads what is committed.
#[derive(Clone)]
pub(crate) struct Reader {
    pub(super) pool: SqlitePool,
    pub(super) vault: Arc<Vault>,
    pub(crate) objects: Objects,
    pub(crate) tree: Arc<Tree>,
}

/// A leaf as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct LeafRow {
    pub index: u64,
    pub leaf: String,
}

/// A policy that was adopted, and the entry that says so.
pub(crate) struct PolicyRow {
    pub index: u64,
    pub adoption: Adoption,
}

impl Reader {
    pub fn new(pool: SqlitePool, vault: Arc<Vault>, objects: Objects) -> Self {
        Self { pool, vault, objects, tree: Arc::default() }
    }

    pub fn vault(&self) -> &Vault {
        &self.vault
    }

    pub async fn connection(&self) -> Result<PoolConnection<Sqlite>, StoreError> {
        Ok(self.pool.acquire().await?)
    }

    /// Whether this Device, or the person whose it is, is revoked.
    pub async fn is_revoked(&self, holder: &Holder) -> Result<bool, StoreError> {
        is_revoked(&self.pool, &self.vault, holder).await
    }

    /// The entry by which it is.
    pub async fn revoked_by(&self, holder: &Holder) -> Result<Option<u64>, StoreError> {
        revoked_by(&self.pool, &self.vault, holder).await
    }

    pub async fn leaf(&self, index: u64) -> Result<Option<String>, StoreError> {
        leaf(&mut *self.connection().await?, index).await
    }

    /// The newest leaves below `before`.
    pub async fn leaves_before(&self, before: u64, limit: u32) -> Result<Vec<LeafRow>, StoreError> {
        let rows: Vec<(i64, Vec<u8>)> =
            sqlx::query_as("SELECT idx, leaf FROM leaves WHERE idx < ? ORDER BY idx DESC LIMIT ?")
                .bind(sql(before))
                .bind(limit)
                .fetch_all(&self.pool)
                .await?;
        rows.into_iter().map(leaf_row).collect()
    }

    /// The policies behind the pinned one whose entries stand below `size`, by version.
    pub async fn policies(&self, size: u64) -> Result<Vec<PolicyRow>, StoreError> {
        let rows: Vec<(i64, i64, Vec<u8>)> =
            sqlx::query_as("SELECT version, idx, sealed FROM policies WHERE idx < ? ORDER BY version")
                .bind(sql(size))
                .fetch_all(&self.pool)
                .await?;
        let open = |(version, index, sealed): (i64, i64, Vec<u8>)| {
            let plain = self.vault.open(&Owner::of(None), &policy_place(count(version)), &sealed)?;
            let damaged = |_| StoreError::damaged(format!("the policy of version {version}"));
            let adoption = serde_json::from_slice(&plain).map_err(damaged)?;
            Ok(PolicyRow { index: count(index), adoption })
        };
        rows.into_iter().map(open).collect()
    }

    /// The leaves that say which keys of the issuer were seen, by index.
    pub async fn leaves_about_keys(&self) -> Result<Vec<LeafRow>, StoreError> {
        let rows: Vec<(i64, Vec<u8>)> =
            sqlx::query_as("SELECT idx, leaf FROM leaves WHERE kind = 'provider-keys-seen' ORDER BY idx")
                .fetch_all(&self.pool)
                .await?;
        rows.into_iter().map(leaf_row).collect()
    }

    /// The leaves about a Session or about any of these statements, by index, below `size`.
    pub async fn leaves_about(
        &self,
        session: &SessionId,
        statements: &[Digest],
        size: u64,
    ) -> Result<Vec<LeafRow>, StoreError> {
        let mut found: BTreeMap<i64, Vec<u8>> =
            sqlx::query_as("SELECT idx, leaf FROM leaves WHERE session = ? AND idx < ?")
                .bind(session.as_str())
                .bind(sql(size))
                .fetch_all(&self.pool)
                .await?
                .into_iter()
                .collect();
        found.extend(self.naming(statements, size).await?);
        found.into_iter().map(leaf_row).collect()
    }

    /// The leaves about any of these statements, by index, below `size`.
    pub async fn leaves_naming(&self, statements: &[Digest], size: u64) -> Result<Vec<LeafRow>, StoreError> {
        self.naming(statements, size).await?.into_iter().map(leaf_row).collect()
    }

    async fn naming(&self, statements: &[Digest], size: u64) -> Result<BTreeMap<i64, Vec<u8>>, StoreError> {
        let mut found = BTreeMap::new();
        for digest in statements {
            let more: Vec<(i64, Vec<u8>)> = sqlx::query_as(
                "SELECT l.idx, l.leaf FROM leaf_statements s JOIN leaves l ON l.idx = s.idx WHERE s.digest = ? AND l.idx < ?",
            )
            .bind(digest.as_str())
            .bind(sql(size))
            .fetch_all(&self.pool)
            .await?;
            found.extend(more);
        }
        Ok(found)
    }

    /// Hashes `from..from + width` of a level of the tree (0: leaves), fewer where the log ends.
    pub async fn tile(&self, level: u32, from: u64, width: u64) -> Result<Vec<Hash>, StoreError> {
        let end = from.saturating_add(width);
        let rows: Vec<(Vec<u8>,)> = if level == 0 {
            sqlx::query_as("SELECT hash FROM leaves WHERE idx >= ? AND idx < ? ORDER BY idx")
                .bind(sql(from))
                .bind(sql(end))
                .fetch_all(&self.pool)
                .await?
        } else {
            sqlx::query_as("SELECT hash FROM nodes WHERE level = ? AND idx >= ? AND idx < ? ORDER BY idx")
                .bind(i64::from(level))
                .bind(sql(from))
                .bind(sql(end))
                .fetch_all(&self.pool)
                .await?
        };
        rows.into_iter()
            .map(|(hash,)| Hash::try_from(hash).map_err(|_| StoreError::damaged("a hash that is not 32 bytes")))
            .collect()
    }

    /// Leaves `from..from + width`, fewer where the log ends.
    pub async fn leaves(&self, from: u64, width: u64) -> Result<Vec<Vec<u8>>, StoreError> {
        let rows: Vec<(Vec<u8>,)> = sqlx::query_as("SELECT leaf FROM leaves WHERE idx >= ? AND idx < ? ORDER BY idx")
            .bind(sql(from))
            .bind(sql(from.saturating_add(width)))
            .fetch_all(&self.pool)
            .await?;
        Ok(rows.into_iter().map(|(leaf,)| leaf).collect())
    }

    /// The personal fields of a leaf that are still readable, each held to the digest in the leaf by the caller.
    pub async fn personal(&self, index: u64) -> Result<BTreeMap<String, Sealed>, StoreError> {
        let rows: Vec<(String, String, Vec<u8>)> =
            sqlx::query_as("SELECT name, owner, sealed FROM personal WHERE idx = ?")
                .bind(sql(index))
                .fetch_all(&self.pool)
                .await?;
        let mut fields = BTreeMap::new();
        for (name, owner, sealed) in rows {
            let owner = Owner(owner);
            if self.vault.key(&owner).is_none() {
                continue;
            }
            let plain = self.vault.open(&owner, &personal_place(index, &name), &sealed)?;
            fields.insert(name, opened_field(&plain)?);
        }
        Ok(fields)
    }

    /// A statement or PK token by its digest; `None` when it is not there or is forgotten with its owner.
    pub async fn statement(&self, digest: &Digest) -> Result<Option<String>, StoreError> {
        let row: Option<(String, Vec<u8>)> = sqlx::query_as("SELECT owner, sealed FROM statements WHERE digest = ?")
            .bind(digest.as_str())
            .fetch_optional(&self.pool)
            .await?;
        let Some((owner, sealed)) = row else { return Ok(None) };
        self.open_statement(digest.as_str(), owner, &sealed)
    }

    /// Every statement of one kind.
    pub async fn statements_of_kind(&self, typ: &str) -> Result<Vec<String>, StoreError> {
        let rows: Vec<(String, String, Vec<u8>)> =
            sqlx::query_as("SELECT digest, owner, sealed FROM statements WHERE typ = ?")
                .bind(typ)
                .fetch_all(&self.pool)
                .await?;
        rows.into_iter()
            .filter_map(|(digest, owner, sealed)| self.open_statement(&digest, owner, &sealed).transpose())
            .collect()
    }

    /// How many statements of one kind there are.
    pub async fn count_of_kind(&self, typ: &str) -> Result<u64, StoreError> {
        let (n,): (i64,) =
            sqlx::query_as("SELECT COUNT(*) FROM statements WHERE typ = ?").bind(typ).fetch_one(&self.pool).await?;
        Ok(count(n))
    }

    /// Every JWKS that something was verified with.
    pub async fn provider_keys(&self) -> Result<BTreeMap<String, Vec<u8>>, StoreError> {
        let rows: Vec<(String, Vec<u8>)> =
            sqlx::query_as("SELECT digest, jwks FROM provider_keys").fetch_all(&self.pool).await?;
        rows.into_iter()
            .map(|(digest, sealed)| {
                let jwks = self.vault.open(&Owner::of(None), &keys_place(&digest), &sealed)?;
                Ok((digest, jwks))
            })
            .collect()
    }

    /// `None` when it is forgotten with its owner.
    fn open_statement(&self, digest: &str, owner: String, sealed: &[u8]) -> Result<Option<String>, StoreError> {
        let owner = Owner(owner);
        if self.vault.key(&owner).is_none() {
            return Ok(None);
        }
        let plain = self.vault.open(&owner, &statement_place(digest), sealed)?;
        let text = String::from_utf8(plain).map_err(|_| StoreError::damaged(format!("statement {digest}")))?;
        if sha256(&text).as_str() == digest {
            Ok(Some(text))
        } else {
            Err(StoreError::damaged(format!("statement {digest} has another digest")))
        }
    }
}

/// The exact leaf.
pub(crate) async fn leaf(connection: &mut SqliteConnection, index: u64) -> Result<Option<String>, StoreError> {
    let row: Option<(i64, Vec<u8>)> = sqlx::query_as("SELECT idx, leaf FROM leaves WHERE idx = ?")
        .bind(sql(index))
        .fetch_optional(connection)
        .await?;
    row.map(|row| leaf_row(row).map(|r| r.leaf)).transpose()
}

/// The proof that leaf `index` stands in the log of `size`, whose signed note is `note`.
pub(crate) async fn receipt(
    tree: &Tree,
    connection: &mut SqliteConnection,
    index: u64,
    size: u64,
    note: &str,
) -> Result<Receipt, StoreError> {
    let leaf = leaf(&mut *connection, index).await?;
    let leaf = leaf.filter(|_| index < size).ok_or_else(|| StoreError::damaged(format!("leaf {index} is missing")))?;
    let inclusion = tree.inclusion(connection, index, size).await?;
    Ok(Receipt { index, leaf, inclusion: digests(&inclusion), checkpoint: note.to_owned() })
}

/// Hashes as they travel.
pub(crate) fn digests(hashes: &[Hash]) -> Vec<Digest> {
    hashes
        .iter()
        .map(|h| base64url(h).parse().unwrap_or_else(|_| unreachable!("32 bytes make 43 characters")))
        .collect()
}

pub(crate) fn personal_place(index: u64, name: &str) -> String {
    format!("countersign/personal/v1\0{index}\0{name}")
}

pub(crate) fn policy_place(version: u64) -> String {
    format!("countersign/policy/v1\0{version}")
}

pub(crate) fn keys_place(digest: &str) -> String {
    format!("countersign/provider-keys/v1\0{digest}")
}

pub(crate) fn statement_place(digest: &str) -> String {
    format!("countersign/statement/v1\0{digest}")
}

/// 32 bytes of salt, then the value.
fn opened_field(plain: &[u8]) -> Result<Sealed, StoreError> {
    let damaged = || StoreError::damaged("a personal field");
    let (salt, value) = plain.split_first_chunk::<32>().ok_or_else(damaged)?;
    let value = std::str::from_utf8(value).map_err(|_| damaged())?.to_owned();
    Ok(Sealed { salt: base64url(salt).parse().map_err(|_| damaged())?, value })
}

/// The digest that the leaf must hold for an opened field.
pub(crate) fn field_digest(field: &Sealed) -> Result<Digest, StoreError> {
    let salt = base64url_decode(field.salt.as_str()).map_err(|_| StoreError::damaged("a salt"))?;
    Ok(sha256([salt.as_slice(), field.value.as_bytes()].concat()))
}

pub(super) fn leaf_row((index, leaf): (i64, Vec<u8>)) -> Result<LeafRow, StoreError> {
    let index = count(index);
    let leaf = String::from_utf8(leaf).map_err(|_| StoreError::damaged(format!("leaf {index} is not text")))?;
    Ok(LeafRow { index, leaf })
}
