//! Everybody who could knock, at every own call of the gateway.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use domain::Clock as _;
use serde_json::Value;
use serve::call::{Call, Leaves, Who};
use serve::walk::{Step, Walk};
use statement::{Bundle, Revoke, Revoked, sha256};
use wire::event::EventKind;
use wire::gateway::Revocation;

use crate::bundle::Wish;
use crate::person::{Answer, Person};
use crate::rig::Rig;

/// What each gets: one line a call and caller. Written again with `COUNTERSIGN_BLESS=1`.
const GOLDEN: &str = "tests/golden/roles.txt";

struct Knocker {
    name: &'static str,
    is: Vec<Who>,
    person: Person,
    /// One more field of the head.
    field: String,
    bundle: Option<Bundle>,
}

/// The assertion that the service got with a request of a live Session.
async fn assertion(rig: &Rig) -> String {
    let person = rig.inside(Wish::default()).await;
    assert_eq!(person.visit("/o/kinloch-hotels/").await.status, 200);
    let arrived = rig.service.arrived().pop().unwrap();
    arrived.headers[wire::ASSERTION_HEADER].to_str().unwrap().to_owned()
}

/// Of a Grant that nobody has, signed anew: whoever has it may bring it.
fn revocation(rig: &Rig) -> Revocation {
    let bundle = rig.people.bundle(&Wish::default(), &rig.person().certificate);
    let revokes = Revoked::Grant(sha256("a request"));
    let revoke = Revoke { reason: "It was countersigned by mistake.".into(), revokes };
    let statement = rig.people.statement(&rig.people.tomasz, revoke, 60, "");
    Revocation { statement, mfa: None, pk_tokens: bundle.pk_tokens, enrols: bundle.enrols }
}

/// More time for the Session that this caller's bundle opens.
fn more(rig: &Rig, knocker: &Knocker) -> Option<Bundle> {
    let bundle = knocker.bundle.as_ref()?;
    let of = rig.audit.state.lock().unwrap().grants.get(&sha256(&bundle.request)).cloned();
    let opened = of.map_or_else(|| bundle.clone(), |taken| serde_json::from_str(&taken.bundle_json).unwrap());
    let opened_at = rig.opened_at(&opened);
    Some(rig.people.more(&opened, &knocker.person.certificate, |request| {
        let extends = request.extends.as_mut().unwrap();
        (extends.ends_at, extends.opened_at) = (extends.ends_at + opened_at - extends.opened_at, opened_at);
        // No more than there was.
        if knocker.name == "requester-again" {
            request.duration_seconds = extends.ends_at - opened_at;
        }
    }))
}

async fn callers(rig: &Rig) -> Vec<Knocker> {
    let plain =
        |name, is: &[Who], person| Knocker { name, is: is.to_vec(), person, field: String::new(), bundle: None };
    let with = |name, is: &[Who], field| Knocker { field, ..plain(name, is, rig.person()) };
    let (tokens, requester) = (&rig.people, [Who::Anybody, Who::Requester, Who::Session]);
    let anybody = &[Who::Anybody];
    let mut all = vec![
        plain("nobody", anybody, Person::without_certificate(&rig.ca_pem, &rig.address)),
        plain("thief", anybody, rig.person()),
        // A page's script is not even anybody.
        with("page", &[], "Origin: https://payroll.test\r\n".into()),
        with("engineer", anybody, format!("Authorization: DPoP {}\r\n", tokens.mara.token)),
        with("approver", anybody, format!("Authorization: DPoP {}\r\n", tokens.tomasz.token)),
        with("administrator", anybody, format!("Authorization: DPoP {}\r\n", tokens.administrator().token)),
        with("service", &[Who::Anybody, Who::Assertion], format!("Authorization: Bearer {}\r\n", assertion(rig).await)),
        with("other-service", anybody, format!("Authorization: Bearer {}\r\n", tokens.mara.token)),
        plain("broker", anybody, rig.as_service("broker")),
        plain("audit", anybody, rig.as_service("audit")),
    ];
    // Whoever can shows what somebody else's certificate opens.
    let stolen = rig.people.bundle(&Wish::default(), &rig.person().certificate);
    for knocker in all.iter_mut().filter(|k| k.name != "nobody") {
        knocker.bundle = Some(stolen.clone());
    }
    let person = rig.person();
    let bundle = rig.people.bundle(&Wish::default(), &person.certificate);
    all.push(Knocker { bundle: Some(bundle.clone()), ..plain("requester", &requester, person) });
    let over = rig.person();
    let late = Bundle { open: rig.people.open(&bundle, &over.certificate), ..bundle };
    all.push(Knocker { bundle: Some(late), ..plain("requester-late", anybody, over) });
    let (first, again) = (rig.person(), rig.person());
    let bundle = rig.people.bundle(&Wish::default(), &first.certificate);
    assert_eq!(first.open(&bundle).await.status, 200);
    let resumes = Bundle { open: rig.people.open(&bundle, &again.certificate), ..bundle };
    all.push(Knocker { bundle: Some(resumes), ..plain("requester-again", &requester, again) });
    all
}

