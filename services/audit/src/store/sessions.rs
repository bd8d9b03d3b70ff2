use domain::{Digest, OrgId, Organization, PersonId, ReasonCategory, Scope, SessionId, UnixSeconds};
use recording::{Manifest, SecretKey};
use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, QueryBuilder, Row as _, Sqlite};

use super::{Reader, count};
use crate::error::StoreError;
use crate::vault::Owner;

/// What is known of a Session and sealed under its Organization's key.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Detail {
    pub organization: Organization,
    pub person: PersonId,
    pub name: String,
    pub approvers: Vec<PersonId>,
    pub approver_names: Vec<String>,
    pub reason: ReasonCategory,
    pub ticket: String,
    pub bundle_json: String,
    pub tls_client: Digest,
    pub provider_keys: Digest,
    pub policy: Digest,
}

/// One Session as it is stored, with how far it has come.
#[derive(Debug, Clone)]
pub(crate) struct SessionRow {
    pub session: SessionId,
    pub opened_index: u64,
    pub request: Digest,
    pub device: Digest,
    pub organization: OrgId,
    pub scope: Scope,
    pub opened_at: UnixSeconds,
    /// As it was opened.
    pub ends_at: UnixSeconds,
    /// As the last extension says; nothing without one.
    pub extended_to: Option<UnixSeconds>,
    pub next_batch: u64,
    pub exchanges: u64,
    pub writes: u64,
    pub refused: u64,
    pub activity: String,
    pub ended: Option<(UnixSeconds, String)>,
    /// When the Recording was destroyed by retention, and the entry that says so.
    pub expired: Option<(UnixSeconds, u64)>,
    /// It must be reviewed, and nobody has.
    pub due: bool,
    sealed_detail: Vec<u8>,
    wrapped_key: Vec<u8>,
}

impl SessionRow {
    /// When the Session ends, with everything that extended it.
    pub fn last_end(&self) -> UnixSeconds {
        self.extended_to.map_or(self.ends_at, |end| end.max(self.ends_at))
    }
}

/// How a Recording was sealed.
#[derive(Debug, Clone)]
pub(crate) struct Seal {
    pub index: u64,
    /// Exactly as its digest was taken.
    pub manifest: Manifest,
}

/// One stored review.
#[derive(Debug, Clone)]
pub(crate) struct Reviewed {
    pub index: u64,
    pub digest: Digest,
    pub token: Digest,
    pub at: UnixSeconds,
}

pub(super) const COLUMNS: &str = "SELECT s.*, p.next_batch, p.exchanges, p.writes, p.refused, p.activity, e.ended_at, e.reason, \
     (SELECT MAX(x.ends_at) FROM extensions x WHERE x.session = s.session) AS extended_to, k.wrapped AS wrapped_key, gone.at AS expired_at, gone.idx AS expired_idx, \
     EXISTS (SELECT 1 FROM listed l WHERE l.opened_idx = s.opened_idx AND l.standing = 'due') AS due \
     FROM sessions s JOIN progress p ON p.session = s.session JOIN recording_keys k ON k.opened_idx = s.opened_idx \
     LEFT JOIN seals e ON e.session = s.session LEFT JOIN expired gone ON gone.session = s.session WHERE 1 = 1";

impl Reader {
    pub async fn session(&self, session: &SessionId) -> Result<Option<SessionRow>, StoreError> {
        let mut query = QueryBuilder::<Sqlite>::new(COLUMNS);
        query.push(" AND s.session = ").push_bind(session.to_string());
        Ok(query.build_query_as().fetch_optional(&self.pool).await?)
    }

    /// The Session that a Grant opened.
    pub async fn session_of_request(&self, request: &Digest) -> Result<Option<SessionRow>, StoreError> {
        let mut query = QueryBuilder::<Sqlite>::new(COLUMNS);
        query.push(" AND s.request = ").push_bind(request.to_string());
        Ok(query.build_query_as().fetch_optional(&self.pool).await?)
    }

    /// Recordings that nobody has sealed although they were over before `over`, and that have been silent since.
    pub async fn silent(&self, over: UnixSeconds) -> Result<Vec<SessionRow>, StoreError> {
        let mut query = QueryBuilder::<Sqlite>::new(COLUMNS);
        query.push(" AND e.session IS NULL AND s.ends_at < ").push_bind(over);
        query.push(" AND NOT EXISTS (SELECT 1 FROM extensions x WHERE x.session = s.session AND x.ends_at >= ");
        query.push_bind(over).push(")");
        query.push(" AND NOT EXISTS (SELECT 1 FROM batches b WHERE b.session = s.session AND b.taken_at >= ");
        query.push_bind(over).push(") ORDER BY s.opened_idx LIMIT 64");
        Ok(query.build_query_as().fetch_all(&self.pool).await?)
    }

