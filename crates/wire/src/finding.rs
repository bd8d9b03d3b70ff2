//! What rules point at in a Recording, as it travels.

use domain::{SessionId, UnixMillis};
use serde::{Deserialize, Serialize};
use statement::sha256;

use crate::event::{Event, EventKind, Receipt, Source};

/// How much a Finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Weight {
    /// Told beside the rest.
    Note,
    /// Look at it.
    Look,
    /// Look at it first; the Session must be reviewed.
    Stop,
}

/// How many Findings of each weight.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Weighed {
    pub stop: u64,
    pub look: u64,
    pub note: u64,
}

/// What the rules pointed at in a sealed Recording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Examination {
    /// A list of Findings as JSON; `recording-examined` names the SHA-256 of exactly this text in its fact `findings`.
    pub findings_json: String,
    /// Of `recording-examined`.
    pub receipt: Receipt,
}

/// Something in a Session that a rule points at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// The rule's name.
    pub rule: String,
    pub weight: Weight,
    /// What was seen, in the rule's words and the Session's numbers: text, whatever stands in it.
    pub sentence: String,
    /// The frame at which it was seen; nothing when it is about the Session as a whole.
    pub frame: Option<u64>,
    /// The gateway's wall time of that frame.
    pub at: Option<UnixMillis>,
    /// How often the rule was met; only the first time is told in words.
    pub times: u64,
}

impl Weighed {
    #[must_use]
    pub fn of(findings: &[Finding]) -> Self {
        let with = |weight| findings.iter().filter(|finding| finding.weight == weight).count() as u64;
        Self { stop: with(Weight::Stop), look: with(Weight::Look), note: with(Weight::Note) }
    }
}

impl Examination {
    /// The Findings, when `event` is the audit service's entry about exactly them and this Session. That the entry stands in
    /// the log the caller asks.
    #[must_use]
    pub fn read(&self, event: &Event, session: &SessionId) -> Option<Vec<Finding>> {
        let digest = sha256(&self.findings_json);
        let about = event.kind == EventKind::RecordingExamined
            && event.source == Source::Audit
            && event.session.as_ref() == Some(session)
            && event.facts.get("findings").map(String::as_str) == Some(digest.as_str());
        serde_json::from_str(&self.findings_json).ok().filter(|_| about)
    }
}
