//! What a call has shown, as types: each route takes the one that it needs, and none can be made but by the checks here.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serve::{Caller, Denied, Peer, ProblemResponse, Service, refused};
use statement::{Identity, Refusal};
use wire::event::{Append, EventKind};

use crate::attest::SIGN_IN_SECONDS;
use crate::broker::{Broker, by};
use crate::problems::{self, Answer};
use crate::pushes::Signal;
use crate::store::{Chain, Seen};

/// Devices of one person that may wait for enrolment at one time.
const WAITING_DEVICES: i64 = 5;

/// Somebody whom the provider vouches for, with the Device key in hand. Their sign-in stands in the log.
pub(crate) struct Known {
    pub(crate) caller: Caller,
    /// The chain of the Device's enrolment, when it is enrolled.
    pub(crate) chain: Option<Chain>,
}

/// Known, on an enrolled Device.
pub(crate) struct Enrolled {
    pub(crate) caller: Caller,
}

/// Enrolled, and this sign-in passed the second factor that the person has now, at most 8 h ago.
pub(crate) struct Admitted {
    pub(crate) caller: Caller,
}

/// The gateway, over mutual TLS.
pub(crate) struct Gateway(());

impl Admitted {
    pub(crate) fn identity(&self) -> &Identity {
        &self.caller.identity
    }
}

impl FromRequestParts<Arc<Broker>> for Known {
    type Rejection = ProblemResponse;

    async fn from_request_parts(parts: &mut Parts, broker: &Arc<Broker>) -> Answer<Self> {
        let caller = match broker.authenticator.authenticate_call(parts).await {
            Ok(caller) => caller,
            Err(denied) => return Err(turned_away(broker, denied).await),
        };
        let chain = match broker.enrolment(&caller.identity).await {
            Ok(chain) => chain,
            Err(problem) => {
                return Err(broker.refuse(EventKind::CallRefused, Some(&caller.identity), None, problem).await);
            }
        };
        if broker.is_revoked(&caller.identity).await? {
            let problem = problems::revoked();
            return Err(broker.refuse(EventKind::CallRefused, Some(&caller.identity), None, problem).await);
        }
        if broker.store.knows_token(&caller.identity.kid).await? {
            return Ok(Self { caller, chain });
        }
        let chain = first_call(broker, &caller).await?;
        Ok(Self { caller, chain })
    }
}

impl FromRequestParts<Arc<Broker>> for Enrolled {
    type Rejection = ProblemResponse;

    async fn from_request_parts(parts: &mut Parts, broker: &Arc<Broker>) -> Answer<Self> {
        let Known { caller, chain } = Known::from_request_parts(parts, broker).await?;
        if chain.is_none() {
            let problem = refused(&Refusal::NotEnrolled);
            return Err(broker.refuse(EventKind::CallRefused, Some(&caller.identity), None, problem).await);
        }
        Ok(Self { caller })
    }
}

impl FromRequestParts<Arc<Broker>> for Admitted {
    type Rejection = ProblemResponse;

    async fn from_request_parts(parts: &mut Parts, broker: &Arc<Broker>) -> Answer<Self> {
        let Enrolled { caller } = Enrolled::from_request_parts(parts, broker).await?;
        let attested = broker.store.sign_in_attestation(&caller.identity.kid, broker.now()).await?;
        // What an earlier factor passed ended with it.
        let factor = broker.store.factor(&caller.identity.person).await?;
        let since = factor.and_then(|factor| factor.confirmed_at);
        let passed = |at| since.is_some_and(|since| at >= since) && broker.now() < at + SIGN_IN_SECONDS;
        if !attested.is_some_and(|(_, at)| passed(at)) {
            let problem = problems::sign_in_code_needed();
            return Err(broker.refuse(EventKind::CallRefused, Some(&caller.identity), None, problem).await);
        }
        Ok(Self { caller })
    }
}

impl FromRequestParts<Arc<Broker>> for Gateway {
    type Rejection = ProblemResponse;

    async fn from_request_parts(parts: &mut Parts, broker: &Arc<Broker>) -> Answer<Self> {
        match parts.extensions.get::<Peer>() {
            Some(Peer { service: Some(Service::Gateway), .. }) => Ok(Self(())),
            _ => Err(broker.refuse(EventKind::CallRefused, None, None, problems::gateway_only()).await),
        }
    }
}

/// A token that is not good is a refused sign-in; a good one with a bad proof is a refused call.
async fn turned_away(broker: &Broker, denied: Denied) -> ProblemResponse {
    let kind = if denied.identity.is_some() { EventKind::CallRefused } else { EventKind::SignInRefused };
    broker.refuse(kind, denied.identity.as_deref(), None, denied.problem).await
}

/// Remembers a sign-in, and its Device as one that waits unless it is enrolled; the chain of its enrolment.
async fn first_call(broker: &Broker, caller: &Caller) -> Answer<Option<Chain>> {
    let who = &caller.identity;
    let _turn = broker.turn(EventKind::SignInRefused, Some(who)).await?;
    let chain = broker.enrolment(who).await?;
    if broker.store.knows_token(&who.kid).await? {
        return Ok(chain);
    }
    let waits = chain.is_none();
    if waits && broker.store.waiting_devices(who, broker.now() - SIGN_IN_SECONDS).await? >= WAITING_DEVICES {
        return Err(broker.refuse(EventKind::SignInRefused, Some(who), None, problems::too_many_devices()).await);
    }
    let mut append = by(Append::new(EventKind::SignedIn), who).fact("token", who.kid.as_str());
    append.unique = Some(format!("sign-in/{}", who.kid));
    let logged = broker.log(append).await?;
    let seen = Seen { identity: who, compact: &caller.pk_token, waits, now: broker.now() };
    broker.store.add_token(&logged, &seen).await?;
    if waits {
        broker.pushes.send(Signal::Enrolment { person: who.person.clone() });
    }
    Ok(chain)
}
