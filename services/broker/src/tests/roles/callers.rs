use domain::Role;
use serde_json::{Value, json};
use serve::call::{Body as ShownAs, Who};
use serve::{Peer, Service};

use crate::routes::Call;
use crate::tests::world::{Account, World, read};

/// Somebody who knocks.
pub(super) struct Knocker {
    pub(super) name: &'static str,
    pub(super) is: Vec<Who>,
    pub(super) caller: Caller,
}

/// How a call is made.
pub(super) enum Caller {
    /// Without a token.
    Nobody,
    /// With a good token and no proof of possession.
    Bearer(Account),
    /// With a good token, and a proof by another Device.
    Thief(Account, Account),
    Person(Account),
    Service(Service),
}

impl Caller {
    /// Whose signature stands under what the call carries.
    pub(super) fn signer(&self) -> Option<&Account> {
        match self {
            Self::Bearer(who) | Self::Thief(who, _) | Self::Person(who) => Some(who),
            Self::Nobody | Self::Service(_) => None,
        }
    }

    /// Whom an answer is shown.
    pub(super) fn viewer(&self) -> &str {
        match self {
            Self::Service(service) => service.name(),
            _ => self.signer().map_or("nobody", |who| &who.person),
        }
    }

    /// Another sign-in, for whoever replaces a lost factor.
    pub(super) fn sign_in_anew(&mut self, w: &World) {
        if let Self::Person(who) = self {
            w.sign_in_anew(who);
        }
    }

    /// The seed of what takes the place of another second factor.
    pub(super) fn learn_other(&mut self, start: &Value) {
        if let Self::Person(who) = self {
            who.seed = start["secret"].as_str().map(str::to_owned);
        }
    }

    /// The seed of a second factor, for the one who sets it up. Whoever is to be without one stays so.
    pub(super) fn learn(&mut self, start: &Value) {
        if let Self::Person(who) = self
            && who.roles.is_empty()
        {
            who.seed = start["secret"].as_str().map(str::to_owned);
        }
    }
}

/// Another Device of somebody, signed in with the second factor that they have.
async fn at_another_computer(w: &World, who: &Account) -> Account {
    let mut again = w.stranger(&who.person, &who.subject, &who.roles);
    w.enrol(&again).await;
    again.seed = who.seed.clone();
    let code = json!({"code": w.next_code(&again), "purpose": "sign-in", "statement": null});
    assert_eq!(w.post(&again, "/v1/codes", code).await.0, 200);
    again
}

pub(super) async fn callers(w: &World, mara: &Account) -> Vec<Knocker> {
    const ROLES: [(&str, Role); 4] = [
        ("engineer", Role::Engineer),
        ("approver", Role::Approver),
        ("reviewer", Role::Reviewer),
        ("administrator", Role::Administrator),
    ];
    const ENROLLED: [Who; 3] = [Who::Anybody, Who::SignedIn, Who::Enrolled];
    let roles = ROLES.map(|(name, _)| name);
    let known = w.admitted("e-501", &roles).await;
    let mut no_code = w.stranger("e-504", "e-504", &roles);
    w.enrol(&no_code).await;
    no_code.seed = None;
    let setting_up = w.stranger("e-507", "e-507", &[]);
    w.enrol(&setting_up).await;
    let stolen = Caller::Thief(w.admitted("e-502", &roles).await, w.stranger("e-503", "e-503", &roles));
    let mut all = Vec::new();
    let mut add = |name, more: &[Who], caller| {
        let is = if more.is_empty() { vec![Who::Anybody] } else { more.to_vec() };
        all.push(Knocker { name, is, caller });
    };
    add("nobody", &[], Caller::Nobody);
    add("bearer-only", &[], Caller::Bearer(known));
    add("other-device", &[], stolen);
    add("not-enrolled", &ENROLLED[..2], Caller::Person(w.stranger("e-505", "e-505", &roles)));
    add("no-second-factor", &ENROLLED, Caller::Person(no_code));
    let admitted = |more: &[Who]| [&ENROLLED[..], &[Who::Admitted], more].concat();
    add("sets-one-up", &admitted(&[]), Caller::Person(setting_up));
    add("no-role", &admitted(&[]), Caller::Person(w.admitted("e-506", &[]).await));
    for (name, role) in ROLES {
        let who = w.admitted(&format!("e-{name}"), &[name]).await;
        add(name, &admitted(&[Who::Role(role)]), Caller::Person(who));
    }
    let every = admitted(&ROLES.map(|(_, role)| Who::Role(role)));
    add("every-role", &every, Caller::Person(w.admitted("e-508", &roles).await));
    let requester = admitted(&[Who::Role(Role::Engineer), Who::Requester]);
    add("requester", &requester, Caller::Person(at_another_computer(w, mara).await));
    for service in [Service::Gateway, Service::Audit, Service::Broker] {
        add(service.name(), &[Who::Anybody, Who::Service(service)], Caller::Service(service));
    }
    all
}

/// Status, media type and answer; nothing of an answer that is a stream.
pub(super) async fn knock(
    w: &World,
    caller: &Caller,
    call: &Call,
    path: &str,
    body: Option<&Value>,
) -> (u16, String, Value) {
    let (verb, body) = (call.verb.word(), body.cloned());
    let mut request = match caller {
        Caller::Person(who) | Caller::Bearer(who) => w.prepared(who, verb, path, body),
        Caller::Thief(victim, thief) => {
            let with_theirs = w.prepared(thief, verb, path, body);
            let token = format!("DPoP {}", victim.token).parse().expect("header");
            let mut request = with_theirs;
            request.headers_mut().insert("authorization", token);
            request
        }
        Caller::Nobody | Caller::Service(_) => {
            let mut request = w.prepared(&w.ben, verb, path, body);
            request.headers_mut().remove("authorization");
            request.headers_mut().remove("dpop");
            request
        }
    };
    if let Caller::Bearer(who) = caller {
        let bearer = format!("Bearer {}", who.token).parse().expect("header");
        request.headers_mut().insert("authorization", bearer);
    }
    let service = match caller {
        Caller::Service(service) => Some(*service),
        _ => None,
    };
    request.extensions_mut().insert(Peer { service, address: "127.0.0.1:50000".parse().expect("address") });
    let answer = w.send(request).await;
    let status = answer.status().as_u16();
    let media = answer.headers().get("content-type").map_or("", |value| value.to_str().expect("text")).to_owned();
    if status < 400 && matches!(call.gives, ShownAs::Stream(_)) {
        return (status, media, Value::Null);
    }
    let (status, value) = read(answer).await;
    (status, media, value)
}
