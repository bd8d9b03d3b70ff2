//! Everybody who could knock, at every call of the table that makes the router.

use std::collections::BTreeMap;
use std::path::Path;

use domain::{Clock as _, Digest};
use serde_json::{Value, json};
use serve::call::{Leaves, Verb};
use serve::walk::{Step, Walk};
use statement::{Adopt, Enrol, ResetFactor, Revoke, Revoked, Verdict, Withdraw};
use wire::event::EventKind as K;

use self::callers::{callers, knock};
use super::world::{Account, World};
use crate::routes::{CALLS, Call};

mod callers;

/// What each gets: one line a call and caller. Written again with `COUNTERSIGN_BLESS=1`.
const GOLDEN: &str = "tests/golden/roles.txt";

/// Whoever replaces their second factor with a recovery code.
const LOST_IT: &str = "engineer";

#[tokio::test]
async fn a_23_a_25_every_call_by_everybody_and_each_refusal_is_an_event() {
    let mut w = World::new().await;
    let mut walk = Walk::through(&CALLS);
    let mara = w.admitted("e-100", &["engineer"]).await;
    let mut knockers = callers(&w, &mara).await;
    let tomasz = w.admitted("e-200", &["approver"]).await;
    w.next_hour();
    for knocker in &mut knockers {
        // What is counted together is counted anew.
        w.clock.advance(60);
        w.broker.log_floods().await.expect("logged");
        if knocker.name == LOST_IT {
            knocker.caller.sign_in_anew(&w);
        }
        for (at, call) in CALLS.iter().enumerate() {
            let id = w.ask(&mara).await;
            if matches!(call.path, "/v1/leases" | "/v1/session-changes" | "/v1/requests/{digest}/materials") {
                assert_eq!(w.approve(&tomasz, &id).await.0, 200);
            }
            let (path, body) = filled(&w, call, &id, knocker.caller.signer().unwrap_or(&w.ben)).await;
            let before = w.log.len();
            let (status, media, answer) = knock(&w, &knocker.caller, call, &path, body.as_ref()).await;
            // The first call of a sign-in is no part of what the call itself leaves.
            let left: Vec<_> = w.log.since(before).iter().map(|e| e.kind).filter(|k| *k != K::SignedIn).collect();
            if left.contains(&K::PolicyAdopted) {
                w.trust.policy = statement::sha256(next_policy());
            }
            if call.path == "/v1/second-factor" && status == 200 {
                knocker.caller.learn(&answer);
            }
            if call.path == "/v1/second-factor/replace" && status == 200 {
                knocker.caller.learn_other(&answer);
            }
            let (caller, is, sent) = (knocker.name, &knocker.is[..], body.as_ref());
            let (viewer, now, events) = (knocker.caller.viewer(), w.clock.now(), Some(&left[..]));
            let (media, answer) = (&media[..], &answer);
            walk.step(at, &Step { caller, is, viewer, path: &path, now, sent, status, media, answer, events });
            w.withdraw(&mara, &id).await;
        }
    }
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join(GOLDEN);
    walk.finish(&golden).unwrap_or_else(|wrong| panic!("run with COUNTERSIGN_BLESS=1 and read the diff:\n{wrong}"));
}

/// The policy in force with the next version.
fn next_policy() -> String {
    policy::Policy::compiled_in().text().replace("\"version\": 1", "\"version\": 2")
}

/// Verbs that no table has, and one that is GET without the body.
const OTHER_VERBS: [&str; 7] = ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "HEAD", "PROPFIND"];

/// Another verb, or a call that is spelled otherwise, reaches nothing, whoever tries it, and leaves its Event. HEAD is refused
/// as GET is, and leaves what GET leaves.
#[tokio::test]
async fn a_25_nothing_else_reaches_anything_and_each_try_is_an_event() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    w.next_hour();
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
        let escaped = serve::walk::escaped(&path);
        let others = [format!("{path}/"), path.to_ascii_uppercase(), format!("/{path}"), doubled, format!("/x{path}")];
        for path in others.into_iter().chain([escaped]) {
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
            let left = w.log.since(before + 1);
            let kinds: Vec<K> = left.iter().map(|event| event.kind).collect();
            let expected: &[K] = match call.leaves {
                _ if status >= 400 => &[K::CallRefused],
                Leaves::Hourly(K::Viewed) => &[K::Viewed],
                _ => &[],
            };
            assert_eq!(kinds, expected, "{status} {path}");
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
        // Mara goes on with the second factor that she has, whoever else is at her other computer.
        (_, "/v1/second-factor/replace") if who.person == "e-100" => Some(json!({"with": "code", "code": "none"})),
        (_, "/v1/second-factor/replace") if who.roles == [LOST_IT] => {
            Some(json!({"with": "recovery-code", "code": who.recovery[0]}))
        }
        (_, "/v1/second-factor/replace") => {
            let code = if who.seed.is_none() { "none".into() } else { w.next_code(who) };
            Some(json!({"with": "code", "code": code}))
        }
        (_, "/v1/recovery-codes") => {
            let code = if who.seed.is_none() { "none".into() } else { w.next_code(who) };
            Some(json!({ "code": code }))
        }
        (_, "/v1/factor-resets") => {
            let lost = w.admitted(&format!("e-lost-{}-{}", who.person, w.log.len()), &[]).await;
            let reset = ResetFactor { person: domain::PersonId(lost.person), reason: "Her phone was lost.".into() };
            let statement = w.sign(who, reset, 60);
            let may = who.roles.contains(&"administrator") && who.seed.is_some();
            let mfa = if may { Some(w.attestation(who, &statement).await) } else { None };
            Some(json!({"statement": statement, "mfa": mfa}))
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
        (_, "/v1/revocations") => {
            let revoke = Revoke { reason: "Opened for the wrong ticket.".into(), revokes: Revoked::Grant(id.clone()) };
            Some(json!({"statement": w.sign(who, revoke, 60), "mfa": null}))
        }
        (_, "/v1/policies") => {
            let text = next_policy();
            let previous = w.trust.policy.clone();
            let adopt = Adopt { comment: "As agreed on Monday.".into(), policy: statement::sha256(&text), previous };
            let statement = w.sign(who, adopt, 600);
            let may = who.roles.contains(&"administrator") && who.seed.is_some();
            let mfa = if may { Some(w.attestation(who, &statement).await) } else { None };
            Some(json!({"text": text, "statement": statement, "mfa": mfa}))
        }
        (_, "/v1/break-glass") => {
            let statement = w.sign(who, super::break_glass::body(w), 600);
            let may = who.roles.contains(&"administrator") && who.seed.is_some();
            let mfa = if may { Some(w.attestation(who, &statement).await) } else { None };
            Some(json!({"statement": statement, "mfa": mfa}))
        }
        (_, "/v1/forgettings") => {
            let statement = w.sign(who, super::forgettings::away(1), 600);
            let may = who.roles.contains(&"administrator") && who.seed.is_some();
            let mfa = if may { Some(w.attestation(who, &statement).await) } else { None };
            Some(json!({"statement": statement, "mfa": mfa}))
        }
        (_, "/v1/refusals") => Some(json!({"code": "own-request", "request": null, "organization": null})),
        (_, "/v1/leases") => Some(json!({"sessions": [{"session": statement::sha256("s"), "request": id}]})),
        (_, "/v1/session-changes") => {
            Some(json!({"kind": "opened", "request": id, "session": statement::sha256("s"), "ends_at": 1}))
        }
        (Verb::Post, _) => None,
    };
    (path, body)
}
