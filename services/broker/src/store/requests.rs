use domain::{Digest, PersonId, SessionId, UnixSeconds};
use sqlx::sqlite::SqliteRow;
use sqlx::{Sqlite, Transaction};
use wire::broker::RequestState;

pub(crate) use self::rows::{DecisionRow, NewDecisionRow, RequestRow};
use self::rows::{read_decision, read_request, word};
use super::{BODY, NAME, STATEMENT, SUBJECT, Store, StoreError};
use crate::ledger::Logged;
use crate::life::Standing;

mod rows;

/// Rows in one answer.
const PAGE: i64 = 200;

impl Store {
    pub(crate) async fn request(&self, id: &Digest) -> Result<Option<RequestRow>, StoreError> {
        let row = sqlx::query("SELECT * FROM requests WHERE digest = ?")
            .bind(id.as_str())
            .fetch_optional(&self.readers)
            .await?;
        row.map(|r| read_request(&r, &self.fields)).transpose()
    }

    /// Requests of this person.
    pub(crate) async fn requests_of(&self, person: &PersonId) -> Result<Vec<RequestRow>, StoreError> {
        let rows =
            sqlx::query("SELECT * FROM requests WHERE person = ? ORDER BY requested_at DESC, rowid DESC LIMIT ?")
                .bind(self.fields.person(person)?)
                .bind(PAGE)
                .fetch_all(&self.readers)
                .await?;
        Ok(self.readable(&rows))
    }

    /// What opened this Session and what extended it.
    pub(crate) async fn requests_of_session(&self, session: &SessionId) -> Result<Vec<RequestRow>, StoreError> {
        let rows = sqlx::query("SELECT * FROM requests WHERE session = ?")
            .bind(session.as_str())
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(|row| read_request(row, &self.fields)).collect()
    }

    /// Requests that wait for this person's signature.
    pub(crate) async fn requests_for(&self, person: &PersonId) -> Result<Vec<RequestRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM requests r WHERE state = 'waiting' AND person <> ?1
             AND NOT EXISTS (SELECT 1 FROM decisions d WHERE d.request = r.digest AND d.person = ?1)
             ORDER BY requested_at DESC, rowid DESC LIMIT ?2",
        )
        .bind(self.fields.person(person)?)
        .bind(PAGE)
        .fetch_all(&self.readers)
        .await?;
        Ok(self.readable(&rows))
    }

    /// Requests that this person decided.
    pub(crate) async fn requests_decided_by(&self, person: &PersonId) -> Result<Vec<RequestRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT r.* FROM requests r JOIN decisions d ON d.request = r.digest WHERE d.person = ?
             ORDER BY d.decided_at DESC, r.rowid DESC LIMIT ?",
        )
        .bind(self.fields.person(person)?)
        .bind(PAGE)
        .fetch_all(&self.readers)
        .await?;
        Ok(self.readable(&rows))
    }

    /// Waiting and approved requests whose time is over, and open ones whose Session was to end before `ended_before`.
    pub(crate) async fn lapsed(&self, now: UnixSeconds, ended_before: UnixSeconds) -> Result<Vec<Digest>, StoreError> {
        let rows: Vec<(String,)> = sqlx::query_as(
            "SELECT digest FROM requests WHERE (state IN ('waiting', 'approved') AND until <= ?)
             OR (state = 'open' AND session_ends_at <= ?) ORDER BY until",
        )
        .bind(now)
        .bind(ended_before)
        .fetch_all(&self.readers)
        .await?;
        // A row without a digest has no name under which it could be ended.
        Ok(rows.into_iter().filter_map(|(digest,)| digest.parse().ok()).collect())
    }

    pub(crate) async fn waiting_requests(&self, person: &PersonId) -> Result<i64, StoreError> {
        let row: (i64,) = sqlx::query_as("SELECT count(*) FROM requests WHERE person = ? AND state = 'waiting'")
            .bind(self.fields.person(person)?)
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
        rows.iter().map(|row| read_decision(row, &self.fields)).collect()
    }

    pub(crate) async fn add_request(&self, _: &Logged, new: &RequestRow) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "INSERT INTO requests (digest, compact, body, token, person, device, subject, name, approvals_needed,
             requested_at, state, until) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(new.id.as_str())
        .bind(self.fields.seal(STATEMENT, &new.compact)?)
        .bind(self.fields.seal(BODY, &serde_json::to_string(&new.body)?)?)
        .bind(new.token.as_str())
        .bind(self.fields.person(&new.person)?)
        .bind(new.device.as_str())
        .bind(self.fields.seal(SUBJECT, &new.subject)?)
        .bind(self.fields.seal(NAME, &new.name)?)
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
        new: &NewDecisionRow,
        next: &Standing,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        step(&mut tx, request, RequestState::Waiting, next).await?;
        self.insert_decision(&mut tx, request, new).await?;
        Ok(tx.commit().await?)
    }

    pub(super) async fn insert_decision(
        &self,
        tx: &mut Transaction<'static, Sqlite>,
        request: &Digest,
        new: &NewDecisionRow,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO decisions (digest, request, compact, body, mfa, token, person, device, name, decided_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(new.digest.as_str())
        .bind(request.as_str())
        .bind(self.fields.seal(STATEMENT, &new.compact)?)
        .bind(self.fields.seal(BODY, &serde_json::to_string(&new.body)?)?)
        .bind(new.mfa.as_deref().map(|mfa| self.fields.seal(STATEMENT, mfa)).transpose()?)
        .bind(new.token.as_str())
        .bind(self.fields.person(&new.person)?)
        .bind(new.device.as_str())
        .bind(self.fields.seal(NAME, &new.name)?)
        .bind(new.decided_at)
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    /// Of a list, what can be read: one broken row does not hide the others.
    fn readable(&self, rows: &[SqliteRow]) -> Vec<RequestRow> {
        let read = |row| {
            read_request(row, &self.fields)
                .inspect_err(|error| tracing::error!(%error, "a request is left out of a list"))
                .ok()
        };
        rows.iter().filter_map(read).collect()
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

    /// What follows from a revocation, which stands in the log or is owed to it.
    pub(crate) async fn follow(&self, request: &Digest, from: RequestState, next: &Standing) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        step(&mut tx, request, from, next).await?;
        Ok(tx.commit().await?)
    }
}

pub(super) async fn step(
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
