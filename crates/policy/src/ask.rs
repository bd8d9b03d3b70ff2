use std::net::IpAddr;

use domain::{OrgId, ReasonCategory, Role, Scope, UnixSeconds};
use statement::{Decision, Factor, Identity, Request, Signer, Terms};

/// Who asks or decides, as their sign-in says.
#[derive(Debug, Clone, Copy)]
pub struct Somebody<'a> {
    pub person: &'a str,
    pub roles: &'a [Role],
    pub groups: &'a [String],
    pub employer: Option<&'a str>,
    pub country: Option<&'a str>,
    /// Where they called from when they gave the code of their second factor.
    pub address: Option<IpAddr>,
}

impl Somebody<'_> {
    /// From where this second factor was passed.
    #[must_use]
    pub fn calling_from(self, factor: Option<&Factor>) -> Self {
        Self { address: factor.and_then(|f| f.address), ..self }
    }
}

/// What somebody asks for, and when.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    pub requester: Somebody<'a>,
    /// None while none is chosen yet: one that wishes nothing.
    pub organization: Option<&'a OrgId>,
    pub reason: ReasonCategory,
    pub scope: Scope,
    pub duration_seconds: i64,
    pub ticket: &'a str,
    pub at: UnixSeconds,
    /// The requester's second factor; where nobody knows it yet, advice is given as if it had just passed.
    pub factor: Option<&'a Factor>,
}

impl<'a> Ask<'a> {
    /// What a signed request asks for.
    #[must_use]
    pub fn of(request: &'a Signer<Request>, factor: Option<&'a Factor>) -> Self {
        let body = request.statement.body();
        Self {
            requester: Somebody::from(&request.identity).calling_from(factor),
            organization: Some(&body.organization.id),
            reason: body.reason,
            scope: body.scope,
            duration_seconds: body.duration_seconds,
            ticket: &body.ticket,
            at: request.statement.payload().iat,
            factor,
        }
    }

    /// The same on other terms.
    #[must_use]
    pub fn on(self, terms: Terms) -> Self {
        Self { scope: terms.scope, duration_seconds: terms.duration_seconds, ..self }
    }
}

/// Who countersigns, on which terms and when.
#[derive(Debug, Clone, Copy)]
pub struct Decider<'a> {
    pub who: Somebody<'a>,
    pub terms: Terms,
    pub at: UnixSeconds,
    /// How their second factor was passed.
    pub factor: &'a str,
}

impl<'a> Decider<'a> {
    /// Who signed this decision.
    #[must_use]
    pub fn of(decision: &'a Signer<Decision>, factor: &'a Factor) -> Self {
        let terms = decision.statement.body().terms;
        let who = Somebody::from(&decision.identity).calling_from(Some(factor));
        Self { who, terms, at: decision.statement.payload().iat, factor: &factor.method }
    }
}

impl<'a> From<&'a Identity> for Somebody<'a> {
    fn from(who: &'a Identity) -> Self {
        Self {
            person: &who.person.0,
            roles: &who.roles,
            groups: &who.groups,
            employer: who.employer.as_deref(),
            country: who.country.as_deref(),
            address: None,
        }
    }
}
