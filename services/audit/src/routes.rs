//! The API, as `wire::audit` lists it. One file a group of calls.

mod break_glass;
mod events;
mod evidence;
mod forgettings;
pub(crate) mod lists;
mod log;
mod policies;
mod recordings;
mod resets;
mod reveals;
mod reviews;
mod revoked;
mod segments;
mod sessions;
mod watches;
mod witnesses;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::on;
use domain::Role::{Approver, Reviewer};
use serve::Service::{Broker, Gateway};
use serve::call::Leaves::{Each, Given, Hourly};
use serve::call::Who::{Admitted, Anybody, Requester, Role, Service, SignedIn};
use serve::call::{Answers, Body, Verb, Who};
use statement::{Adoption, BreakGlassPermission, Forgetting, Reveal, Review, WitnessKey};
use wire::audit::{
    Acknowledged, Consistency, ConsistencyOf, EndRecording, Events, ExportSessions, ExportedSessions, ExtendRecording,
    Frames, Inclusion, InclusionOf, NewCosignature, OpenRecording, OwnRevocation, PeriodEvidence, ProviderKeySets,
    RecordingState, SessionCount, SessionDetail, Sessions, TakenGrant, Time, WhichEvents, WhichFrames, WhichSessions,
    Witnesses,
};
use wire::break_glass::{LoggedPermissions, Notices};
use wire::broker::SignedStatement;
use wire::event::{Append, EventKind as K, Receipt};
use wire::forgetting::LoggedForgettings;
use wire::policies::LoggedPolicies;
use wire::revealing::{NewReveal, RevealList, RevealedMarks};
use wire::watching::{OpenNow, Part, Watched, WhichPart};

use crate::audit::Audit;
use crate::trace::note;

/// A bundle is many statements and tokens.
const BUNDLE_LIMIT: usize = 1024 * 1024;
/// A sealed batch of frames.
const BATCH_LIMIT: usize = 64 * 1024 * 1024;

/// One call of the API.
pub(crate) type Call = serve::call::Call<Answers<Arc<Audit>>>;

const fn get(path: &'static str, summary: &'static str, answer: Answers<Arc<Audit>>) -> Call {
    Call::new(Verb::Get, path, summary, answer)
}

const fn post(path: &'static str, summary: &'static str, answer: Answers<Arc<Audit>>) -> Call {
    Call::new(Verb::Post, path, summary, answer)
}

const PEOPLE_AND_SERVICES: &[Who] = &[Admitted, Service(Broker), Service(Gateway), Service(serve::Service::Audit)];

