//! What rules point at in a Recording, as it travels.

use domain::{SessionId, UnixMillis};
use serde::{Deserialize, Serialize};
use statement::{base64url_decode, sha256};

use crate::event::{Event, EventKind, Receipt, Source};

/// How much a Finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Weight {
    /// Told beside the rest.
    Note,
    /// Look at it; the Session must be reviewed.
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

/// The number that decides whether a Session is drawn for review. It is made of the log's entry about the sealing of the Recording,
/// exactly as it stands there: that names a digest over what only the audit service has encrypted, so that whoever is inside can
/// neither know nor choose it, and whoever has the entry can compute it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Draw(u64);

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

impl Draw {
    #[must_use]
    pub fn of(sealed_leaf: &str) -> Self {
        let digest = sha256(format!("countersign/draw/v1\0{sealed_leaf}"));
        let bytes = base64url_decode(digest.as_str()).unwrap_or_default();
        Self(bytes.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    /// Whether it is the one of so many; of none it is never.
    #[must_use]
    pub fn is_one_in(self, so_many: u64) -> bool {
        so_many > 0 && self.0.is_multiple_of(so_many)
    }
}

/// Whether the entry says of the draw what its own share and the entry about the sealing come to. Entries of before there were draws say
/// nothing of one.
fn is_drawn_right(event: &Event, sealed_leaf: &str) -> bool {
    let fact = |name: &str| event.facts.get(name).map(String::as_str);
    match (fact("one-in"), fact("drawn")) {
        (None, None) => true,
        (Some(one_in), Some(drawn)) => one_in.parse().is_ok_and(|so_many: u64| {
            let right = Draw::of(sealed_leaf).is_one_in(so_many);
            so_many.to_string() == one_in && drawn == if right { "yes" } else { "no" }
        }),
        _ => false,
    }
}

impl Examination {
    /// The Findings, when `event` is the audit service's entry about exactly them and this Session, and what it says of the draw follows
    /// from the leaf of `recording-sealed`. That both entries stand in the log, and that the leaf is this Session's, the caller asks.
    #[must_use]
    pub fn read(&self, event: &Event, session: &SessionId, sealed_leaf: &str) -> Option<Vec<Finding>> {
        let digest = sha256(&self.findings_json);
        let about = event.kind == EventKind::RecordingExamined
            && event.source == Source::Audit
            && event.session.as_ref() == Some(session)
            && event.facts.get("findings").map(String::as_str) == Some(digest.as_str())
            && is_drawn_right(event, sealed_leaf);
        serde_json::from_str(&self.findings_json).ok().filter(|_| about)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn about_one_in_so_many_is_drawn() {
        let drawn = |so_many| (0..2_000).filter(|n| Draw::of(&format!("leaf {n}")).is_one_in(so_many)).count();
        assert!((70..=130).contains(&drawn(20)), "{}", drawn(20));
        assert_eq!((drawn(1), drawn(0)), (2_000, 0));
    }

    /// Changed, whoever computes it again would come to something else than the log says.
    #[test]
    fn the_number_is_what_it_was() {
        assert_eq!(Draw::of("{}"), Draw(1_521_237_245_827_551_450));
    }
}
