/// Why a statement, or what follows from several, is not believed. One variant a check, so that the log and the
/// tests can tell which check spoke.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("malformed: {0}")]
    Malformed(&'static str),
    #[error("larger than a statement may be")]
    TooLarge,
    #[error("not a statement of the expected kind")]
    WrongKind,
    #[error("the algorithm is not the key's")]
    WrongAlgorithm,
    #[error("the signature does not match")]
    BadSignature,
    #[error("addressed to another gateway")]
    WrongAudience,
    #[error("issued in the future")]
    FromTheFuture,
    #[error("expired")]
    Expired,
    #[error("lives longer than such a statement may")]
    LivesTooLong,
    #[error("the signer's PK token is not in the bundle")]
    UnknownSigner,
    #[error("the ID token's key is not one that the issuer publishes")]
    UnknownProviderKey,
    #[error("the issuer had retired the ID token's key before")]
    RetiredProviderKey,
    #[error("a PK token is there that signed nothing")]
    UnusedToken,
    #[error("the ID token comes from another issuer")]
    WrongIssuer,
    #[error("the ID token was issued to another client")]
    WrongClient,
    #[error("the ID token does not commit to this Device key")]
    WrongNonce,
    #[error("the ID token names no person")]
    NoPerson,
    #[error("the sign-in is too old")]
    SignInTooOld,
    #[error("the Device is not enrolled for this person")]
    NotEnrolled,
    #[error("the Device was enrolled too short a time before, beside another of this person")]
    DeviceTooNew,
    #[error("the person does not hold the role")]
    MissingRole,
    #[error("requester and approver are the same person")]
    SamePerson,
    #[error("requester and approver signed with the same Device")]
    SameDevice,
    #[error("nobody has countersigned")]
    NoApproval,
    #[error("one person decided twice")]
    DecidedTwice,
    #[error("the decision is a denial")]
    Denied,
    #[error("the decision is about another request")]
    OtherRequest,
    #[error("the terms are wider than what was asked")]
    WiderThanAsked,
    #[error("the Scope is above this gateway's bound")]
    ScopeAboveBound,
    #[error("the duration is not between 1 s and this gateway's bound")]
    DurationOutOfBounds,
    #[error("signed under another policy")]
    OtherPolicy,
    #[error("fewer than two administrators signed it")]
    TooFewAdministrators,
    #[error("the administrators signed different permissions")]
    PermissionsDiffer,
    #[error("the administrators signed to forget different Organizations, or for different reasons")]
    ForgettingsDiffer,
    #[error("they signed to reveal different marks, or for different reasons")]
    RevealsDiffer,
    #[error("the values would be given to another Device than the first signer's")]
    OtherReader,
    #[error("an administrator signed a permission that names them")]
    NamesItsSigner,
    #[error("the request names another break-glass permission than the bundle holds")]
    OtherPermission,
    #[error("countersigned and by break-glass at once")]
    ApprovalAndBreakGlass,
    #[error("the break-glass permission does not name this person")]
    PersonNotNamed,
    #[error("the break-glass permission does not name this Organization")]
    OrganizationNotNamed,
    #[error("wider than the break-glass permission")]
    WiderThanPermitted,
    #[error("outside the time of the break-glass permission")]
    NotPermittedNow,
    #[error("break-glass extends no Session")]
    NoMoreByBreakGlass,
    #[error("no second factor for this")]
    NoSecondFactor,
    #[error("the second factor is too old")]
    SecondFactorTooOld,
    #[error("the opening names other decisions than the bundle holds")]
    OtherDecisions,
    #[error("opened by somebody else than the requester")]
    NotTheRequester,
    #[error("the witness key is named after another log or another Device")]
    OtherWitness,
    #[error("opened over another TLS key")]
    OtherTlsKey,
    #[error("the approval has lapsed")]
    ApprovalLapsed,
    #[error("the proof of possession was made for another call")]
    OtherCall,
    #[error("it asks for more time in an open Session and opens none")]
    OpensNothing,
    #[error("it asks for a Session of its own and extends none")]
    ExtendsNothing,
    #[error("it extends another Session")]
    OtherSession,
    #[error("the Session belongs to another Organization")]
    OtherOrganization,
    #[error("an extension has the Scope of its Session")]
    OtherScope,
    #[error("it adds no time to the Session")]
    AddsNoTime,
    #[error("the Session ends sooner than its signers were shown")]
    EndsSooner,
    #[error("the Session is over")]
    SessionOver,
    #[error("the text is not one that may be signed: {0}")]
    BadText(&'static str),
}

impl Refusal {
    /// A stable word for logs, problem details and tests.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed",
            Self::TooLarge => "too-large",
            Self::WrongKind => "wrong-kind",
            Self::WrongAlgorithm => "wrong-algorithm",
            Self::BadSignature => "bad-signature",
            Self::WrongAudience => "wrong-audience",
            Self::FromTheFuture => "from-the-future",
            Self::Expired => "expired",
            Self::LivesTooLong => "lives-too-long",
            Self::UnknownSigner => "unknown-signer",
            Self::UnknownProviderKey => "unknown-provider-key",
            Self::RetiredProviderKey => "retired-provider-key",
            Self::UnusedToken => "unused-token",
            Self::WrongIssuer => "wrong-issuer",
            Self::WrongClient => "wrong-client",
            Self::WrongNonce => "wrong-nonce",
            Self::NoPerson => "no-person",
            Self::SignInTooOld => "sign-in-too-old",
            Self::NotEnrolled => "not-enrolled",
            Self::DeviceTooNew => "device-too-new",
            Self::MissingRole => "missing-role",
            Self::SamePerson => "same-person",
            Self::SameDevice => "same-device",
            Self::NoApproval => "no-approval",
            Self::DecidedTwice => "decided-twice",
            Self::Denied => "denied",
            Self::OtherRequest => "other-request",
            Self::WiderThanAsked => "wider-than-asked",
            Self::ScopeAboveBound => "scope-above-bound",
            Self::DurationOutOfBounds => "duration-out-of-bounds",
            Self::OtherPolicy => "other-policy",
            Self::TooFewAdministrators => "too-few-administrators",
            Self::PermissionsDiffer => "permissions-differ",
            Self::ForgettingsDiffer => "forgettings-differ",
            Self::RevealsDiffer => "reveals-differ",
            Self::OtherReader => "other-reader",
            Self::NamesItsSigner => "names-its-signer",
            Self::OtherPermission => "other-permission",
            Self::ApprovalAndBreakGlass => "approval-and-break-glass",
            Self::PersonNotNamed => "person-not-named",
            Self::OrganizationNotNamed => "organization-not-named",
            Self::WiderThanPermitted => "wider-than-permitted",
            Self::NotPermittedNow => "not-permitted-now",
            Self::NoMoreByBreakGlass => "no-more-by-break-glass",
            Self::NoSecondFactor => "no-second-factor",
            Self::SecondFactorTooOld => "second-factor-too-old",
            Self::OtherDecisions => "other-decisions",
            Self::NotTheRequester => "not-the-requester",
            Self::OtherWitness => "other-witness",
            Self::OtherTlsKey => "other-tls-key",
            Self::ApprovalLapsed => "approval-lapsed",
            Self::OtherCall => "other-call",
            Self::OpensNothing => "opens-nothing",
            Self::ExtendsNothing => "extends-nothing",
            Self::OtherSession => "other-session",
            Self::OtherOrganization => "other-organization",
            Self::OtherScope => "other-scope",
            Self::AddsNoTime => "adds-no-time",
            Self::EndsSooner => "ends-sooner",
            Self::SessionOver => "session-over",
            Self::BadText(_) => "bad-text",
        }
    }
}
