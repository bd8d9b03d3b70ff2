use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use domain::{Clock, UnixSeconds};
use identity::ProviderSource;
use statement::{Identity, PkToken, Refusal, Trust, verify_dpop};

use crate::listen::Exchange;
use crate::{Known, Peer, ProblemResponse, Replay, Replays, refused};

/// How far ahead of our clock a proof may be, in seconds. Less than what its form allows, because without a kept memory
/// a proof from ahead is the only one that could be used again after a restart.
const AHEAD_SECONDS: i64 = 5;
/// Proofs that are remembered at one time.
const CAPACITY: usize = 200_000;

/// A person whom the identity provider vouches for, calling from the Device that the sign-in was made for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    pub identity: Identity,
    /// The PK token, compact.
    pub pk_token: String,
    /// Where the connection comes from.
    pub address: Option<IpAddr>,
}

/// A call that was not believed to come from anybody, or not from whom it says.
#[derive(Debug, Clone)]
pub struct Denied {
    pub problem: ProblemResponse,
    /// Whose PK token it carried, once that was verified.
    pub identity: Option<Box<Identity>>,
}

/// Checks PK tokens and proofs of possession.
pub struct Authenticator {
    trust: Trust,
    provider: Arc<ProviderSource>,
    base_url: String,
    clock: Arc<dyn Clock>,
    replays: Replays,
    started_at: UnixSeconds,
}

impl Authenticator {
    /// For a service whose calls are addressed to `base_url` (no trailing slash).
    #[must_use]
    pub fn new(trust: Trust, provider: Arc<ProviderSource>, base_url: &str, clock: Arc<dyn Clock>) -> Self {
        let started_at = clock.now();
        let base_url = base_url.trim_end_matches('/').to_owned();
        Self { trust, provider, base_url, clock, replays: Replays::new(CAPACITY), started_at }
    }

    /// Keeps the proofs that were used in a file, so that a restart forgets none. Without it, proofs from before the start
    /// are refused instead.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn remembering(mut self, path: &Path) -> std::io::Result<Self> {
        self.replays = Replays::kept_in(path, CAPACITY, self.clock.now())?;
        Ok(self)
    }

    /// The person who makes this call: PK token and proof, each checked, the proof taken once.
    ///
    /// # Errors
    /// [`Denied`] with a 401, or a 503 when the identity provider's keys or the memory for proofs are not to be had.
    pub async fn authenticate(&self, method: &Method, path: &str, headers: &HeaderMap) -> Result<Caller, Denied> {
        let now = self.clock.now();
        let compact = the_only(headers, header::AUTHORIZATION.as_str()).and_then(dpop_scheme).ok_or_else(no_token)?;
        let proof = the_only(headers, "dpop").ok_or_else(no_token)?;
        let token = PkToken::read(compact).map_err(|r| Denied::because(&r, None))?;
        let provider_kid = token.provider_kid();
        let keys = self.provider.keys_for(provider_kid.as_deref()).await.map_err(|error| {
            tracing::warn!(%error, "nobody can be authenticated");
            Denied { problem: provider_unreachable(), identity: None }
        })?;
        let identity = token.verify(&self.trust, &keys, now).map_err(|r| Denied::because(&r, None))?;
        let url = format!("{}{path}", self.base_url);
        let claims =
            verify_dpop(proof, method.as_str(), &url, token.digest(), &identity.device_key, now).map_err(|r| {
                if r == Refusal::Expired { clock_differs(&identity) } else { Denied::because(&r, Some(&identity)) }
            })?;
        let forgotten = !self.replays.remembers_restarts() && claims.iat < self.started_at;
        if claims.iat > now + AHEAD_SECONDS || forgotten {
            return Err(clock_differs(&identity));
        }
        match self.replays.take(&identity.device, &claims.jti, claims.iat, now) {
            Ok(()) => Ok(Caller { identity, pk_token: compact.to_owned(), address: None }),
            Err(replay) => Err(Denied { problem: replayed(replay), identity: Some(Box::new(identity)) }),
        }
    }
}

impl Authenticator {
    /// As [`Self::authenticate`]; and of what is being answered, this person holds no more than their share.
    ///
    /// # Errors
    /// [`Denied`], also with a 429.
    pub async fn authenticate_call(&self, parts: &Parts) -> Result<Caller, Denied> {
        let answer = self.authenticate(&parts.method, parts.uri.path(), &parts.headers).await;
        let identity = match &answer {
            Ok(caller) => Some(&caller.identity),
            Err(denied) => denied.identity.as_deref(),
        };
        if let (Some(known), Some(identity)) = (parts.extensions.get::<Known>(), identity) {
            known.is(identity);
        }
        let peer = parts.extensions.get::<Peer>();
        let caller = Caller { address: peer.map(|peer| peer.address.ip().to_canonical()), ..answer? };
        let share = parts.extensions.get::<Exchange>().map_or(Ok(()), |e| e.is_of(&caller.identity.person));
        match share {
            Ok(()) => Ok(caller),
            Err(problem) => Err(Denied { problem, identity: Some(Box::new(caller.identity)) }),
        }
    }
}

impl Denied {
    fn because(refusal: &Refusal, identity: Option<&Identity>) -> Self {
        let mut problem = refused(refusal);
        problem.0.status = 401;
        Self { problem, identity: identity.cloned().map(Box::new) }
    }
}

impl<S> FromRequestParts<S> for Caller
where
    S: Send + Sync,
    Arc<Authenticator>: FromRef<S>,
{
    type Rejection = ProblemResponse;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ProblemResponse> {
        let authenticator = Arc::<Authenticator>::from_ref(state);
        authenticator.authenticate_call(parts).await.map_err(|denied| denied.problem)
    }
}

/// The header's value when it stands exactly once.
fn the_only<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let (value, second) = (values.next()?, values.next());
    value.to_str().ok().filter(|_| second.is_none())
}

fn dpop_scheme(value: &str) -> Option<&str> {
    value.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("DPoP")).map(|(_, token)| token)
}

fn no_token() -> Denied {
    let problem =
        ProblemResponse::new(401, "no-token", "The call carries no proof of who makes it.", "Sign in, then try again.");
    Denied { problem, identity: None }
}

fn clock_differs(identity: &Identity) -> Denied {
    let problem = ProblemResponse::new(
        401,
        "wrong-clock",
        "The call's time is not the time here.",
        "Set your computer's clock, then try again.",
    );
    Denied { problem, identity: Some(Box::new(identity.clone())) }
}

fn provider_unreachable() -> ProblemResponse {
    ProblemResponse::new(
        503,
        "provider-unreachable",
        "The identity provider does not answer.",
        "Try again in a minute; nothing was lost.",
    )
}

fn replayed(replay: Replay) -> ProblemResponse {
    match replay {
        Replay::Seen => ProblemResponse::new(
            401,
            "proof-reused",
            "This call was made before.",
            "Repeat the step in the app; each call needs its own proof.",
        ),
        Replay::Full => {
            ProblemResponse::new(503, "too-many-calls", "Too many calls at once.", "Try again in a minute.")
        }
    }
}

#[cfg(test)]
mod provider_tests;
#[cfg(test)]
mod tests;
