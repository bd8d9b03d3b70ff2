use serde::{Deserialize, Serialize};

/// How much of an Organization a Grant opens. Ordered: each Scope contains the ones before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// No Relevant Data.
    Diagnostics,
    /// Relevant Data may be read.
    Read,
    /// Relevant Data may be read and changed.
    ReadWrite,
    /// The Organization's own settings and people too.
    Administer,
}

impl Scope {
    /// All of them, narrowest first.
    pub const ALL: [Self; 4] = [Self::Diagnostics, Self::Read, Self::ReadWrite, Self::Administer];

    /// The word on screen.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Diagnostics => "Diagnostics",
            Self::Read => "Read",
            Self::ReadWrite => "Read & write",
            Self::Administer => "Administer",
        }
    }
}
