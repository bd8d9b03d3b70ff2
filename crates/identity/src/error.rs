/// What can go wrong between us and the identity provider, by whose fault it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// Nobody answered, or not in time; try again later.
    #[error("the identity provider does not answer: {0}")]
    Unreachable(String),
    /// The provider answered something that an issuer must not.
    #[error("the identity provider's answer is not usable: {0}")]
    Unusable(&'static str),
    /// Our own configuration is at fault.
    #[error("the identity provider's configuration here is wrong: {0}")]
    Misconfigured(&'static str),
}

/// Why a sign-in did not give an ID token, by whose fault it is. No variant holds a token, a code or a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    #[error(transparent)]
    Provider(#[from] IdentityError),
    /// The provider said no. Its own words, as text: a person may read them, nothing acts on them.
    #[error("the identity provider refused: {0}")]
    Refused(String),
    /// The answer came from another issuer than the one that was asked.
    #[error("the answer came from another issuer")]
    OtherIssuer,
    /// The ID token is not one that this sign-in may use.
    #[error("the ID token cannot be used: {0}")]
    BadToken(String),
    /// Nobody finished in the browser in time.
    #[error("nobody finished the sign-in in time")]
    TimedOut,
    /// This computer has no free loopback port.
    #[error("no loopback port could be opened")]
    NoPort,
}
