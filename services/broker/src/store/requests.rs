use domain::{Digest, PersonId, UnixSeconds};
use serde::de::DeserializeOwned;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, Sqlite, Transaction};
use statement::{Decision, Identity, Request};
use wire::broker::RequestState;

use super::{Store, StoreError};
use crate::ledger::Logged;
use crate::life::{Life, Standing};

/// Rows in one answer.
const PAGE: i64 = 200;

/// An Access Request as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct RequestRow {
    pub(crate) id: Digest,
    pub(crate) compact: String,
    pub(crate) body: Request,
    pub(crate) token: Digest,
    pub(crate) person: PersonId,
    pub(crate) device: Digest,
    pub(crate) subject: String,
    pub(crate) name: String,
    pub(crate) approvals_needed: u32,
    pub(crate) requested_at: UnixSeconds,
    pub(crate) standing: Standing,
}

/// A decision as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct DecisionRow {
    pub(crate) compact: String,
    pub(crate) body: Decision,
    pub(crate) mfa: Option<String>,
    pub(crate) token: Digest,
    pub(crate) person: PersonId,
    pub(crate) device: Digest,
    pub(crate) name: String,
    pub(crate) decided_at: UnixSeconds,
}

/// A verified decision.
#[derive(Debug)]
pub(crate) struct NewDecisionRow<'a> {
    pub(crate) digest: &'a Digest,
    pub(crate) compact: &'a str,
    pub(crate) body: &'a Decision,
    pub(crate) mfa: Option<&'a str>,
    pub(crate) signer: &'a Identity,
    pub(crate) decided_at: UnixSeconds,
}

impl RequestRow {
    /// Its life, with the Approvals so far.
    pub(crate) fn life(&self, decisions: &[DecisionRow]) -> Life {
        let approved_at = decisions.iter().map(|d| d.decided_at).collect();
        Life::read(self.standing.clone(), self.approvals_needed, approved_at)
    }
}

impl Store {
    pub(crate) async fn request(&self, id: &Digest) -> Result<Option<RequestRow>, StoreError> {
        let row = sqlx::query("SELECT * FROM requests WHERE digest = ?")
            .bind(id.as_str())
            .fetch_optional(&self.readers)
            .await?;
        row.map(|r| read_request(&r)).transpose()
    }

    /// Requests of this person.
    pub(crate) async fn requests_of(&self, person: &PersonId) -> Result<Vec<RequestRow>, StoreError> {
        let rows =
            sqlx::query("SELECT * FROM requests WHERE person = ? ORDER BY requested_at DESC, rowid DESC LIMIT ?")
                .bind(&person.0)
                .bind(PAGE)
                .fetch_all(&self.readers)
                .await?;
        rows.iter().map(read_request).collect()
    }

    /// Requests that wait for this person's signature.
    pub(crate) async fn requests_for(&self, person: &PersonId) -> Result<Vec<RequestRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM requests r WHERE state = 'waiting' AND person <> ?1
             AND NOT EXISTS (SELECT 1 FROM decisions d WHERE d.request = r.digest AND d.person = ?1)
             ORDER BY requested_at DESC, rowid DESC LIMIT ?2",
        )
        .bind(&person.0)
        .bind(PAGE)
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(read_request).collect()
    }

    /// Requests that this person decided.
    pub(crate) async fn requests_decided_by(&self, person: &PersonId) -> Result<Vec<RequestRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT r.* FROM requests r JOIN decisions d ON d.request = r.digest WHERE d.person = ?
             ORDER BY d.decided_at DESC, r.rowid DESC LIMIT ?",
        )
        .bind(&person.0)
        .bind(PAGE)
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(read_request).collect()
    }

    /// Waiting and approved requests whose time is over, and open ones whose Session was to end before `ended_before`.
    pub(crate) async fn lapsed(
        &self,
        now: UnixSeconds,
        ended_before: UnixSeconds,
    ) -> Result<Vec<RequestRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM requests WHERE (state IN ('waiting', 'approved') AND until <= ?)
             OR (state = 'open' AND session_ends_at <= ?) ORDER BY until LIMIT 100",
        )
        .bind(now)
        .bind(ended_before)
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(read_request).collect()
    }

    pub(crate) async fn waiting_requests(&self, person: &PersonId) -> Result<i64, StoreError> {
        let row: (i64,) = sqlx::query_as("SELECT count(*) FROM requests WHERE person = ? AND state = 'waiting'")
            .bind(&person.0)
            .fetch_one(&self.readers)
            .await?;
        Ok(row.0)
    }

    /// Decisions on a request, oldest first.
    pub(crate) async fn decisions(&self, request: &Digest) -> Result<Vec<DecisionRow>, StoreError> {
        let rows = sqlx::query("SELECT * FROM decisions WHERE request = ? ORDER BY rowid")
            .bind(request.as_str())
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(read_decision).collect()
    }

    pub(crate) async fn add_request(&self, _: &Logged, new: &RequestRow) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "INSERT INTO requests (digest, compact, body, token, person, device, subject, name, approvals_needed,
             requested_at, state, until) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(new.id.as_str())
        .bind(&new.compact)
        .bind(serde_json::to_string(&new.body)?)
        .bind(new.token.as_str())
        .bind(&new.person.0)
        .bind(new.device.as_str())
        .bind(&new.subject)
        .bind(&new.name)
        .bind(new.approvals_needed)
        .bind(new.requested_at)
        .bind(word(new.standing.state)?)
        .bind(new.standing.until)
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    /// Keeps a decision and where it brings its request, both or neither.
    pub(crate) async fn add_decision(
        &self,
        _: &Logged,
        request: &Digest,
        new: &NewDecisionRow<'_>,
        next: &Standing,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        step(&mut tx, request, RequestState::Waiting, next).await?;
        sqlx::query(
            "INSERT INTO decisions (digest, request, compact, body, mfa, token, person, device, name, decided_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(new.digest.as_str())
        .bind(request.as_str())
        .bind(new.compact)
        .bind(serde_json::to_string(new.body)?)
        .bind(new.mfa)
        .bind(new.signer.kid.as_str())
        .bind(&new.signer.person.0)
        .bind(new.signer.device.as_str())
        .bind(&new.signer.name)
        .bind(new.decided_at)
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    /// A step that the broker logged.
    pub(crate) async fn advance(
        &self,
        _: &Logged,
        request: &Digest,
        from: RequestState,
        next: &Standing,
    ) -> Result<(), StoreError> {
        self.follow(request, from, next).await
    }

    /// A step of the gateway's, which the gateway and the audit service have logged.
    pub(crate) async fn follow(&self, request: &Digest, from: RequestState, next: &Standing) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        step(&mut tx, request, from, next).await?;
        Ok(tx.commit().await?)
    }
}

