use domain::{Digest, SessionId, UnixSeconds};
use statement::{Bundle, Opening, Refusal, verify_open};

use super::Company;

/// When each thing of the story happens.
#[derive(Debug, Clone, Copy)]
pub struct Moments {
    pub enrol: UnixSeconds,
    /// When policies are adopted.
    pub adopt: UnixSeconds,
    pub requester_signs_in: UnixSeconds,
    pub approver_signs_in: UnixSeconds,
    pub request: UnixSeconds,
    pub decide: UnixSeconds,
    /// The requester's code: good for asking and, since it is fresh, for opening.
    pub requester_code: UnixSeconds,
    pub open: UnixSeconds,
}

impl Moments {
    /// The story that leads to opening at `open`.
    #[must_use]
    pub fn before(open: UnixSeconds) -> Self {
        Self {
            enrol: open - 30 * 24 * 3600,
            adopt: open - 30 * 24 * 3600 + 600,
            requester_signs_in: open - 1200,
            approver_signs_in: open - 900,
            request: open - 600,
            decide: open - 300,
            requester_code: open - 660,
            open,
        }
    }
}

/// A bundle that is right in every part, and what the gateway saw when it came.
#[derive(Debug, Clone)]
pub struct Good {
    pub bundle: Bundle,
    pub tls_client: Digest,
    pub opened_at: UnixSeconds,
}

impl Good {
    /// The Session: the digest of the `session-open` statement.
    #[must_use]
    pub fn session(&self) -> SessionId {
        statement::sha256(&self.bundle.open).into()
    }

    /// What the verifier says to it under this company's trust.
    ///
    /// # Errors
    /// The verifier's refusal.
    pub fn verify(&self, company: &Company) -> Result<Opening, Refusal> {
        verify_open(&self.bundle, &company.trust, company.known_keys(), &self.tls_client, self.opened_at)
    }
}
