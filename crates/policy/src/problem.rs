/// Why a text is not a policy.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    #[error("longer than 128 KiB")]
    TooLarge,
    #[error("it holds a character that can mislead a reader")]
    Misleads,
    #[error("no line of three hyphens between heading and rules")]
    NoLine,
    #[error("the heading is not one in JSON: {0}")]
    Heading(#[from] serde_json::Error),
    #[error("versions begin with 1")]
    NoVersion,
    #[error("waiting is 0 to 1209600 seconds, two weeks")]
    NoWaiting,
    #[error("Recordings are kept for 7 to 3660 days")]
    NoRetention,
    #[error("no such time zone: {0}")]
    NoTimeZone(String),
    #[error("not in lower case: “{0}”")]
    NotLowerCase(String),
    #[error("more than 200 rules, one of more than 4 KiB, or more than 24 brackets in one another")]
    TooDeep,
    #[error("the rules are not Cedar: {0}")]
    NotCedar(String),
    #[error("a rule speaks of what there is not: {0}")]
    NotOfTheSchema(String),
    #[error("rule {0} of the text needs an @id of its own, in a-z, 0-9 and hyphens")]
    NoId(usize),
    #[error("the rule “{0}” needs a @sentence of 1 to 200 characters, on one line")]
    NoSentence(String),
}

impl PolicyError {
    /// What whoever writes the text can do about it.
    #[must_use]
    pub const fn next(&self) -> &'static str {
        match self {
            Self::TooLarge => "Say the same with fewer or shorter rules.",
            Self::Misleads => {
                "Take out tabs, carriage returns, and characters that are invisible or change the direction of writing."
            }
            Self::NoLine => "Write the heading in JSON, then a line with --- and nothing else, then the rules.",
            Self::Heading(_) => {
                "The heading holds name, version, time_zone, organizations and, if one likes, waiting and retention, and nothing else."
            }
            Self::NoVersion => "Write 1 for an installation's first policy, and one more for each that follows.",
            Self::NoWaiting => "Write whole seconds, 3600 for an hour, or leave it out.",
            Self::NoRetention => "Write recording_days as whole days, or leave it out for 365.",
            Self::NoTimeZone(_) => "Name one of the IANA time zones, for example Europe/Berlin, or UTC.",
            Self::NotLowerCase(_) => "Write it in lower case, as sign-ins are compared, and not empty.",
            Self::TooDeep => "Divide what is too long into rules of their own, and take out brackets.",
            Self::NotCedar(_) => "Correct the rule there; each ends with a semicolon.",
            Self::NotOfTheSchema(_) => {
                "Compare its words with “What a rule can ask” in docs/operations/policy.md, and ask with `has` first for what may be absent."
            }
            Self::NoId(_) => "Give it an @id that no other rule has.",
            Self::NoSentence(_) => "Write what somebody reads whom the rule refuses, or what it permits.",
        }
    }
}

/// Everything that is wrong with a text: at least one thing.
#[derive(Debug)]
pub struct Problems {
    /// The one that comes first in the text.
    pub first: PolicyError,
    pub others: Vec<PolicyError>,
}

impl Problems {
    /// Those of `found`, if there are any.
    pub(crate) fn of(found: Vec<PolicyError>) -> Option<Self> {
        let mut found = found.into_iter();
        found.next().map(|first| Self { first, others: found.collect() })
    }

    /// All of them, in the order of the text.
    pub fn iter(&self) -> impl Iterator<Item = &PolicyError> {
        std::iter::once(&self.first).chain(&self.others)
    }

    pub(crate) fn and(mut self, more: Self) -> Self {
        self.others.push(more.first);
        self.others.extend(more.others);
        self
    }
}

impl From<PolicyError> for Problems {
    fn from(first: PolicyError) -> Self {
        Self { first, others: Vec::new() }
    }
}
