use axum::body::Body;
use axum::http::{Method, Request};
use domain::Role;
use serde_json::Value;
use serve::call::Who;
use serve::{Peer, Service};

use crate::tests::world::{Answer, Human, World};

/// Callers who may make a call and come too late, or with what belongs to something else.
pub(super) const LATE: [&str; 2] = ["gateway-late", "reviewer-mistaken"];

/// How a call is made.
pub(super) enum Caller {
    /// Without a token.
    Nobody,
    /// With a good token and no proof of possession.
    Bearer(Human),
    /// With a good token, and a proof by another Device.
    Thief(Human, Human),
    /// Without the broker's attestation of the second factor.
    NoCode(Human),
    Person(Human),
    Service(Service),
}

pub(super) struct Knocker {
    pub(super) name: &'static str,
    pub(super) is: Vec<Who>,
    pub(super) caller: Caller,
}

/// Services first: what they open has to be opened at the time that stands in it.
pub(super) async fn callers(w: &World) -> Vec<Knocker> {
    const ENROLLED: [Who; 3] = [Who::Anybody, Who::SignedIn, Who::Enrolled];
    const ROLES: [(&str, Role); 4] = [
        ("engineer", Role::Engineer),
        ("approver", Role::Approver),
        ("reviewer", Role::Reviewer),
        ("administrator", Role::Administrator),
    ];
    let every = ROLES.map(|(_, role)| role);
    let enrolled = async |person, roles: &[Role]| {
        let who = w.another(person, roles);
        w.enrol(&w.ben, &who).await;
        who
    };
    let mut all = Vec::new();
    let mut add = |name, is: &[Who], caller| all.push(Knocker { name, is: is.to_vec(), caller });
    for service in [Service::Gateway, Service::Broker, Service::Audit] {
        add(service.name(), &[Who::Anybody, Who::Service(service)], Caller::Service(service));
    }
    let late = Caller::Service(Service::Gateway);
    add(LATE[0], &[Who::Anybody, Who::Service(Service::Gateway)], late);
    add("nobody", &[Who::Anybody], Caller::Nobody);
    add("bearer-only", &[Who::Anybody], Caller::Bearer(enrolled("p-bearer", &every).await));
    let thief = w.another("p-thief", &every);
    add("other-device", &[Who::Anybody], Caller::Thief(enrolled("p-victim", &every).await, thief));
    add("not-enrolled", &ENROLLED[..2], Caller::Person(w.another("p-stranger", &every)));
    add("no-second-factor", &ENROLLED, Caller::NoCode(enrolled("p-no-code", &every).await));
    let admitted = |more: &[Who]| [&ENROLLED[..], &[Who::Admitted], more].concat();
    add("no-role", &admitted(&[]), Caller::Person(enrolled("p-no-role", &[]).await));
    for (name, role) in ROLES {
        let who = enrolled(["p-engineer", "p-approver", "p-reviewer", "p-administrator"][role as usize], &[role]).await;
        add(name, &admitted(&[Who::Role(role)]), Caller::Person(who));
    }
    let late = admitted(&[Who::Role(Role::Reviewer)]);
    add(LATE[1], &late, Caller::Person(enrolled("p-late", &[Role::Reviewer]).await));
    let mara = w.again_now(&w.mara, &[Role::Engineer]);
    add("requester", &admitted(&[Who::Role(Role::Engineer), Who::Requester]), Caller::Person(mara));
    all
}

pub(super) enum Sent {
    Nothing,
    Json(Value),
    Octets(Vec<u8>),
}

impl Caller {
    /// Whoever makes a call with everything that it takes, signed in by the clock.
    pub(super) fn anew(&self, w: &World, is: &[Who]) -> Option<Self> {
        let Self::Person(who) = self else { return None };
        let role = |who: &Who| if let Who::Role(role) = who { Some(*role) } else { None };
        let roles: Vec<Role> = is.iter().filter_map(role).collect();
        Some(Self::Person(w.again_now(who, &roles)))
    }

    /// Whom an answer is shown.
    pub(super) fn viewer(&self) -> &str {
        match self {
            Self::Service(service) => service.name(),
            _ => self.signer().map_or("nobody", |who| who.person),
        }
    }

    pub(super) fn signer(&self) -> Option<&Human> {
        match self {
            Self::Bearer(who) | Self::Thief(who, _) | Self::NoCode(who) | Self::Person(who) => Some(who),
            Self::Nobody | Self::Service(_) => None,
        }
    }
}

pub(super) async fn knock(w: &World, how: &Caller, verb: &str, path: &str, sent: &Sent) -> Answer {
    let method: Method = verb.parse().expect("a method");
    let service = match how {
        Caller::Service(service) => Some(*service),
        _ => None,
    };
    let peer = Peer { service, address: "127.0.0.1:1".parse().expect("address") };
    let mut request = Request::builder().method(method.clone()).uri(path).extension(peer);
    let proof_of = |who: &Human| w.proof(who, &method, path);
    let token_of = |who: &Human| format!("DPoP {}", who.token);
    match how {
        Caller::Nobody | Caller::Service(_) => {}
        Caller::Bearer(who) => {
            request =
                request.header("authorization", format!("Bearer {}", who.token)).header(wire::MFA_HEADER, &who.mfa);
        }
        Caller::Thief(victim, thief) => {
            request = request.header("authorization", token_of(victim)).header("dpop", proof_of(thief));
            request = request.header(wire::MFA_HEADER, &victim.mfa);
        }
        Caller::NoCode(who) => {
            request = request.header("authorization", token_of(who)).header("dpop", proof_of(who));
        }
        Caller::Person(who) => {
            request = request.header("authorization", token_of(who)).header("dpop", proof_of(who));
            request = request.header(wire::MFA_HEADER, &who.mfa);
        }
    }
    let body = match sent {
        Sent::Nothing => Body::empty(),
        Sent::Octets(bytes) => Body::from(bytes.clone()),
        Sent::Json(body) => {
            request = request.header("content-type", "application/json");
            Body::from(body.to_string())
        }
    };
    w.call(request.body(body).expect("request")).await
}
