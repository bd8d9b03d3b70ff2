//! Everybody who could knock, at every call of the table that makes the router.

use std::collections::BTreeMap;
use std::path::Path;

use axum::body::Body;
use domain::Digest;
use serde_json::{Value, json};
use serve::call::Verb;
use serve::{Peer, Service};
use statement::{Enrol, Verdict, Withdraw};

use super::world::{Account, World, is_refusal, read};
use crate::routes::{CALLS, Call};

/// What each gets: one line a call and caller. Written again with `COUNTERSIGN_BLESS=1`.
const GOLDEN: &str = "tests/golden/roles.txt";

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
}

async fn callers(w: &World) -> Vec<(&'static str, Caller)> {
    let roles = ["engineer", "approver", "reviewer", "administrator"];
    let known = w.admitted("e-501", &roles).await;
    let mut no_code = w.stranger("e-504", "e-504", &roles);
    w.enrol(&no_code).await;
    no_code.seed = None;
    let stolen = Caller::Thief(w.admitted("e-502", &roles).await, w.stranger("e-503", "e-503", &roles));
    let mut all = vec![
        ("nobody", Caller::Nobody),
        ("bearer-only", Caller::Bearer(known)),
        ("other-device", stolen),
        ("not-enrolled", Caller::Person(w.stranger("e-505", "e-505", &roles))),
        ("no-second-factor", Caller::Person(no_code)),
        ("no-role", Caller::Person(w.admitted("e-506", &[]).await)),
    ];
    for role in roles {
        all.push((role, Caller::Person(w.admitted(&format!("e-{role}"), &[role]).await)));
    }
    all.push(("gateway", Caller::Service(Service::Gateway)));
    all.push(("audit", Caller::Service(Service::Audit)));
    all
}

#[tokio::test]
async fn a_23_a_25_every_call_by_everybody_and_each_refusal_is_an_event() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let mut lines = Vec::new();
    for (name, caller) in callers(&w).await {
        // What is counted together is counted anew.
        w.clock.advance(60);
        w.broker.log_floods().await.expect("logged");
        for call in &CALLS {
            let id = w.ask(&mara).await;
            let (path, body) = filled(&w, call, &id, caller.signer().unwrap_or(&w.ben)).await;
            let before = w.log.len();
            let answer = knock(&w, &caller, call.verb, &path, body).await;
            let refusals = w.log.since(before).iter().filter(|e| is_refusal(e.kind)).count();
            let what = format!("{} {} by {name}: {answer:?}", call.verb.word(), call.path);
            assert_eq!(refusals, usize::from(answer.0 >= 400), "{what}");
            if matches!(caller, Caller::Nobody | Caller::Bearer(_) | Caller::Thief(..)) {
                let expected = if call.verb.word() == "POST" && is_the_gateways(call) { 403 } else { 401 };
                assert_eq!(answer.0, expected, "{what}");
            }
            lines.push(format!("{:<5}{:<36}{name:<18}{} {}", call.verb.word(), call.path, answer.0, answer.1));
            w.withdraw(&mara, &id).await;
        }
    }
    // Call by call, each caller below the other.
    lines.sort_by_key(|line| {
        CALLS.iter().position(|c| line.starts_with(&format!("{:<5}{:<36}", c.verb.word(), c.path)))
    });
    let table: String = lines.iter().map(|line| format!("{}\n", line.trim_end())).collect();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(GOLDEN);
    if std::env::var_os("COUNTERSIGN_BLESS").is_some() {
        std::fs::write(&path, &table).expect("written");
    }
    let golden = std::fs::read_to_string(&path).expect("the golden file");
    assert_eq!(
        table, golden,
        "the table of roles changed; when it should, run with COUNTERSIGN_BLESS=1 and read the diff"
    );
}

/// A call with another verb reaches no handler and names nobody: it leaves no Event, as a wrong address does not. HEAD is
/// GET without the body, and is refused like it.
#[tokio::test]
async fn a_25_no_other_verb_reaches_anything() {
    let w = World::new().await;
    let mut verbs: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for call in &CALLS {
        verbs.entry(call.path).or_default().push(call.verb.word());
    }
    for (path, known) in verbs {
        let path = path.replace("{digest}", statement::sha256("x").as_str());
        for verb in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "HEAD", "PROPFIND"] {
            if known.contains(&verb) {
                continue;
            }
            let before = w.log.len();
            let status = w.send(w.prepared(&w.ben, verb, &path, None)).await.status().as_u16();
            if verb == "HEAD" && known.contains(&"GET") {
                let unsigned = hyper::Request::head(&path).body(Body::empty()).expect("request");
                assert_eq!(w.send(unsigned).await.status(), 401, "{path}");
                assert_eq!(w.log.last().facts["code"], "no-token");
                continue;
            }
            assert_eq!(status, 405, "{verb} {path}");
            assert_eq!(w.log.len(), before, "{verb} {path}");
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

fn is_the_gateways(call: &Call) -> bool {
    matches!(call.path, "/v1/leases" | "/v1/session-changes")
}

/// The address and the body that somebody would send who may make the call.
async fn filled(w: &World, call: &Call, id: &Digest, who: &Account) -> (String, Option<Value>) {
    let path = call.path.replace("{digest}", id.as_str());
    let signed = |statement: String| Some(json!({ "statement": statement }));
    let body = match (call.verb, call.path) {
        (Verb::Get, "/v1/requests") => return (format!("{path}?view=mine"), None),
        (Verb::Get, _) => None,
        (_, "/v1/second-factor/confirm" | "/v1/codes") => {
            Some(json!({"code": "not a code", "purpose": "sign-in", "statement": null}))
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
            let statement = w.sign(who, w.decision(id, Verdict::Deny), 600);
            Some(json!({"statement": statement, "mfa": null}))
        }
        (_, "/v1/requests/{digest}/withdraw") => signed(w.sign(who, Withdraw { request: id.clone() }, 60)),
        (_, "/v1/refusals") => Some(json!({"code": "own-request", "request": null, "organization": null})),
        (_, "/v1/leases") => Some(json!({"sessions": []})),
        (_, "/v1/session-changes") => {
            Some(json!({"kind": "opened", "request": id, "session": statement::sha256("s"), "ends_at": 1}))
        }
        (Verb::Post, _) => Some(json!({})),
    };
    (path, body)
}

/// Status, and the code of a refusal.
async fn knock(w: &World, caller: &Caller, verb: Verb, path: &str, body: Option<Value>) -> (u16, String) {
    let verb = verb.word();
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
    if status < 400 {
        return (status, String::new());
    }
    (status, read(answer).await.1["code"].as_str().unwrap_or_default().to_owned())
}