/// The audit service's API. There is no other way to a handler than this table, and a test walks it with everybody who
/// could knock.
pub(crate) static CALLS: [Call; 40] = [
    get("/v1/time", "The audit service's clock.", |v| on(v, log::time)).by(&[Anybody]).gives::<Time>(),
    get("/checkpoint", "The signed head of the log (C2SP tlog-checkpoint).", |v| on(v, log::checkpoint))
        .by(&[Anybody])
        .gives_as(Body::Text),
    get("/tile/{*path}", "A tile of the log's hashes or entries (C2SP tlog-tiles).", |v| on(v, log::tile))
        .by(PEOPLE_AND_SERVICES)
        .gives_as(Body::Octets)
        .leaves(Hourly(K::Viewed)),
    get("/v1/inclusion", "The proof that an entry stands in the log, and the entry.", |v| on(v, log::inclusion))
        .by(PEOPLE_AND_SERVICES)
        .asks::<InclusionOf>()
        .gives::<Inclusion>()
        .leaves(Hourly(K::Viewed)),
    get("/v1/consistency", "The proof that one head is the beginning of another.", |v| on(v, log::consistency))
        .by(&[Anybody])
        .asks::<ConsistencyOf>()
        .gives::<Consistency>(),
    get("/v1/provider-keys", "The key sets of the identity provider that the log saw.", |v| on(v, log::provider_keys))
        .by(&[Anybody])
        .gives::<ProviderKeySets>(),
    get("/v1/me/revocation", "Whether the Device that calls was revoked, with what proves it.", |v| {
        on(v, revoked::own)
    })
    .by(&[SignedIn])
    .gives::<OwnRevocation>()
    .leaves(Hourly(K::Viewed)),
    get("/v1/policies", "The policies that followed the pinned one, with what proves them.", |v| on(v, policies::list))
        .by(PEOPLE_AND_SERVICES)
        .gives::<LoggedPolicies>()
        .leaves(Hourly(K::Viewed)),
    post("/v1/policies", "Puts a policy in force that two administrators adopted.", |v| {
        on(v, policies::adopt).layer(limit(BUNDLE_LIMIT))
    })
    .by(&[Service(Broker)])
    .takes::<Adoption>()
    .gives::<Receipt>()
    .leaves(Each(&[K::PolicyAdopted])),
    get("/v1/break-glass", "What administrators signed in advance, with what proves it.", |v| on(v, break_glass::list))
        .by(&[Service(Broker)])
        .gives::<LoggedPermissions>()
        .leaves(Hourly(K::Viewed)),
    post("/v1/break-glass", "Files what two administrators signed in advance.", |v| {
        on(v, break_glass::permit).layer(limit(BUNDLE_LIMIT))
    })
    .by(&[Service(Broker)])
    .takes::<BreakGlassPermission>()
    .gives::<Receipt>()
    .leaves(Each(&[K::BreakGlassFiled])),
    get("/v1/forgettings", "The Organizations that were forgotten, with what proves it.", |v| on(v, forgettings::list))
        .by(PEOPLE_AND_SERVICES)
        .gives::<LoggedForgettings>()
        .leaves(Hourly(K::Viewed)),
    post("/v1/forgettings", "Destroys the key of an Organization, as two administrators signed.", |v| {
        on(v, forgettings::forget).layer(limit(BUNDLE_LIMIT))
    })
    .by(&[Service(Broker)])
    .takes::<Forgetting>()
    .gives::<Receipt>()
    .leaves(Each(&[K::OrganizationForgotten])),
    get("/v1/notices", "What this service tells the caller: Sessions that were opened by break-glass.", |v| {
        on(v, break_glass::notices)
    })
    .by(&[Admitted])
    .gives::<Notices>()
    .leaves(Hourly(K::Viewed)),
    get("/v1/duties", "Sessions that were opened by break-glass and wait for a Review.", |v| {
        on(v, break_glass::duties)
    })
    .by(&[Role(Reviewer)])
    .gives::<Sessions>()
    .leaves(Hourly(K::Viewed)),
    post("/v1/events", "Writes an Event down.", |v| on(v, events::append).layer(limit(BUNDLE_LIMIT)))
        .by(&[Service(Broker), Service(Gateway)])
        .takes::<Append>()
        .gives::<Receipt>()
        .leaves(Given),
    get("/v1/events", "The log, newest first, with the personal fields that are still readable.", |v| {
        on(v, events::list)
    })
    .by(&[Role(Reviewer)])
    .asks::<WhichEvents>()
    .gives::<Events>()
    .leaves(Hourly(K::Viewed)),
    post(
        "/v1/recordings",
        "Takes a Grant and opens its Recording; the same receipt for the very same call again.",
        |v| on(v, recordings::open).layer(limit(BUNDLE_LIMIT)),
    )
    .by(&[Service(Gateway)])
    .takes::<OpenRecording>()
    .gives::<Receipt>()
    .leaves(Each(&[K::SessionOpened]))
    .refused(K::SessionRefused),
    get("/v1/recordings/{session}", "How far a Recording has come.", |v| on(v, recordings::state))
        .by(&[Service(Gateway)])
        .gives::<RecordingState>()
        .leaves(Hourly(K::Viewed)),
    get("/v1/grants/{request}", "The Recording that a Grant opened.", |v| on(v, recordings::of_grant))
        .by(&[Service(Gateway)])
        .gives::<TakenGrant>()
        .leaves(Hourly(K::Viewed)),
    post("/v1/recordings/{session}/batches/{number}", "Takes a sealed batch of frames.", |v| {
        on(v, recordings::batch).layer(limit(BATCH_LIMIT))
    })
    .by(&[Service(Gateway)])
    .takes_octets()
    .gives::<Acknowledged>()
    .leaves(Hourly(K::RecordingGrows)),
    post(
        "/v1/recordings/{session}/extensions",
        "Takes a Grant and moves the end of an open Session; the same receipt for the same bundle again.",
        |v| on(v, recordings::extend).layer(limit(BUNDLE_LIMIT)),
    )
    .by(&[Service(Gateway)])
    .takes::<ExtendRecording>()
    .gives::<Receipt>()
    .leaves(Each(&[K::SessionExtended]))
    .refused(K::SessionRefused),
    post("/v1/recordings/{session}/end", "Seals a Recording.", |v| on(v, recordings::end))
        .by(&[Service(Gateway)])
        .takes::<EndRecording>()
        .gives::<Receipt>()
        .leaves(Each(&[K::RecordingSealed])),
    get("/v1/sessions", "Sessions of a list: all of them for reviewers, their own for others.", |v| on(v, lists::list))
        .by(&[Admitted])
        .asks::<WhichSessions>()
        .gives::<Sessions>()
        .leaves(Hourly(K::Viewed)),
    get("/v1/sessions/count", "How many Sessions there are of a list.", |v| on(v, lists::count))
        .by(&[Admitted])
        .asks::<WhichSessions>()
        .gives::<SessionCount>()
        .leaves(Hourly(K::Viewed)),
    post("/v1/sessions/export", "A page of a list of Sessions that is taken away.", |v| on(v, lists::export))
        .by(&[Role(Reviewer)])
        .takes::<ExportSessions>()
        .gives::<ExportedSessions>()
        .leaves(Each(&[K::SessionsExported])),
    get("/v1/sessions/{session}", "One Session with its proof.", |v| on(v, sessions::one))
        .by(&[Requester, Role(Reviewer)])
        .gives::<SessionDetail>()
        .leaves(Hourly(K::Viewed)),
    get("/v1/sessions/{session}/frames", "Frames of a Recording.", |v| on(v, sessions::frames))
        .by(&[Role(Reviewer)])
        .asks::<WhichFrames>()
        .gives::<Frames>()
        .leaves(Each(&[K::SessionViewed])),
    get(
        "/v1/sessions/{session}/segments/{number}",
        "The exact JSON lines of one segment of a sealed Recording.",
        |v| on(v, segments::lines),
    )
    .by(&[Role(Reviewer)])
    .gives_as(Body::Octets)
    .leaves(Each(&[K::SessionViewed])),
    post("/v1/sessions/{session}/watches", "Begins to watch a Session that runs.", |v| on(v, watches::begin))
        .by(&[Role(Reviewer)])
        .gives::<Receipt>()
        .leaves(Each(&[K::SessionWatched])),
    get("/v1/sessions/{session}/watches/{watch}", "What came of a Session that the caller watches.", |v| {
        on(v, watches::part)
    })
    .by(&[Role(Reviewer)])
    .asks::<WhichPart>()
    .gives::<Part>()
    .leaves(Hourly(K::Viewed)),
    post("/v1/watched", "Who watches the Sessions that the gateway has open.", |v| on(v, watches::tell))
        .by(&[Service(Gateway)])
        .takes::<OpenNow>()
        .gives::<Watched>()
        .leaves(Hourly(K::Viewed)),
    post("/v1/sessions/{session}/reviews", "Takes a Review of somebody who signed neither side.", |v| {
        on(v, reviews::review)
    })
    .by(&[Role(Reviewer)])
    .takes::<SignedStatement>()
    .signed::<Review>()
    .gives::<Receipt>()
    .leaves(Each(&[K::ReviewSigned]))
    .refused(K::ReviewRefused),
    get("/v1/reveals", "Marks that somebody asked to have opened in the last day.", |v| on(v, reveals::list))
        .by(&[Role(Reviewer), Role(Approver)])
        .gives::<RevealList>()
        .leaves(Hourly(K::Viewed)),
    post("/v1/reveals", "Signs that marks are opened: a reviewer proposes it, a second person signs the same.", |v| {
        on(v, reveals::sign)
    })
    .by(&[Role(Reviewer), Role(Approver)])
    .takes::<NewReveal>()
    .signed::<Reveal>()
    .gives::<Receipt>()
    .leaves(Each(&[K::RevealProposed, K::MarksRevealed]))
    .refused(K::RevealRefused),
    get("/v1/reveals/{reveal}", "What the marks stand for, to whoever proposed it, for a quarter of an hour.", |v| {
        on(v, reveals::read)
    })
    .by(&[Role(Reviewer)])
    .gives::<RevealedMarks>()
    .leaves(Each(&[K::MarksRead])),
    post("/v1/sessions/{session}/evidence", "Makes the Evidence file of a Session.", |v| on(v, evidence::make))
        .by(&[Role(Reviewer)])
        .gives_as(Body::Octets)
        .leaves(Each(&[K::EvidenceMade])),
    post("/v1/evidence", "Makes the Evidence file of an Organization and a period.", |v| on(v, evidence::make_period))
        .by(&[Role(Reviewer)])
        .takes::<PeriodEvidence>()
        .gives_as(Body::Octets)
        .leaves(Each(&[K::EvidenceMade])),
    post("/v1/cosignatures", "Takes the cosignature of a Device that verified the log's head.", |v| {
        on(v, witnesses::cosign)
    })
    .by(&[Admitted])
    .takes::<NewCosignature>()
    .signed::<WitnessKey>()
    .gives::<Witnesses>()
    .leaves(Hourly(K::Viewed)),
    get("/v1/witnesses", "What each witness saw last.", |v| on(v, witnesses::list))
        .by(&[Admitted])
        .gives::<Witnesses>()
        .leaves(Hourly(K::Viewed)),
];

fn limit(bytes: usize) -> DefaultBodyLimit {
    DefaultBodyLimit::max(bytes)
}

/// Every call of [`CALLS`], and an answer for what is none.
pub(crate) fn router(audit: Arc<Audit>) -> Router {
    serve::call::router(&CALLS).layer(from_fn_with_state(audit.clone(), note)).with_state(audit)
}

/// An id in the address; anything else names no Session.
pub(crate) fn session_id(text: &str) -> Result<domain::SessionId, serve::ProblemResponse> {
    text.parse().map_err(|_| crate::problem::no_session())
}