async fn step(
    tx: &mut Transaction<'static, Sqlite>,
    request: &Digest,
    from: RequestState,
    next: &Standing,
) -> Result<(), StoreError> {
    let done = sqlx::query(
        "UPDATE requests SET state = ?, until = ?, session = ?, session_ends_at = ?, ended_by = ?
         WHERE digest = ? AND state = ?",
    )
    .bind(word(next.state)?)
    .bind(next.until)
    .bind(next.session.as_ref().map(|s| s.as_str().to_owned()))
    .bind(next.session_ends_at)
    .bind(next.ended_by.as_deref())
    .bind(request.as_str())
    .bind(word(from)?)
    .execute(&mut **tx)
    .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Moved) }
}

fn read_request(row: &SqliteRow) -> Result<RequestRow, StoreError> {
    let session: Option<String> = row.try_get("session")?;
    Ok(RequestRow {
        id: id(row, "digest")?,
        compact: row.try_get("compact")?,
        body: json(row, "body")?,
        token: id(row, "token")?,
        person: PersonId(row.try_get("person")?),
        device: id(row, "device")?,
        subject: row.try_get("subject")?,
        name: row.try_get("name")?,
        approvals_needed: row.try_get("approvals_needed")?,
        requested_at: row.try_get("requested_at")?,
        standing: Standing {
            state: state(row.try_get("state")?)?,
            until: row.try_get("until")?,
            session: session.map(|s| s.parse()).transpose()?,
            session_ends_at: row.try_get("session_ends_at")?,
            ended_by: row.try_get("ended_by")?,
        },
    })
}

fn read_decision(row: &SqliteRow) -> Result<DecisionRow, StoreError> {
    Ok(DecisionRow {
        compact: row.try_get("compact")?,
        body: json(row, "body")?,
        mfa: row.try_get("mfa")?,
        token: id(row, "token")?,
        person: PersonId(row.try_get("person")?),
        device: id(row, "device")?,
        name: row.try_get("name")?,
        decided_at: row.try_get("decided_at")?,
    })
}

fn id(row: &SqliteRow, column: &str) -> Result<Digest, StoreError> {
    Ok(row.try_get::<String, _>(column)?.parse()?)
}

fn json<T: DeserializeOwned>(row: &SqliteRow, column: &str) -> Result<T, StoreError> {
    Ok(serde_json::from_str(&row.try_get::<String, _>(column)?)?)
}

/// The same word as on the wire.
fn word(state: RequestState) -> Result<String, StoreError> {
    match serde_json::to_value(state)? {
        serde_json::Value::String(word) => Ok(word),
        _ => Err(StoreError::BrokenRow("state".into())),
    }
}

fn state(word: String) -> Result<RequestState, StoreError> {
    Ok(serde_json::from_value(serde_json::Value::String(word))?)
}
