use serde::{Deserialize, Serialize};

/// Why somebody needs to enter an Organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ReasonCategory {
    CustomerReportedProblem,
    SecurityIncident,
    LegalDisclosure,
    Maintenance,
    DataSubjectRequest,
}

impl ReasonCategory {
    /// All of them, in the order that forms show.
    pub const ALL: [Self; 5] = [
        Self::CustomerReportedProblem,
        Self::SecurityIncident,
        Self::LegalDisclosure,
        Self::Maintenance,
        Self::DataSubjectRequest,
    ];

    /// The words on screen.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::CustomerReportedProblem => "Customer-reported problem",
            Self::SecurityIncident => "Security incident",
            Self::LegalDisclosure => "Legal disclosure",
            Self::Maintenance => "Maintenance",
            Self::DataSubjectRequest => "Data-subject request",
        }
    }
}
