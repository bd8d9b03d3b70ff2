use wire::problem::Problem;

/// Why a call did not answer what was asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CallError {
    /// The service refused, and said why.
    #[error("{} ({})", .0.title, .0.code)]
    Refused(Box<Problem>),
    /// Nobody answered, the connection broke, or the certificate is not one that the internal CA signed.
    #[error("{service} does not answer: {why}")]
    Unreachable { service: String, why: &'static str },
    /// The answer is not what this version of the service says.
    #[error("{service} answered something unexpected: {what}")]
    Unexpected { service: String, what: String },
    /// Our own side: a key or certificate that cannot be used.
    #[error("the call could not be made: {0}")]
    Unmade(&'static str),
}

impl CallError {
    /// The problem's code when the service refused.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Refused(problem) => Some(&problem.code),
            _ => None,
        }
    }

    /// The status when the service refused.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused(problem) => Some(problem.status),
            _ => None,
        }
    }

    /// Nobody answered, or the service itself is missing something it needs (502, 503, 504).
    #[must_use]
    pub fn is_unreachable(&self) -> bool {
        matches!(self, Self::Unreachable { .. })
    }
}
