//! One Session.

use domain::UnixSeconds;
use recording::{Frame, Manifest};
use serde::{Deserialize, Serialize};
use statement::{Bundle, ReviewVerdict};

use super::SessionSummary;
use crate::event::Receipt;
use crate::extension::LoggedExtension;
use crate::finding::Examination;

/// One Session with its proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SessionDetail {
    pub summary: SessionSummary,
    pub bundle: Bundle,
    /// Of `session-opened`.
    pub opened: Receipt,
    /// In the log's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extensions: Vec<LoggedExtension>,
    /// Of `recording-sealed`, once it is.
    pub sealed: Option<Receipt>,
    pub manifest: Option<Manifest>,
    /// Of `recording-expired`, once the Recording was destroyed by retention.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expired: Option<Receipt>,
    /// Once the rules have looked at the Recording.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub examination: Option<Examination>,
    pub reviews: Vec<ReviewView>,
    /// The chain of `enrol` statements from first administrators down to the reviewers' Devices…
    pub reviewer_enrols: Vec<String>,
    /// …and the PK tokens of whoever signed them.
    pub reviewer_enrol_tokens: Vec<String>,
}

/// A review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReviewView {
    pub statement: String,
    /// The reviewer's PK token: the desktop verifies the statement itself.
    pub reviewer_token: String,
    pub name: String,
    pub at: UnixSeconds,
    pub verdict: ReviewVerdict,
    pub note: String,
}

/// The frames of a stream, in order, as many as fit one answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Frames {
    pub frames: Vec<Frame>,
    /// More may come: the recording is not sealed.
    pub live: bool,
    /// SHA-256 over the frames' canonical bytes, as `Manifest` has it, when sealed.
    pub missing_batches: Vec<u64>,
    /// Where the next page begins, when this one is not the last: the `from` to ask with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
}

/// One of the two streams of a Recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Stream {
    Exchanges,
    Dom,
}

/// The query of `GET /v1/sessions/{session}/frames`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WhichFrames {
    pub stream: Stream,
    /// The first frame that is asked for.
    pub from: Option<u64>,
}
