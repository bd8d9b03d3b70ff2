use domain::{Digest, PersonId, UnixSeconds};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;
use statement::{Decision, Request};
use wire::broker::RequestState;

use crate::fields::{Field, Fields};
use crate::life::{Life, Standing};
use crate::store::{BODY, NAME, STATEMENT, SUBJECT, StoreError};

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
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct NewDecisionRow {
    pub(crate) digest: Digest,
    pub(crate) compact: String,
    pub(crate) body: Decision,
    pub(crate) mfa: Option<String>,
    /// Its signer's.
    pub(crate) token: Digest,
    pub(crate) person: PersonId,
    pub(crate) device: Digest,
    pub(crate) name: String,
    pub(crate) decided_at: UnixSeconds,
}

impl RequestRow {
    /// Whether it has every signature that it takes.
    pub(crate) fn is_signed(&self, decisions: &[DecisionRow]) -> bool {
        self.body.break_glass.is_some() || decisions.len() >= self.approvals_needed as usize
    }

    /// Its life, with the Approvals so far.
    pub(crate) fn life(&self, decisions: &[DecisionRow]) -> Life {
        let approved_at = decisions.iter().map(|d| d.decided_at).collect();
        Life::read(self.standing.clone(), self.approvals_needed, approved_at)
    }
}

pub(super) fn read_request(row: &SqliteRow, fields: &Fields) -> Result<RequestRow, StoreError> {
    let session: Option<String> = row.try_get("session")?;
    Ok(RequestRow {
        id: id(row, "digest")?,
        compact: text(row, fields, "compact", STATEMENT)?,
        body: json(row, fields)?,
        token: id(row, "token")?,
        person: fields.open_person(&row.try_get::<String, _>("person")?)?,
        device: id(row, "device")?,
        subject: text(row, fields, "subject", SUBJECT)?,
        name: text(row, fields, "name", NAME)?,
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

pub(super) fn read_decision(row: &SqliteRow, fields: &Fields) -> Result<DecisionRow, StoreError> {
    let mfa: Option<String> = row.try_get("mfa")?;
    Ok(DecisionRow {
        compact: text(row, fields, "compact", STATEMENT)?,
        body: json(row, fields)?,
        mfa: mfa.map(|mfa| fields.open(STATEMENT, &mfa)).transpose()?,
        token: id(row, "token")?,
        person: fields.open_person(&row.try_get::<String, _>("person")?)?,
        device: id(row, "device")?,
        name: text(row, fields, "name", NAME)?,
        decided_at: row.try_get("decided_at")?,
    })
}

fn id(row: &SqliteRow, column: &str) -> Result<Digest, StoreError> {
    Ok(row.try_get::<String, _>(column)?.parse()?)
}

fn text(row: &SqliteRow, fields: &Fields, column: &str, field: Field) -> Result<String, StoreError> {
    Ok(fields.open(field, &row.try_get::<String, _>(column)?)?)
}

fn json<T: DeserializeOwned>(row: &SqliteRow, fields: &Fields) -> Result<T, StoreError> {
    Ok(serde_json::from_str(&text(row, fields, "body", BODY)?)?)
}

/// The same word as on the wire.
pub(super) fn word(state: RequestState) -> Result<String, StoreError> {
    match serde_json::to_value(state)? {
        serde_json::Value::String(word) => Ok(word),
        _ => Err(StoreError::BrokenRow("state".into())),
    }
}

fn state(word: String) -> Result<RequestState, StoreError> {
    Ok(serde_json::from_value(serde_json::Value::String(word))?)
}
