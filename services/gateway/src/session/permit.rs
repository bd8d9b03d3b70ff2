use super::Session;
use crate::authorise::Authorised;

/// Leave to forward one request: the Session was alive and leased when it was given, and the request stays within the
/// Grant. Only [`Session::permit`] gives it, and nothing is forwarded without it: it is used up by what it allows.
///
/// Whoever has one can look at it.
///
/// ```
/// fn forward(permit: gateway::Permit<'_>) -> gateway::authorise::Authorised {
///     permit.authorised()
/// }
/// ```
///
/// Nobody makes one out of its parts, however they came by them.
///
/// ```compile_fail,E0451
/// fn forward(permit: gateway::Permit<'_>) -> gateway::authorise::Authorised {
///     gateway::Permit { session: permit.session(), authorised: permit.authorised() }.authorised()
/// }
/// ```
///
/// Nor with the function that a Session makes it with.
///
/// ```compile_fail,E0624
/// fn forward(permit: gateway::Permit<'_>) -> gateway::authorise::Authorised {
///     gateway::Permit::new(permit.session(), permit.authorised()).authorised()
/// }
/// ```
///
/// Nobody copies one…
///
/// ```compile_fail,E0382
/// fn forward(permit: gateway::Permit<'_>) -> gateway::authorise::Authorised {
///     { let used = permit; let _ = used.session(); } permit.authorised()
/// }
/// ```
///
/// …clones one…
///
/// ```compile_fail,E0599
/// fn forward(permit: gateway::Permit<'_>) -> gateway::authorise::Authorised {
///     permit.clone().authorised()
/// }
/// ```
///
/// …takes the default for one, or reads one from somewhere.
///
/// ```compile_fail,E0277
/// fn forward(permit: gateway::Permit<'_>) -> gateway::authorise::Authorised {
///     std::mem::take(&mut { permit }).authorised()
/// }
/// ```
///
/// ```compile_fail,E0277
/// fn forward(permit: gateway::Permit<'_>) -> gateway::authorise::Authorised {
///     serde_json::from_str::<gateway::Permit<'static>>("{}").map_or(permit.authorised(), |p| p.authorised())
/// }
/// ```
pub struct Permit<'a> {
    session: &'a Session,
    authorised: Authorised,
}

impl<'a> Permit<'a> {
    /// For [`Session::permit`] alone.
    pub(super) fn new(session: &'a Session, authorised: Authorised) -> Self {
        Self { session, authorised }
    }

    /// The Session that it is given for.
    #[must_use]
    pub fn session(&self) -> &'a Session {
        self.session
    }

    /// What may be done.
    #[must_use]
    pub fn authorised(&self) -> Authorised {
        self.authorised
    }
}
