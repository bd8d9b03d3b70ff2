use wire::problem::Problem;

/// There was nobody to connect to.
pub(crate) const NO_CONNECTION: &str = "no connection";
/// The handshake was not completed.
pub(crate) const OTHER_CERTIFICATE: &str = "its certificate does not match";

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

    /// The service did not do it: it said so, and that it is the caller's fault.
    #[must_use]
    pub fn was_refused(&self) -> bool {
        self.status().is_some_and(|status| (400..500).contains(&status))
    }

    /// The call did not leave this computer.
    #[must_use]
    pub fn was_not_sent(&self) -> bool {
        matches!(self, Self::Unreachable { why: NO_CONNECTION | OTHER_CERTIFICATE, .. } | Self::Unmade(_))
    }

    /// Nobody answered. A service that says what it is missing (a 503) did.
    #[must_use]
    pub fn is_unreachable(&self) -> bool {
        matches!(self, Self::Unreachable { .. })
    }
}
