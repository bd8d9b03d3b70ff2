use serde::{Deserialize, Serialize};

/// An error answer (RFC 9457, `application/problem+json`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Problem {
    /// `urn:countersign:problem:` and the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// One sentence that a person can read.
    pub title: String,
    pub status: u16,
    /// What to do next, in one sentence.
    pub detail: String,
    /// The stable code, for example `same-person` or `unavailable`.
    pub code: String,
}

impl Problem {
    /// A problem with this code.
    #[must_use]
    pub fn new(status: u16, code: &str, title: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("urn:countersign:problem:{code}"),
            title: title.into(),
            status,
            detail: detail.into(),
            code: code.to_owned(),
        }
    }
}
