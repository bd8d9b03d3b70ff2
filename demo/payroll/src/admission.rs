mod assertion;
mod proof;
mod source;

use domain::{OrgId, Scope, SessionId, UnixSeconds};

pub use assertion::AssertionKeys;
pub use proof::{Pinned, Proof};
pub use source::Source;

/// One Session that the service let in, after it verified the bundle and the receipt itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admission {
    pub session: SessionId,
    pub organization: OrgId,
    pub scope: Scope,
    /// For the page's footer; not a proof of anything.
    pub name: String,
    pub ends_at: UnixSeconds,
}

/// Why a request is not let in. One variant a check.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Distrust {
    #[error("no assertion")]
    NoAssertion,
    #[error("the assertion is malformed")]
    Malformed,
    #[error("the assertion is signed with a key that the gateway does not publish")]
    UnknownKey,
    #[error("the assertion's signature does not match")]
    BadSignature,
    #[error("the assertion was issued by another gateway")]
    OtherGateway,
    #[error("the assertion is for another service")]
    OtherAudience,
    #[error("the assertion has expired, or is from the future")]
    NotNow,
    #[error("the assertion is for another Organization")]
    OtherOrganization,
    #[error("the Scope does not allow this")]
    OutOfScope,
    #[error("the gateway does not give the proof of this Session")]
    NoProof,
    #[error("the proof is not the one that the assertion names")]
    OtherProof,
    #[error("the identity provider gives no keys")]
    NoIssuer,
    #[error("the bundle does not verify: {0}")]
    Bundle(#[from] statement::Refusal),
    #[error("the Session was not extended as the gateway says: {0}")]
    Extension(#[from] wire::extension::NotExtended),
    #[error("the policy does not open it: {0}")]
    Policy(#[from] policy::PolicyRefusal),
    #[error("the policy in force is not proven: {0}")]
    NotInForce(String),
    #[error("the bundle does not grant what the assertion says")]
    NotGranted,
    #[error("the receipt does not stand in the log")]
    NotInTheLog,
    #[error("a signer was shown another log")]
    AnotherLog,
    #[error("the receipt is about something else")]
    OtherReceipt,
    #[error("the Session is over")]
    Over,
}
