use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::on;
use domain::Organization;
use domain::Role::{Administrator, Approver, Engineer, Reviewer};
use serve::Service::Gateway;
use serve::call::Leaves::{Each, Hourly};
use serve::call::Who::{Admitted, Enrolled, Requester, Role, Service, SignedIn};
use serve::call::{Answers, Body, Shape, Verb};
use statement::{Adopt, BreakGlass, Decision, Enrol, Forget, Request, ResetFactor, Revoke, Withdraw};
use wire::break_glass::{NewPermission, PermissionList};
use wire::broker::{
    Attestation, Code, Confirmed, DeviceView, LeaseRequest, Leases, LocalRefusal, Materials, Me, NewDecision,
    NewEnrolment, NewReset, NewRevocation, OldCode, OwnDevice, PendingEnrolment, Push, RecoveryCodes, Replacement,
    RequestView, SecondFactorStart, SessionChange, SignedStatement, WhichRequests,
};
use wire::event::EventKind as K;
use wire::forgetting::{ForgettingList, NewForgetting};
use wire::policies::{NewPolicy, PolicyList};

use crate::broker::Broker;
use crate::noting::note;

mod break_glass;
mod codes;
mod decisions;
mod enrolments;
mod factors;
mod forgettings;
mod materials;
mod me;
mod named;
mod policies;
mod refusals;
pub(crate) mod requests;
mod resets;
mod revocations;
mod sessions;
mod stream;
mod withdraw;

/// A policy has at most 128 KiB of text, more in JSON.
const POLICY_LIMIT: usize = 512 * 1024;

/// One call of the API.
pub(crate) type Call = serve::call::Call<Answers<Arc<Broker>>>;

const fn get(path: &'static str, summary: &'static str, answer: Answers<Arc<Broker>>) -> Call {
    Call::new(Verb::Get, path, summary, answer)
}

const fn post(path: &'static str, summary: &'static str, answer: Answers<Arc<Broker>>) -> Call {
    Call::new(Verb::Post, path, summary, answer)
}

