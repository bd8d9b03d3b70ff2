//! Lists of Sessions, and what is taken away of them.

use domain::{OrgId, Organization, PersonId, ReasonCategory, Scope, SessionId, UnixSeconds};
use serde::{Deserialize, Serialize};
use statement::ReviewVerdict;

use crate::break_glass::BreakGlassUse;
use crate::event::Receipt;
use crate::finding::{Finding, Weighed};
use crate::forgetting::ForgottenSession;
use crate::sessions::Order;

/// Every Session of this Organization that opened in this period: at most 500.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PeriodEvidence {
    pub organization: OrgId,
    pub from: UnixSeconds,
    /// The first second that is no longer in it.
    pub to: UnixSeconds,
}

/// A page of Sessions, in the order that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Sessions {
    pub sessions: Vec<SessionSummary>,
    /// Those of the same page whose Organization was forgotten; for reviewers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forgotten: Vec<ForgottenSession>,
    /// How many of the list were looked through for the text that was asked for; nothing without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub looked: Option<u64>,
    /// Give it back for the next page.
    pub next: Option<String>,
}

/// One Session in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SessionSummary {
    pub session: SessionId,
    pub organization: Organization,
    pub person: PersonId,
    pub name: String,
    pub approvers: Vec<String>,
    pub scope: Scope,
    pub reason: ReasonCategory,
    pub ticket: String,
    pub opened_at: UnixSeconds,
    pub ends_at: UnixSeconds,
    pub ended_at: Option<UnixSeconds>,
    pub ended_by: Option<String>,
    pub exchanges: u64,
    pub writes: u64,
    pub refused: u64,
    /// One character an exchange or page event, oldest first, at most 76: `v` viewed, `i` typed, `c` changed, `r` refused, `s` streamed.
    pub activity: String,
    pub review: Option<ReviewVerdict>,
    /// Once the rules have looked at the Recording.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub findings: Option<Weighed>,
    /// What the rules point at by now, while it runs; for reviewers. It changes, and no entry says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub so_far: Option<Vec<Finding>>,
    /// It has to be reviewed, and nobody has.
    #[serde(default)]
    pub due: bool,
    /// When it was opened by break-glass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub break_glass: Option<BreakGlassUse>,
    /// When the Recording was destroyed by retention.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expired_at: Option<UnixSeconds>,
}

/// The query of `GET /v1/sessions`, and of the count of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WhichSessions {
    pub organization: Option<OrgId>,
    pub person: Option<PersonId>,
    pub scope: Option<Scope>,
    pub from: Option<UnixSeconds>,
    pub to: Option<UnixSeconds>,
    /// [`crate::sessions::Tokens`], as they are written.
    pub filter: Option<String>,
    /// Looked for in names, tickets, ids and justifications of so many Sessions at a time as [`Sessions::looked`] says.
    pub text: Option<String>,
    pub order: Option<Order>,
    /// What [`Sessions::next`] was.
    pub cursor: Option<String>,
    /// At most [`crate::sessions::LARGEST_PAGE`]; 50 when it is not said.
    pub limit: Option<u32>,
}

/// How many Sessions there are of a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SessionCount {
    pub sessions: u64,
    /// Whether there are more: nobody counts further than [`crate::sessions::COUNTED_TO`] where each has to be looked at.
    pub more: bool,
}

/// What an export asks for, page by page: a list as [`WhichSessions`] has it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ExportSessions {
    pub organization: Option<OrgId>,
    pub person: Option<PersonId>,
    pub scope: Option<Scope>,
    pub from: Option<UnixSeconds>,
    pub to: Option<UnixSeconds>,
    pub filter: Option<String>,
    pub text: Option<String>,
    pub order: Option<Order>,
    /// What [`ExportedSessions::next`] was.
    pub cursor: Option<String>,
}

impl ExportSessions {
    /// The whole of a list.
    #[must_use]
    pub fn all_of(list: WhichSessions) -> Self {
        let WhichSessions { organization, person, scope, from, to, filter, text, order, cursor: _, limit: _ } = list;
        Self { organization, person, scope, from, to, filter, text, order, cursor: None }
    }

    /// The list.
    #[must_use]
    pub fn list(&self) -> WhichSessions {
        let Self { organization, person, scope, from, to, filter, text, order, cursor: _ } = self.clone();
        WhichSessions { organization, person, scope, from, to, filter, text, order, cursor: None, limit: None }
    }
}

/// A page of an export. The entry about it was in the log before it was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExportedSessions {
    pub sessions: Vec<SessionSummary>,
    /// Those of the same page whose Organization was forgotten.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forgotten: Vec<ForgottenSession>,
    /// How many the tokens fit, this page among them.
    pub of: u64,
    pub next: Option<String>,
    /// Of `sessions-exported`.
    pub receipt: Receipt,
}
