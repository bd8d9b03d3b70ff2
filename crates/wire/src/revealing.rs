//! Marks whose values were asked for, and the values, as they travel.

use domain::Digest;
use serde::{Deserialize, Serialize};
use statement::{Revealed, Revealing};

use crate::event::{Event, EventKind, Receipt, Source};

/// Values are given for so long after the second signature's entry, in seconds.
pub const READABLE_SECONDS: i64 = 15 * 60;

/// Somebody signs that marks are opened: a reviewer proposes it, a second person signs the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewReveal {
    /// The proposal that this countersigns, by the SHA-256 of its statement; nothing for a proposal.
    pub proposal: Option<Digest>,
    /// A `reveal` statement.
    pub statement: String,
    /// The attestation of the code for exactly this statement.
    pub mfa: String,
}

/// What was signed, and its entries. Its name is the SHA-256 of the first statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LoggedReveal {
    pub revealing: Revealing,
    /// `reveal-proposed`.
    pub proposed: Receipt,
    /// `marks-revealed`, once a second person signed.
    pub revealed: Option<Receipt>,
    pub session: RevealedSession,
}

/// Whose Session marks are of, with what proves it: whoever countersigns may not be allowed to look at the Session itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RevealedSession {
    /// `session-opened`.
    pub opened: Receipt,
    /// The `session-open` statement, whose SHA-256 is the Session's id.
    pub open: String,
    /// The PK token of whoever signed that.
    pub pk_token: String,
}

/// What was asked for in the last day, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RevealList {
    pub reveals: Vec<LoggedReveal>,
}

/// What one mark stands for.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RevealedMark {
    pub mark: String,
    /// The rule that it was masked by.
    pub rule: String,
    pub value: String,
}

/// The values, to whoever proposed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RevealedMarks {
    pub marks: Vec<RevealedMark>,
    /// The `marks-read` entry about this answer, which was there before it.
    pub receipt: Receipt,
}

/// Never what it was.
impl std::fmt::Debug for RevealedMark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RevealedMark").field("mark", &self.mark).field("rule", &self.rule).finish_non_exhaustive()
    }
}

/// Whether this is the entry of exactly what two people signed.
#[must_use]
pub fn is_revealed_by(event: &Event, revealed: &Revealed) -> bool {
    let signed = revealed.signers().iter().map(|signer| signer.statement.digest());
    event.kind == EventKind::MarksRevealed
        && event.source == Source::Audit
        && event.session.as_ref() == Some(&revealed.body().session)
        && event.organization.as_ref() == Some(&revealed.body().organization.id)
        && signed.into_iter().all(|digest| event.statements.contains(digest))
}