/// The broker's API, as `wire::broker` lists it. There is no other way to a handler than this table, and a test walks
/// it with everybody who could knock.
pub(crate) static CALLS: [Call; 29] = [
    get("/v1/me", "Who the caller is here; a Device's first call makes it wait for enrolment.", |v| on(v, me::me))
        .by(&[SignedIn])
        .gives::<Me>()
        .leaves(Hourly(K::Viewed)),
    post("/v1/second-factor", "Begins a second factor, while none is confirmed.", |v| on(v, factors::begin))
        .by(&[Enrolled])
        .gives::<SecondFactorStart>()
        .leaves(Each(&[K::SecondFactorBegun]))
        .refused(K::SecondFactorRefused),
    post("/v1/second-factor/replace", "Begins one in the place of a confirmed one.", |v| on(v, factors::replace))
        .by(&[Enrolled])
        .takes::<Replacement>()
        .gives::<SecondFactorStart>()
        .leaves(Each(&[K::SecondFactorPassed, K::RecoveryCodeUsed]))
        .refused(K::SecondFactorRefused),
    post("/v1/second-factor/confirm", "Confirms it with its first code.", |v| on(v, factors::confirm))
        .by(&[Enrolled])
        .takes::<Code>()
        .gives::<Confirmed>()
        .leaves(Each(&[K::SecondFactorEnrolled, K::SecondFactorReplaced]))
        .refused(K::SecondFactorRefused),
    post("/v1/recovery-codes", "Makes recovery codes in the place of those of before.", |v| on(v, factors::make_codes))
        .by(&[Enrolled])
        .takes::<OldCode>()
        .gives::<RecoveryCodes>()
        .leaves(Each(&[K::RecoveryCodesMade]))
        .refused(K::SecondFactorRefused),
    post("/v1/factor-resets", "Voids somebody's second factor, so that they set up another.", |v| on(v, resets::reset))
        .by(&[Role(Administrator)])
        .takes::<NewReset>()
        .signed::<ResetFactor>()
        .leaves(Each(&[K::SecondFactorReset]))
        .refused(K::SecondFactorRefused),
    post("/v1/codes", "Takes a code for the sign-in or for one statement.", |v| on(v, codes::take))
        .by(&[Enrolled])
        .takes::<Code>()
        .gives::<Attestation>()
        .leaves(Each(&[K::SecondFactorPassed]))
        .refused(K::SecondFactorRefused),
    get("/v1/enrolments", "Devices that wait for enrolment.", |v| on(v, enrolments::list))
        .by(&[Role(Administrator)])
        .gives::<Vec<PendingEnrolment>>()
        .leaves(Hourly(K::Viewed)),
    post("/v1/enrolments", "Enrols a Device.", |v| on(v, enrolments::enrol))
        .by(&[Role(Administrator)])
        .takes::<NewEnrolment>()
        .signed::<Enrol>()
        .leaves(Each(&[K::Enrolled]))
        .refused(K::EnrolmentRefused),
    get("/v1/organizations", "The Organizations that access can be asked for.", |v| on(v, requests::organizations))
        .by(&[Admitted])
        .gives::<Vec<Organization>>()
        .leaves(Hourly(K::Viewed)),
    get(
        "/v1/requests",
        "Access Requests of one's own, for an approver, or decided by the caller; newest first.",
        |v| on(v, requests::list),
    )
    .by(&[Admitted])
    .asks::<WhichRequests>()
    .gives::<Vec<RequestView>>()
    .leaves(Hourly(K::Viewed)),
    post("/v1/requests", "Asks for access.", |v| on(v, requests::ask))
        .by(&[Role(Engineer)])
        .takes::<SignedStatement>()
        .signed::<Request>()
        .gives::<RequestView>()
        .leaves(Each(&[K::RequestSigned]))
        .refused(K::RequestRefused),
    get("/v1/requests/{digest}", "One Access Request.", |v| on(v, requests::one))
        .by(&[Requester, Role(Approver), Role(Reviewer)])
        .gives::<RequestView>()
        .leaves(Hourly(K::Viewed)),
    post("/v1/requests/{digest}/decisions", "Countersigns or denies.", |v| on(v, decisions::decide))
        .by(&[Role(Approver)])
        .takes::<NewDecision>()
        .signed::<Decision>()
        .gives::<RequestView>()
        .leaves(Each(&[K::Approved, K::Denied]))
        .refused(K::DecisionRefused),
    post("/v1/requests/{digest}/withdraw", "Takes a request back.", |v| on(v, withdraw::withdraw))
        .by(&[Requester])
        .takes::<SignedStatement>()
        .signed::<Withdraw>()
        .gives::<RequestView>()
        .leaves(Each(&[K::RequestWithdrawn]))
        .refused(K::RequestRefused),
    get("/v1/requests/{digest}/materials", "What the bundle of an approved request needs.", |v| {
        on(v, materials::materials)
    })
    .by(&[Requester])
    .gives::<Materials>()
    .leaves(Hourly(K::Viewed)),
    post("/v1/revocations", "Takes a Grant, a Device or a person's Devices out.", |v| on(v, revocations::revoke))
        .by(&[Role(Approver), Role(Reviewer), Role(Administrator)])
        .takes::<NewRevocation>()
        .signed::<Revoke>()
        .leaves(Each(&[K::Revoked])),
    get("/v1/devices", "Devices that somebody enrolled.", |v| on(v, revocations::devices))
        .by(&[Role(Administrator)])
        .gives::<Vec<DeviceView>>()
        .leaves(Hourly(K::Viewed)),
    get("/v1/me/devices", "The caller's own Devices that somebody enrolled.", |v| on(v, me::devices))
        .by(&[Admitted])
        .gives::<Vec<OwnDevice>>()
        .leaves(Hourly(K::Viewed)),
    get("/v1/policies", "The policies that followed the pinned one, and what is proposed.", |v| on(v, policies::list))
        .by(&[Admitted])
        .gives::<PolicyList>()
        .leaves(Hourly(K::Viewed)),
    post("/v1/policies", "Signs for a policy: the first administrator proposes it, another one adopts it.", |v| {
        on(v, policies::sign).layer(DefaultBodyLimit::max(POLICY_LIMIT))
    })
    .by(&[Role(Administrator)])
    .takes::<NewPolicy>()
    .signed::<Adopt>()
    .gives::<PolicyList>()
    .leaves(Each(&[K::PolicyProposed, K::PolicyAdopted]))
    .refused(K::PolicyRefused),
    get("/v1/break-glass", "What administrators signed in advance, and what is proposed.", |v| {
        on(v, break_glass::list)
    })
    .by(&[Admitted])
    .gives::<PermissionList>()
    .leaves(Hourly(K::Viewed)),
    post("/v1/break-glass", "Signs in advance: the first administrator proposes, another one signs the same.", |v| {
        on(v, break_glass::sign)
    })
    .by(&[Role(Administrator)])
    .takes::<NewPermission>()
    .signed::<BreakGlass>()
    .gives::<PermissionList>()
    .leaves(Each(&[K::BreakGlassProposed, K::BreakGlassFiled]))
    .refused(K::BreakGlassRefused),
    get("/v1/forgettings", "The Organizations that were forgotten, and what is proposed.", |v| {
        on(v, forgettings::list)
    })
    .by(&[Admitted])
    .gives::<ForgettingList>()
    .leaves(Hourly(K::Viewed)),
    post(
        "/v1/forgettings",
        "Has an Organization forgotten: the first administrator proposes, another one signs the same.",
        |v| on(v, forgettings::sign),
    )
    .by(&[Role(Administrator)])
    .takes::<NewForgetting>()
    .signed::<Forget>()
    .gives::<ForgettingList>()
    .leaves(Each(&[K::ForgettingProposed, K::OrganizationForgotten]))
    .refused(K::ForgettingRefused),
    post("/v1/refusals", "Reports what the desktop refused by itself.", |v| on(v, refusals::report))
        .by(&[SignedIn])
        .takes::<LocalRefusal>()
        .leaves(Each(&[K::RefusedOnDesktop])),
    get("/v1/stream", "Says when there is something to fetch again.", |v| on(v, stream::stream))
        .by(&[SignedIn])
        .gives_as(Body::Stream(Shape::of::<Push>()))
        .leaves(Hourly(K::Viewed)),
    post("/v1/leases", "Lets live Sessions live another 15 s.", |v| on(v, sessions::leases))
        .by(&[Service(Gateway)])
        .takes::<LeaseRequest>()
        .gives::<Leases>()
        .leaves(Hourly(K::Viewed)),
    post("/v1/session-changes", "Tells what became of a Grant.", |v| on(v, sessions::changes))
        .by(&[Service(Gateway)])
        .takes::<SessionChange>()
        .leaves(Each(&[K::GrantChanged])),
];

/// Every call of [`CALLS`], and an answer for what is none.
pub(crate) fn router(broker: Arc<Broker>) -> Router {
    serve::call::router(&CALLS).layer(from_fn_with_state(broker.clone(), note)).with_state(broker)
}