    pub fn detail(&self, row: &SessionRow) -> Result<Detail, StoreError> {
        let owner = Owner::of(Some(&row.organization));
        let plain = self.vault.open(&owner, &detail_place(&row.session), &row.sealed_detail)?;
        serde_json::from_slice(&plain).map_err(|_| StoreError::damaged(format!("session {}", row.session)))
    }

    pub fn recording_key(&self, row: &SessionRow) -> Result<SecretKey, StoreError> {
        let owner = Owner::of(Some(&row.organization));
        let key = self.vault.own_key(&owner)?;
        if row.expired.is_some() {
            return Err(StoreError::Expired);
        }
        key.unwrap(recording_place(&row.session).as_bytes(), &row.wrapped_key)
            .map_err(|_| StoreError::damaged(format!("the key of recording {}", row.session)))
    }

    pub async fn seal(&self, session: &SessionId) -> Result<Option<Seal>, StoreError> {
        let row: Option<(i64, String)> = sqlx::query_as("SELECT idx, manifest FROM seals WHERE session = ?")
            .bind(session.as_str())
            .fetch_optional(&self.pool)
            .await?;
        row.map(|(index, manifest)| {
            let manifest = serde_json::from_str(&manifest)
                .map_err(|_| StoreError::damaged(format!("the manifest of {session}")))?;
            Ok(Seal { index: count(index), manifest })
        })
        .transpose()
    }

    pub async fn reviews(&self, session: &SessionId) -> Result<Vec<Reviewed>, StoreError> {
        let rows: Vec<(i64, String, String, i64)> =
            sqlx::query_as("SELECT idx, digest, token, at FROM reviews WHERE session = ? ORDER BY idx")
                .bind(session.as_str())
                .fetch_all(&self.pool)
                .await?;
        let damaged = |_| StoreError::damaged(format!("a review of {session}"));
        rows.into_iter()
            .map(|(index, digest, token, at)| {
                let (digest, token) = (digest.parse().map_err(damaged)?, token.parse().map_err(damaged)?);
                Ok(Reviewed { index: count(index), digest, token, at })
            })
            .collect()
    }
}

pub(crate) fn detail_place(session: &SessionId) -> String {
    format!("countersign/session/v1\0{session}")
}

pub(crate) fn recording_place(session: &SessionId) -> String {
    format!("countersign/recording-key/v1\0{session}")
}

/// The word in the database: the one in statements.
pub(crate) fn scope_word(scope: Scope) -> &'static str {
    match scope {
        Scope::Diagnostics => "diagnostics",
        Scope::Read => "read",
        Scope::ReadWrite => "read-write",
        Scope::Administer => "administer",
    }
}

pub(crate) fn scope_of(word: &str) -> Option<Scope> {
    Scope::ALL.into_iter().find(|s| scope_word(*s) == word)
}

impl FromRow<'_, SqliteRow> for SessionRow {
    fn from_row(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        let unreadable = |what: &str| sqlx::Error::Decode(format!("a session's {what}").into());
        let text = |column: &str| row.try_get::<String, _>(column);
        let number = |column: &str| row.try_get::<i64, _>(column).map(count);
        let ended_at: Option<i64> = row.try_get("ended_at")?;
        let reason: Option<String> = row.try_get("reason")?;
        let (expired_at, expired_index): (Option<i64>, Option<i64>) =
            (row.try_get("expired_at")?, row.try_get("expired_idx")?);
        Ok(Self {
            session: text("session")?.parse().map_err(|_| unreadable("id"))?,
            opened_index: number("opened_idx")?,
            request: text("request")?.parse().map_err(|_| unreadable("request"))?,
            device: text("device")?.parse().map_err(|_| unreadable("device"))?,
            organization: text("organization")?.parse().map_err(|_| unreadable("Organization"))?,
            scope: scope_of(&text("scope")?).ok_or_else(|| unreadable("Scope"))?,
            opened_at: row.try_get("opened_at")?,
            ends_at: row.try_get("ends_at")?,
            extended_to: row.try_get("extended_to")?,
            next_batch: number("next_batch")?,
            exchanges: number("exchanges")?,
            writes: number("writes")?,
            refused: number("refused")?,
            activity: text("activity")?,
            ended: ended_at.zip(reason),
            expired: expired_at.zip(expired_index.map(count)),
            due: row.try_get("due")?,
            sealed_detail: row.try_get("detail")?,
            wrapped_key: row.try_get("wrapped_key")?,
        })
    }
}
