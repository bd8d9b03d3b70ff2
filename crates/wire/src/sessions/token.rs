use std::fmt;
use std::str::FromStr;

use domain::{OrgId, ReasonCategory, Scope};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The longest value, in bytes.
const LONGEST: usize = 200;
/// The shortest beginning of a ticket, in letters: two are at the beginning of most tickets of a company.
pub const SHORTEST_BEGINNING: usize = 3;

/// One part of a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub op: Op,
    pub what: What,
}

/// How a value is held to a Session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    Is,
    Not,
    /// Of a length alone.
    Least,
    Most,
    /// Of a ticket alone.
    Begins,
}

/// What a Session is looked for by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    Organization(OrgId),
    /// Whoever asked: their id, or a part of their name.
    Person(String),
    Scope(Scope),
    Reason(ReasonCategory),
    /// A whole ticket, or with [`Op::Begins`] its beginning; capitals and small letters are the same.
    Ticket(String),
    Length(Length),
    Finding(FindingWord),
    Review(ReviewWord),
    /// Whether something was changed.
    Changes(bool),
}

/// In whole minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Length(pub u16);

/// Which Findings there are; a Session that the rules have not looked at has none of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FindingWord {
    /// Something to look at.
    Any,
    Stop,
    Look,
    Note,
    None,
}

/// How far a Session has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReviewWord {
    Recording,
    /// Nobody has reviewed it.
    Open,
    /// Nobody has reviewed it, and somebody must: rules point at something, it was drawn, it was opened by break-glass, or no rule
    /// has looked yet.
    Due,
    Reviewed,
    /// By one reviewer at least.
    Flagged,
}

/// Why a filter is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    #[error("The filter names a key that there is not.")]
    Key,
    #[error("The filter holds a value that its key does not have.")]
    Value,
    #[error("The filter holds more tokens than are looked for at once.")]
    TooMany,
    #[error("The cursor is not one of this list.")]
    Cursor,
}

impl What {
    /// Every key, as it is written.
    pub const KEYS: [&str; 9] =
        ["organization", "person", "scope", "reason", "ticket", "length", "finding", "review", "changes"];

    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::Organization(_) => "organization",
            Self::Person(_) => "person",
            Self::Scope(_) => "scope",
            Self::Reason(_) => "reason",
            Self::Ticket(_) => "ticket",
            Self::Length(_) => "length",
            Self::Finding(_) => "finding",
            Self::Review(_) => "review",
            Self::Changes(_) => "changes",
        }
    }

    fn read(key: &str, value: &str) -> Result<Self, TokenError> {
        let text = || if value.trim().is_empty() { Err(TokenError::Value) } else { Ok(value.trim().to_owned()) };
        Ok(match key {
            "organization" => Self::Organization(value.parse().map_err(|_| TokenError::Value)?),
            "person" => Self::Person(text()?),
            "scope" => Self::Scope(word(value)?),
            "reason" => Self::Reason(word(value)?),
            "ticket" => Self::Ticket(text()?),
            "length" => Self::Length(Length(minutes(value)?)),
            "finding" => Self::Finding(word(value)?),
            "review" => Self::Review(word(value)?),
            "changes" if value == "yes" => Self::Changes(true),
            "changes" if value == "no" => Self::Changes(false),
            "changes" => return Err(TokenError::Value),
            _ => return Err(TokenError::Key),
        })
    }

    fn value(&self) -> String {
        match self {
            Self::Organization(id) => id.to_string(),
            Self::Person(text) | Self::Ticket(text) => text.clone(),
            Self::Scope(scope) => written(scope),
            Self::Reason(reason) => written(reason),
            Self::Length(Length(minutes)) => minutes.to_string(),
            Self::Finding(finding) => written(finding),
            Self::Review(review) => written(review),
            Self::Changes(yes) => if *yes { "yes" } else { "no" }.into(),
        }
    }
}

impl FromStr for Token {
    type Err = TokenError;

    fn from_str(text: &str) -> Result<Self, TokenError> {
        let (key, value) = text.split_once(':').ok_or(TokenError::Key)?;
        if value.len() > LONGEST || value.chars().any(char::is_control) {
            return Err(TokenError::Value);
        }
        let (op, value) = match value.split_at_checked(1) {
            Some(("!", rest)) => (Op::Not, rest),
            Some((">", rest)) => (Op::Least, rest),
            Some(("<", rest)) => (Op::Most, rest),
            Some(("^", rest)) => (Op::Begins, rest),
            _ => (Op::Is, value),
        };
        let what = What::read(key, value)?;
        let fits = match (&what, op) {
            (What::Length(_), op) => matches!(op, Op::Least | Op::Most),
            (What::Ticket(beginning), Op::Begins) => beginning.chars().count() >= SHORTEST_BEGINNING,
            (_, op) => matches!(op, Op::Is | Op::Not),
        };
        if fits { Ok(Self { op, what }) } else { Err(TokenError::Value) }
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = match self.op {
            Op::Is => "",
            Op::Not => "!",
            Op::Least => ">",
            Op::Most => "<",
            Op::Begins => "^",
        };
        write!(f, "{}:{sign}{}", self.what.key(), self.what.value())
    }
}

fn word<T: DeserializeOwned>(value: &str) -> Result<T, TokenError> {
    serde_json::from_value(serde_json::Value::String(value.to_owned())).map_err(|_| TokenError::Value)
}

fn written<T: Serialize>(value: &T) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

fn minutes(value: &str) -> Result<u16, TokenError> {
    let digits = (1..=4).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_digit());
    value.parse().ok().filter(|_| digits).ok_or(TokenError::Value)
}
