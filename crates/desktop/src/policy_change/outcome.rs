use std::fmt;

use ::policy::{Allowed, PolicyRefusal};
use domain::legible;
use serde::Serialize;

use super::counted;

/// What a policy says to an ask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Outcome {
    /// With so many countersigners at least.
    Allowed(u32),
    Refused(Refused),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Refused {
    pub(crate) code: &'static str,
    pub(crate) rule: Option<String>,
    pub(crate) sentence: String,
}

impl From<PolicyRefusal> for Refused {
    fn from(refused: PolicyRefusal) -> Self {
        Self { code: refused.code, rule: refused.rule, sentence: refused.sentence }
    }
}

impl From<Result<Allowed, PolicyRefusal>> for Outcome {
    fn from(said: Result<Allowed, PolicyRefusal>) -> Self {
        said.map_or_else(|refused| Self::Refused(refused.into()), |allowed| Self::Allowed(allowed.approvals))
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Allowed(countersigners) => {
                write!(f, "allowed with {}", counted(*countersigners as usize, "countersigner"))
            }
            Self::Refused(refused) => write!(f, "refused: {refused}"),
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by = self.rule.as_ref().map_or_else(|| self.code.to_owned(), |rule| format!("rule {rule}"));
        write!(f, "{} ({by})", legible(&self.sentence))
    }
}