#[tokio::test]
async fn every_call_by_everybody_and_each_refusal_is_an_event() {
    let mut rig = Rig::new().await;
    let calls = gateway::calls();
    let mut walk = Walk::through(&calls);
    let mut refused: BTreeMap<String, usize> = BTreeMap::new();
    let knockers = callers(&rig).await;
    let (begin, mut attributed) = (rig.audit.kinds().len(), Vec::new());
    for knocker in &knockers {
        for (at, call) in calls.iter().enumerate() {
            let before = rig.audit.kinds().len();
            let opens = call.path == "/v1/sessions" || call.path == "/v1/session/extensions";
            let sent = match call.path {
                "/v1/sessions" => Some(serde_json::to_value(&knocker.bundle).unwrap()),
                "/v1/session/extensions" => Some(serde_json::to_value(more(&rig, knocker)).unwrap()),
                "/v1/revocations" => Some(serde_json::to_value(revocation(&rig)).unwrap()),
                _ => None,
            };
            let answer = knock(&rig, knocker, call, sent.as_ref()).await;
            let shown = if answer.body.is_empty() { Value::Null } else { answer.json() };
            // What is refused before anything of an opening was looked at is a refused call.
            let looked_at = opens && !["no-certificate", "from-a-page", "no-session"].contains(&answer.code().as_str());
            let left = if answer.status < 400 || looked_at {
                Some(left(&rig, call, answer.status < 400, before).await)
            } else {
                *refused.entry(answer.code()).or_default() += 1;
                None
            };
            attributed.extend(left.iter().flatten().copied());
            let (caller, is, status, viewer) = (knocker.name, &knocker.is[..], answer.status, knocker.name);
            let media = answer.head.lines().find_map(|line| line.strip_prefix("content-type: ")).unwrap_or_default();
            let (path, now, sent, events) = (call.path, rig.clock.now(), sent.as_ref(), left.as_deref());
            walk.step(at, &Step { caller, is, viewer, path, now, sent, status, media, answer: &shown, events });
        }
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(of_calls(&rig, begin), attributed, "what comes late is some call's too");
    rig.stop().await;
    assert_eq!(told(&rig), refused, "each refusal is an entry or counted in one");
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join(GOLDEN);
    walk.finish(&golden).unwrap_or_else(|wrong| panic!("run with COUNTERSIGN_BLESS=1 and read the diff:\n{wrong}"));
}

/// Verbs that no table has.
const OTHER_VERBS: [&str; 6] = ["PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "PROPFIND"];

/// Another verb, or a call that is spelled otherwise, reaches nothing, whoever tries it, and is told of.
#[tokio::test]
async fn nothing_else_reaches_anything_and_each_try_is_an_event() {
    let mut rig = Rig::new().await;
    let inside = rig.inside(Wish::default()).await;
    let mut refused = BTreeMap::new();
    for person in [Person::without_certificate(&rig.ca_pem, &rig.address), rig.person(), inside] {
        for call in gateway::calls() {
            let (word, path) = (call.verb.word(), call.path);
            let other = if word == "GET" { "POST" } else { "GET" };
            let spelled = [format!("{path}/"), format!("/{path}"), format!("{path}?a=b"), path.to_ascii_uppercase()];
            let spelled = spelled.iter().map(|path| (word, path.as_str()));
            for (verb, path) in OTHER_VERBS.into_iter().chain([other]).map(|verb| (verb, path)).chain(spelled) {
                let answer = person.call(verb, path, "").await;
                // HEAD is answered without a body.
                let code = if verb == "HEAD" { "no-such-call".to_owned() } else { answer.code() };
                assert!(["no-such-call", "method"].contains(&code.as_str()), "{verb} {path}: {code}");
                *refused.entry(code).or_default() += 1;
            }
        }
    }
    assert!(rig.audit.kinds().iter().all(|kind| *kind != EventKind::SessionEnded));
    rig.stop().await;
    assert_eq!(told(&rig), refused);
}

async fn knock(rig: &Rig, knocker: &Knocker, call: &Call<()>, sent: Option<&Value>) -> Answer {
    let body = sent.map(Value::to_string).unwrap_or_default();
    let length = if sent.is_some() { format!("Content-Length: {}\r\n", body.len()) } else { String::new() };
    let (verb, path, host, field) = (call.verb.word(), call.path, &rig.address, &knocker.field);
    let head = format!("{verb} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{field}{length}\r\n");
    knocker.person.raw(format!("{head}{body}").as_bytes()).await
}

/// What came since then. What comes late from refused calls, and what the audit service notes by itself, is no part of it.
fn of_calls(rig: &Rig, since: usize) -> Vec<EventKind> {
    use EventKind as K;
    let mut kinds = rig.audit.kinds().split_off(since);
    kinds.retain(|kind| !matches!(kind, K::CallRefused | K::RecordingSealed | K::ProviderKeysSeen));
    kinds
}

/// What this call left: waited for where the table says that there is something.
async fn left(rig: &Rig, call: &Call<()>, answered: bool, before: usize) -> Vec<EventKind> {
    for _ in 0..250 {
        let kinds = of_calls(rig, before);
        if !kinds.is_empty() || (answered && !matches!(call.leaves, Leaves::Each(_) | Leaves::Hourly(_))) {
            return kinds;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Vec::new()
}

/// How many refused calls of each code the log tells of.
fn told(rig: &Rig) -> BTreeMap<String, usize> {
    let mut told = BTreeMap::new();
    // What is refused before it was read far enough to be a call is one of the Session's exchanges.
    let kinds = [EventKind::CallRefused, EventKind::ExchangeRefused];
    for event in rig.audit.state.lock().unwrap().events.iter().filter(|e| kinds.contains(&e.kind)) {
        let count = event.facts.get("count").map_or(1, |count| count.parse().unwrap());
        *told.entry(event.facts["code"].clone()).or_default() += count;
    }
    // No call: whoever comes and goes without a whole handshake.
    told.remove("handshake");
    told
}
