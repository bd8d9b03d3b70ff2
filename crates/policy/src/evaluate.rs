use domain::{ReasonCategory, Role, Scope};

use crate::Policy;

/// What somebody asks for.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    pub reason: ReasonCategory,
    pub scope: Scope,
    pub duration_seconds: i64,
    pub requester_roles: &'a [Role],
}

/// The policy allows it, under this condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowed {
    /// How many people other than the requester have to countersign.
    pub approvals: u32,
}

/// The policy does not allow it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{sentence}")]
pub struct PolicyRefusal {
    /// A stable word: `missing-role`, `scope-not-for-reason`, `duration-out-of-policy`.
    pub code: &'static str,
    /// One sentence that a person can read.
    pub sentence: String,
}

impl Policy {
    /// Whether the policy allows `ask`, and how many approvals it takes.
    ///
    /// # Errors
    /// [`PolicyRefusal`] with the reason in words.
    pub fn evaluate(&self, ask: &Ask<'_>) -> Result<Allowed, PolicyRefusal> {
        if !ask.requester_roles.contains(&Role::Engineer) {
            return Err(refusal("missing-role", "Only engineers may ask for access.".into()));
        }
        let rule = self.rules().iter().find(|r| r.reason == ask.reason && r.scope == ask.scope).ok_or_else(|| {
            let sentence = format!("“{}” does not open {}.", ask.reason.label(), ask.scope.label());
            refusal("scope-not-for-reason", sentence)
        })?;
        if !(1..=rule.max_duration_seconds).contains(&ask.duration_seconds) {
            let longest = in_words(rule.max_duration_seconds);
            let sentence = format!("“{}” opens {} for {longest} at most.", ask.reason.label(), ask.scope.label());
            return Err(refusal("duration-out-of-policy", sentence));
        }
        Ok(Allowed { approvals: rule.approvals })
    }
}

fn refusal(code: &'static str, sentence: String) -> PolicyRefusal {
    PolicyRefusal { code, sentence }
}

fn in_words(seconds: i64) -> String {
    match (seconds % 3600, seconds % 60) {
        (0, _) => format!("{} h", seconds / 3600),
        (_, 0) => format!("{} min", seconds / 60),
        _ => format!("{seconds} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(reason: ReasonCategory, scope: Scope, duration_seconds: i64) -> Result<u32, &'static str> {
        let ask = Ask { reason, scope, duration_seconds, requester_roles: &[Role::Engineer] };
        Policy::compiled_in().evaluate(&ask).map(|a| a.approvals).map_err(|r| r.code)
    }

    #[test]
    fn what_each_reason_opens() {
        use ReasonCategory::{
            CustomerReportedProblem, DataSubjectRequest, LegalDisclosure, Maintenance, SecurityIncident,
        };
        use Scope::{Administer, Diagnostics, Read, ReadWrite};
        let cases = [
            (CustomerReportedProblem, Diagnostics, 14_400, Ok(1)),
            (CustomerReportedProblem, Read, 7_200, Ok(1)),
            (CustomerReportedProblem, Read, 7_201, Err("duration-out-of-policy")),
            (CustomerReportedProblem, ReadWrite, 3_600, Ok(1)),
            (CustomerReportedProblem, Administer, 60, Err("scope-not-for-reason")),
            (SecurityIncident, Administer, 3_600, Ok(2)),
            (LegalDisclosure, Read, 7_200, Ok(2)),
            (LegalDisclosure, ReadWrite, 60, Err("scope-not-for-reason")),
            (Maintenance, Administer, 3_601, Err("duration-out-of-policy")),
            (DataSubjectRequest, ReadWrite, 1_800, Ok(1)),
        ];
        for (reason, scope, seconds, expected) in cases {
            assert_eq!(ask(reason, scope, seconds), expected, "{reason:?} {scope:?} {seconds}");
        }
    }

    #[test]
    fn a_14_durations_that_are_none() {
        for seconds in [0, -1, i64::MIN, i64::MAX, 1_000_000_000_000_000_000] {
            assert_eq!(
                ask(ReasonCategory::Maintenance, Scope::Read, seconds),
                Err("duration-out-of-policy"),
                "{seconds}"
            );
        }
    }

    #[test]
    fn only_engineers_ask() {
        let ask = Ask {
            reason: ReasonCategory::Maintenance,
            scope: Scope::Read,
            duration_seconds: 60,
            requester_roles: &[Role::Approver, Role::Administrator, Role::Reviewer],
        };
        assert_eq!(Policy::compiled_in().evaluate(&ask).map_err(|r| r.code), Err("missing-role"));
    }

    #[test]
    fn the_sentence_names_the_bound() {
        let ask = Ask {
            reason: ReasonCategory::DataSubjectRequest,
            scope: Scope::ReadWrite,
            duration_seconds: 3600,
            requester_roles: &[Role::Engineer],
        };
        let refused = Policy::compiled_in().evaluate(&ask).expect_err("too long");
        assert_eq!(refused.sentence, "“Data-subject request” opens Read & write for 30 min at most.");
    }
}
