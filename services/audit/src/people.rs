use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use domain::{Role, UnixSeconds};
use serve::{Caller, Peer, ProblemResponse, Service, refused};
use statement::{Identity, MfaPurpose, Refusal, Trust, verify_mfa};

use crate::audit::Audit;
use crate::problem;
use crate::sequencer::Holder;

/// A second factor at sign-in is good here for this long, in seconds.
const FACTOR_SECONDS: i64 = 8 * 3600;
/// How far ahead of our clock the broker may attest, in seconds.
const AHEAD_SECONDS: i64 = 5;

/// A person on an enrolled Device whose sign-in passed a second factor.
pub(crate) struct Person {
    pub identity: Identity,
    pub pk_token: String,
}

/// Somebody whom the provider vouches for, with the Device key in hand: enrolled or not, revoked or not.
pub(crate) struct SignedIn {
    pub identity: Identity,
    pub pk_token: String,
}

/// A [`Person`] who holds the reviewer role.
pub(crate) struct Reviewer(pub Person);

/// A [`Person`] who reviews, or signs what others ask for.
pub(crate) struct Countersigner(pub Person);

/// One of our own services, by its certificate.
pub(crate) struct FromService(pub Service);

/// The gateway, by its certificate.
pub(crate) struct FromGateway;

/// Anybody who may look at the log's hashes: a person or a service.
pub(crate) struct Anybody;

impl FromRequestParts<Arc<Audit>> for Person {
    type Rejection = ProblemResponse;

    async fn from_request_parts(parts: &mut Parts, audit: &Arc<Audit>) -> Result<Self, ProblemResponse> {
        let caller = caller(parts, audit).await?;
        let enrolments = audit.roster.enrolments(audit).await?;
        enrolments.check(&caller.identity).map_err(|refusal| refused(&refusal))?;
        if audit.reader.is_revoked(&Holder::of(&caller.identity)).await? {
            return Err(problem::caller_revoked());
        }
        check_factor(&parts.headers, &caller.identity, &audit.trust, audit.now())?;
        Ok(Self { identity: caller.identity, pk_token: caller.pk_token })
    }
}

impl FromRequestParts<Arc<Audit>> for SignedIn {
    type Rejection = ProblemResponse;

    async fn from_request_parts(parts: &mut Parts, audit: &Arc<Audit>) -> Result<Self, ProblemResponse> {
        let caller = caller(parts, audit).await?;
        Ok(Self { identity: caller.identity, pk_token: caller.pk_token })
    }
}

impl FromRequestParts<Arc<Audit>> for Reviewer {
    type Rejection = ProblemResponse;

    async fn from_request_parts(parts: &mut Parts, audit: &Arc<Audit>) -> Result<Self, ProblemResponse> {
        let person = Person::from_request_parts(parts, audit).await?;
        if person.is_reviewer() { Ok(Self(person)) } else { Err(problem::reviewers_only()) }
    }
}

impl FromRequestParts<Arc<Audit>> for Countersigner {
    type Rejection = ProblemResponse;

    async fn from_request_parts(parts: &mut Parts, audit: &Arc<Audit>) -> Result<Self, ProblemResponse> {
        let person = Person::from_request_parts(parts, audit).await?;
        let may = person.is_reviewer() || person.identity.roles.contains(&Role::Approver);
        if may { Ok(Self(person)) } else { Err(problem::reviewers_only()) }
    }
}

impl FromRequestParts<Arc<Audit>> for FromService {
    type Rejection = ProblemResponse;

    async fn from_request_parts(parts: &mut Parts, audit: &Arc<Audit>) -> Result<Self, ProblemResponse> {
        match service(parts) {
            Some(service) => Ok(Self(service)),
            None => Err(no_service(parts, audit).await),
        }
    }
}

impl FromRequestParts<Arc<Audit>> for FromGateway {
    type Rejection = ProblemResponse;

    async fn from_request_parts(parts: &mut Parts, audit: &Arc<Audit>) -> Result<Self, ProblemResponse> {
        match service(parts) {
            Some(Service::Gateway) => Ok(Self),
            Some(_) => Err(problem::other_service()),
            None => Err(no_service(parts, audit).await),
        }
    }
}

impl FromRequestParts<Arc<Audit>> for Anybody {
    type Rejection = ProblemResponse;

    async fn from_request_parts(parts: &mut Parts, audit: &Arc<Audit>) -> Result<Self, ProblemResponse> {
        if service(parts).is_some() {
            return Ok(Self);
        }
        Person::from_request_parts(parts, audit).await.map(|_| Self)
    }
}

impl Person {
    pub fn is_reviewer(&self) -> bool {
        self.identity.roles.contains(&Role::Reviewer)
    }
}

/// Whose token and proof the call carries.
async fn caller(parts: &Parts, audit: &Audit) -> Result<Caller, ProblemResponse> {
    audit.authenticator.authenticate_call(parts).await.map_err(|denied| denied.problem)
}

/// The refusal of whoever is no service, with who it is found out for the entry about it.
async fn no_service(parts: &Parts, audit: &Audit) -> ProblemResponse {
    if let Err(problem) = caller(parts, audit).await {
        tracing::debug!(code = problem.code(), "nobody can be named for a call of a service's route");
    }
    problem::services_only()
}

fn service(parts: &Parts) -> Option<Service> {
    parts.extensions.get::<Peer>().and_then(|peer| peer.service)
}

/// The broker's attestation of exactly this sign-in.
fn check_factor(headers: &HeaderMap, who: &Identity, trust: &Trust, now: UnixSeconds) -> Result<(), ProblemResponse> {
    let mut values = headers.get_all(wire::MFA_HEADER).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return Err(problem::second_factor()) };
    let compact = value.to_str().map_err(|_| problem::second_factor())?;
    let attestation = verify_mfa(compact, trust).map_err(|r| refused(&r))?;
    let body = attestation.body();
    if body.purpose != MfaPurpose::SignIn || body.subject != who.kid {
        return Err(problem::second_factor());
    }
    let taken_at = attestation.payload().iat;
    if (now.saturating_sub(FACTOR_SECONDS)..=now.saturating_add(AHEAD_SECONDS)).contains(&taken_at) {
        Ok(())
    } else {
        Err(refused(&Refusal::SecondFactorTooOld))
    }
}
