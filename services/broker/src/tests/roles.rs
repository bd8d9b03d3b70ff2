//! Everybody who could knock, at every call of the table that makes the router.

use std::collections::BTreeMap;
use std::path::Path;

use domain::{Digest, Role};
use serde_json::{Value, json};
use serve::call::{Body as ShownAs, Verb, Who};
use serve::walk::{Step, Walk};
use serve::{Peer, Service};
use statement::{Enrol, Verdict, Withdraw};
use wire::event::EventKind as K;

use super::world::{Account, World, read};
use crate::routes::{CALLS, Call};

/// What each gets: one line a call and caller. Written again with `COUNTERSIGN_BLESS=1`.
const GOLDEN: &str = "tests/golden/roles.txt";

/// Somebody who knocks.
struct Knocker {
    name: &'static str,
    is: Vec<Who>,
    caller: Caller,
}

/// How a call is made.
enum Caller {
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
    fn signer(&self) -> Option<&Account> {
        match self {
            Self::Bearer(who) | Self::Thief(who, _) | Self::Person(who) => Some(who),
            Self::Nobody | Self::Service(_) => None,
        }
    }

    /// The seed of a second factor, for the one who sets it up. Whoever is to be without one stays so.
    fn learn(&mut self, start: &Value) {
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

async fn callers(w: &World, mara: &Account) -> Vec<Knocker> {
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

#[tokio::test]
async fn a_23_a_25_every_call_by_everybody_and_each_refusal_is_an_event() {
    let w = World::new().await;
    let mut walk = Walk::through(&CALLS);
    let mara = w.admitted("e-100", &["engineer"]).await;
    let mut knockers = callers(&w, &mara).await;
    let tomasz = w.admitted("e-200", &["approver"]).await;
    for knocker in &mut knockers {
        // What is counted together is counted anew.
        w.clock.advance(60);
        w.broker.log_floods().await.expect("logged");
        for (at, call) in CALLS.iter().enumerate() {
            let id = w.ask(&mara).await;
            if matches!(call.path, "/v1/leases" | "/v1/session-changes" | "/v1/requests/{digest}/materials") {
                assert_eq!(w.approve(&tomasz, &id).await.0, 200);
            }
            let (path, body) = filled(&w, call, &id, knocker.caller.signer().unwrap_or(&w.ben)).await;
            let before = w.log.len();
            let (status, answer) = knock(&w, &knocker.caller, call, &path, body.as_ref()).await;
            // The first call of a sign-in is no part of what the call itself leaves.
            let left: Vec<_> = w.log.since(before).iter().map(|e| e.kind).filter(|k| *k != K::SignedIn).collect();
            if call.path == "/v1/second-factor" && status == 200 {
                knocker.caller.learn(&answer);
            }
            let (caller, is, sent) = (knocker.name, &knocker.is[..], body.as_ref());
            walk.step(at, &Step { caller, is, sent, status, answer: &answer, events: Some(&left) });
            w.withdraw(&mara, &id).await;
        }
    }
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join(GOLDEN);
    walk.finish(&golden).unwrap_or_else(|wrong| panic!("run with COUNTERSIGN_BLESS=1 and read the diff:\n{wrong}"));
}

/// Verbs that no table has, and one that is GET without the body.
const OTHER_VERBS: [&str; 7] = ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "HEAD", "PROPFIND"];

/// Another verb, or a call that is spelled otherwise, reaches nothing, whoever tries it, and leaves its Event. HEAD is refused
/// as GET is, and answered where GET leaves nothing.
#[tokio::test]
async fn a_25_nothing_else_reaches_anything_and_each_try_is_an_event() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let mut tries: BTreeMap<(String, &str), u16> = BTreeMap::new();
    for call in &CALLS {
        let path = call.path.replace("{digest}", statement::sha256("x").as_str());
        for verb in OTHER_VERBS.into_iter().chain(["GET", "POST"]) {
            let known = |verb: &str| CALLS.iter().any(|c| c.path == call.path && c.verb.word() == verb);
            let reaches = known(verb) || (verb == "HEAD" && known("GET"));
            if !reaches {
                tries.insert((path.clone(), verb), 405);
            }
        }
        let doubled = path.replace("/v1/", "/v1//");
        for path in [format!("{path}/"), path.to_ascii_uppercase(), format!("/{path}"), doubled, format!("/x{path}")] {
            tries.insert((path, call.verb.word()), 404);
        }
        if call.verb == Verb::Get {
            let head = |who: Option<&Account>| {
                let mut request = w.prepared(who.unwrap_or(&w.ben), "HEAD", &path, None);
                if who.is_none() {
                    request.headers_mut().remove("authorization");
                }
                request
            };
            let before = w.log.len();
            assert_eq!(w.send(head(None)).await.status(), 401, "{path}");
            assert_eq!((w.log.last().facts["code"].as_str(), w.log.len()), ("no-token", before + 1), "{path}");
            let status = w.send(head(Some(&mara))).await.status().as_u16();
            assert_eq!(w.log.len(), before + 1 + usize::from(status >= 400), "{status} {path}");
        }
    }
    assert!(tries.len() > 150, "{}", tries.len());
    for ((path, verb), status) in tries {
        for who in [None, Some(&mara), Some(&w.ben)] {
            w.clock.advance(60);
            w.broker.log_floods().await.expect("logged");
            let mut request = w.prepared(who.unwrap_or(&w.ben), verb, &path, None);
            if who.is_none() {
                request.headers_mut().remove("authorization");
            }
            let before = w.log.len();
            assert_eq!(w.send(request).await.status().as_u16(), status, "{verb} {path}");
            let left = w.log.since(before);
            let [event] = &left[..] else { panic!("{verb} {path} left {left:?}") };
            assert_eq!(event.kind, K::CallRefused, "{verb} {path}");
        }
    }
}

#[test]
fn the_table_is_the_one_that_is_written_down() {
    let written = include_str!("../../../../crates/wire/src/broker.rs");
    let calls: Vec<&str> =
        written.lines().filter_map(|l| l.strip_prefix("//! | `")).filter(|l| l.contains("/v1/")).collect();
    assert_eq!(calls.len(), CALLS.len());
    for call in &CALLS {
        let line = format!("{} {}", call.verb.word(), call.path);
        assert!(calls.iter().any(|l| l.split(['`', '?']).next() == Some(&line)), "{line}");
    }
}

/// The address and the body that somebody would send who may make the call.
async fn filled(w: &World, call: &Call, id: &Digest, who: &Account) -> (String, Option<Value>) {
    let path = call.path.replace("{digest}", id.as_str());
    let signed = |statement: String| Some(json!({ "statement": statement }));
    let body = match (call.verb, call.path) {
        (Verb::Get, "/v1/requests") => return (format!("{path}?view=mine"), None),
        (Verb::Get, _) => None,
        (_, "/v1/second-factor/confirm" | "/v1/codes") => {
            let code = if who.seed.is_none() { "none".into() } else { w.next_code(who) };
            Some(json!({"code": code, "purpose": "sign-in", "statement": null}))
        }
        (_, "/v1/enrolments") => {
            let new = w.stranger("e-new", &format!("new-{}-{}", who.person, w.log.len()), &[]);
            let person = domain::PersonId(format!("e-new-{}", who.person));
            let new = w.sign_in_again(
                &Account { person: person.0.clone(), ..new },
                statement::DeviceKey::generate().expect("key").0,
                &[],
            );
            w.get(&new, "/v1/me").await;
            let statement = w.sign(who, Enrol { device: new.key.public().thumbprint(), person }, 600);
            let may = who.roles.contains(&"administrator") && who.seed.is_some();
            let mfa = if may { Some(w.attestation(who, &statement).await) } else { None };
            Some(json!({"statement": statement, "mfa": mfa}))
        }
        (_, "/v1/requests") => signed(w.sign(who, w.request(), 3600)),
        (_, "/v1/requests/{digest}/decisions") => {
            let approves = who.roles == ["approver"];
            let verdict = if approves { Verdict::Approve } else { Verdict::Deny };
            let statement = w.sign(who, w.decision(id, verdict), 600);
            let mfa = if approves { Some(w.attestation(who, &statement).await) } else { None };
            Some(json!({"statement": statement, "mfa": mfa}))
        }
        (_, "/v1/requests/{digest}/withdraw") => signed(w.sign(who, Withdraw { request: id.clone() }, 60)),
        (_, "/v1/refusals") => Some(json!({"code": "own-request", "request": null, "organization": null})),
        (_, "/v1/leases") => Some(json!({"sessions": [{"session": statement::sha256("s"), "request": id}]})),
        (_, "/v1/session-changes") => {
            Some(json!({"kind": "opened", "request": id, "session": statement::sha256("s"), "ends_at": 1}))
        }
        (Verb::Post, _) => None,
    };
    (path, body)
}

/// Status and answer; nothing of an answer that is a stream.
async fn knock(w: &World, caller: &Caller, call: &Call, path: &str, body: Option<&Value>) -> (u16, Value) {
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
    if status < 400 && matches!(call.gives, ShownAs::Stream(_)) {
        return (status, Value::Null);
    }
    read(answer).await
}
