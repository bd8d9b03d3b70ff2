//! More time in a Session that is open: signed and countersigned as access itself is.
//!
//! The request names the Session, and its duration is the Session's whole time from the first start on. So every bound
//! that holds for a Session, of the policy and of [`Trust`], holds for a chain of extensions as well.

use domain::{Digest, Organization, PersonId, Scope, SessionId, UnixSeconds};

use crate::opening::verify_bundle;
use crate::{Bundle, Extends, KnownKeys, Opening, Refusal, Request, Terms, Trust};

/// A Session as whoever verifies its extension knows it, from what opened it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenSession {
    pub session: SessionId,
    /// SHA-256 of the request JWS that opened it.
    pub request: Digest,
    pub person: PersonId,
    /// Thumbprint of the Device key that opened it.
    pub device: Digest,
    pub organization: Organization,
    pub scope: Scope,
    pub opened_at: UnixSeconds,
    /// Its end so far.
    pub ends_at: UnixSeconds,
}

impl OpenSession {
    /// The Session that a verified bundle opened.
    #[must_use]
    pub fn of(opening: &Opening, opened_at: UnixSeconds, ends_at: UnixSeconds) -> Self {
        let request = opening.request();
        Self {
            session: opening.open().digest().clone().into(),
            request: request.statement.digest().clone(),
            person: request.identity.person.clone(),
            device: request.identity.device.clone(),
            organization: opening.organization().clone(),
            scope: opening.terms().scope,
            opened_at,
            ends_at,
        }
    }
}

/// An extension in which everything was checked that an opening is checked for, and that it is this Session's. Only
/// [`verify_extension`] makes one. As with an [`Opening`], the policy, the log and the single use of the Grant are
/// still asked for by whoever lets it count.
#[derive(Debug, Clone)]
pub struct Extension {
    opening: Opening,
    ends_at: UnixSeconds,
}

impl Extension {
    /// Its signatures, as those of an opening.
    #[must_use]
    pub fn opening(&self) -> &Opening {
        &self.opening
    }

    /// When the Session ends with it: never sooner than without it.
    #[must_use]
    pub fn ends_at(&self) -> UnixSeconds {
        self.ends_at
    }
}

/// Verifies a bundle that extends the Session `of`, as of `now`.
///
/// # Errors
/// [`Refusal`] naming the first check that failed.
pub fn verify_extension(
    bundle: &Bundle,
    of: &OpenSession,
    trust: &Trust,
    provider: impl Into<KnownKeys>,
    tls_client: &Digest,
    now: UnixSeconds,
) -> Result<Extension, Refusal> {
    let opening = verify_bundle(bundle, trust, provider, tls_client, now)?;
    opening.check_fresh(now)?;
    let request = opening.request();
    let extends = request.statement.body().extends.as_ref().ok_or(Refusal::ExtendsNothing)?;
    if extends.session != of.session || extends.request != of.request || extends.opened_at != of.opened_at {
        return Err(Refusal::OtherSession);
    }
    if request.identity.person != of.person || request.identity.device != of.device {
        return Err(Refusal::NotTheRequester);
    }
    if *opening.organization() != of.organization {
        return Err(Refusal::OtherOrganization);
    }
    if opening.terms().scope != of.scope {
        return Err(Refusal::OtherScope);
    }
    if now >= of.ends_at {
        return Err(Refusal::SessionOver);
    }
    // An end that is later than the real one makes what is added look small.
    if extends.ends_at > of.ends_at {
        return Err(Refusal::EndsSooner);
    }
    let ends_at = end(extends, opening.terms().duration_seconds).max(of.ends_at);
    Ok(Extension { opening, ends_at })
}

/// What is asked for adds time, and was asked for while the Session was open, as far as the requester says.
pub(crate) fn check_asked(asked: &Request, signed_at: UnixSeconds) -> Result<(), Refusal> {
    let Some(extends) = &asked.extends else { return Ok(()) };
    if extends.opened_at >= extends.ends_at || signed_at >= extends.ends_at {
        return Err(Refusal::SessionOver);
    }
    adds_time(extends, asked.duration_seconds)
}

/// What is granted still adds time, at the same Scope: a Session has one Scope from its start to its end.
pub(crate) fn check_granted(asked: &Request, granted: &Terms) -> Result<(), Refusal> {
    let Some(extends) = &asked.extends else { return Ok(()) };
    if granted.scope != asked.scope {
        return Err(Refusal::OtherScope);
    }
    adds_time(extends, granted.duration_seconds)
}

fn adds_time(extends: &Extends, duration_seconds: i64) -> Result<(), Refusal> {
    if end(extends, duration_seconds) > extends.ends_at { Ok(()) } else { Err(Refusal::AddsNoTime) }
}

fn end(extends: &Extends, duration_seconds: i64) -> UnixSeconds {
    extends.opened_at.saturating_add(duration_seconds)
}
