use std::fmt;

use serde::Serialize;

use crate::{PeriodReport, Report};

/// What an Evidence file proves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Proof {
    Session(Report),
    Period(PeriodReport),
}

impl Proof {
    /// The report, when the file is about one Session.
    #[must_use]
    pub fn session(&self) -> Option<&Report> {
        if let Self::Session(report) = self { Some(report) } else { None }
    }
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Session(report) => report.fmt(f),
            Self::Period(report) => report.fmt(f),
        }
    }
}
