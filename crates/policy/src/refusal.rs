use crate::ask::Ask;
use crate::engine::{NoAnswer, Rule};

/// The policy does not allow it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{sentence}")]
pub struct PolicyRefusal {
    /// A stable word: `missing-role`, `scope-not-for-reason`, `duration-out-of-policy`, `forbidden-by-policy`,
    /// `may-not-approve`, `too-few-approvals`, `policy-error`.
    pub code: &'static str,
    /// One sentence that a person can read.
    pub sentence: String,
    /// The `@id` of the rule that forbids it.
    pub rule: Option<String>,
}

impl From<NoAnswer> for PolicyRefusal {
    fn from(_: NoAnswer) -> Self {
        no_answer()
    }
}

pub(crate) fn no_answer() -> PolicyRefusal {
    plain("policy-error", "A rule of the policy cannot be evaluated, so nothing is allowed.".into())
}

pub(crate) fn missing_role() -> PolicyRefusal {
    plain("missing-role", "Only engineers may ask for access.".into())
}

pub(crate) fn may_not_approve() -> PolicyRefusal {
    plain("may-not-approve", "The policy does not let this person countersign this request.".into())
}

pub(crate) fn too_few() -> PolicyRefusal {
    plain("too-few-approvals", "Another person has to countersign first.".into())
}

/// A rule says how many, or who.
pub(crate) fn too_few_for(rule: &Rule) -> PolicyRefusal {
    PolicyRefusal { code: "too-few-approvals", sentence: rule.sentence.clone(), rule: Some(rule.id.clone()) }
}

pub(crate) fn forbidden(rule: &Rule) -> PolicyRefusal {
    PolicyRefusal { code: "forbidden-by-policy", sentence: rule.sentence.clone(), rule: Some(rule.id.clone()) }
}

pub(crate) fn not_for_reason(ask: &Ask<'_>) -> PolicyRefusal {
    plain("scope-not-for-reason", format!("“{}” does not open {}.", ask.reason.label(), ask.scope.label()))
}

pub(crate) fn longer_than(ask: &Ask<'_>, longest: i64) -> PolicyRefusal {
    let (reason, scope, longest) = (ask.reason.label(), ask.scope.label(), in_words(longest));
    plain("duration-out-of-policy", format!("“{reason}” opens {scope} for {longest} at most."))
}

fn plain(code: &'static str, sentence: String) -> PolicyRefusal {
    PolicyRefusal { code, sentence, rule: None }
}

/// A duration as people read it.
#[must_use]
pub fn in_words(seconds: i64) -> String {
    match (seconds % 3600, seconds % 60) {
        (0, _) => format!("{} h", seconds / 3600),
        (_, 0) => format!("{} min", seconds / 60),
        _ => format!("{seconds} s"),
    }
}
