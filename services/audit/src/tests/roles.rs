//! Everybody who could knock, at every call of the table that makes the router.

use std::path::Path;

use domain::{Clock as _, Role, SessionId};
use serde_json::{Value, json};
use serve::Service;
use serve::call::Body as ShownAs;
use serve::walk::{Step, Walk};
use statement::{Adoption, Review, ReviewVerdict, sha256};
use wire::audit::{Acknowledged, ExportSessions, SessionDetail};
use wire::event::{Append, EventKind, Receipt};
use wire::watching::OpenNow;

use self::callers::{Caller, Knocker, LATE, Sent, callers, knock};
use super::policies;
use super::witnesses::devices::{brought, witness};
use super::world::{Answer, Case, More, NOW, World, away, body, frames, originals, world};
use crate::routes::{CALLS, Call};

mod callers;

/// What each gets: one line a call and caller. Written again with `COUNTERSIGN_BLESS=1`.
const GOLDEN: &str = "tests/golden/roles.txt";

/// What the calls are about.
struct Stage {
    live: SessionId,
    /// One that nobody ends.
    watched: SessionId,
    sealed: SessionId,
    manifest: domain::Digest,
    /// Asked for and countersigned; nobody opened it yet.
    case: Case,
    /// The same with another `session-open`.
    again: Case,
    /// More time for the live one, countersigned.
    more: More,
    adoption: Adoption,
    permission: statement::BreakGlassPermission,
    forgetting: statement::Forgetting,
}

async fn stage(w: &World) -> Stage {
    let (sealed, _, _) = w.session().await;
    w.batch_beside(&sealed, 0, &originals()).await.json::<Acknowledged>();
    w.end(&sealed, 1).await.json::<Receipt>();
    let detail: SessionDetail = w.get_person(&w.ines, &format!("/v1/sessions/{sealed}")).await.json();
    let manifest = detail.manifest.expect("sealed").digest().expect("digest");
    let (watched, _, _) = w.session().await;
    let (live, _, opened) = w.session().await;
    let more = w.more(&opened, 2700).await;
    let case = w.case().await;
    let (text, sofia) = (policies::next(), policies::sofia(w).await);
    let adoption = policies::adoption(w, &text, [&w.ben, &sofia]);
    let permission = w.permission(&body(), [&w.ben, &sofia]);
    let forgetting = w.forgetting(&away("delmar-foods"), [&w.ben, &sofia]);
    Stage { live, watched, sealed, manifest, again: w.again(&case), case, adoption, permission, forgetting, more }
}

#[tokio::test]
async fn every_call_by_everybody_and_each_refusal_is_an_event() {
    let w = world().await;
    let knockers = callers(&w).await;
    let stage = stage(&w).await;
    let mut walk = Walk::through(&CALLS);
    for Knocker { name: caller, is, caller: how } in &knockers {
        // A second factor lasts for less time than the whole walk.
        let anew = how.anew(&w, is);
        let how = anew.as_ref().unwrap_or(how);
        for (at, call) in CALLS.iter().enumerate() {
            if !matches!(how, Caller::Service(_)) {
                // What is counted together is counted anew.
                w.clock.advance(60);
                w.service.audit.upgrade().expect("it runs").note_repeated().await;
            } else if at % 20 == 0 {
                // As if it were another minute: the times that services name are those of this one.
                let now = domain::Clock::now(&*w.clock);
                drop(w.service.audit.upgrade().expect("it runs").noted.owed(now + 60));
            }
            let revealing = Revealing::for_call(&w, call, &stage, how).await;
            let (path, body) = filled(&w, call, &stage, how, LATE.contains(caller));
            let (path, body) = revealing.fill(&w, &stage, how, LATE.contains(caller), (path, body));
            let before = w.head().await.size;
            let answer = knock(&w, how, call.verb.word(), &path, &body).await;
            let count = usize::try_from(w.head().await.size - before).expect("few");
            let newest = if count == 0 { Vec::new() } else { w.newest(count).await };
            let left: Vec<EventKind> = newest.iter().map(|event| event.kind).collect();
            let (status, shown) = (answer.status.as_u16(), shown(call, &answer));
            let sent = match &body {
                Sent::Json(body) => Some(body),
                Sent::Octets(_) | Sent::Nothing => None,
            };
            let (viewer, now, media) = (how.viewer(), w.clock.now(), &answer.media);
            let events = Some(&left[..]);
            walk.step(at, &Step { caller, is, viewer, path: &path, now, sent, status, media, answer: &shown, events });
        }
    }
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join(GOLDEN);
    walk.finish(&golden).unwrap_or_else(|wrong| panic!("run with COUNTERSIGN_BLESS=1 and read the diff:\n{wrong}"));
}

/// What has to be signed just before a call about marks: nobody reads for long.
enum Revealing {
    Nothing,
    /// Somebody else's proposal, which the caller may countersign.
    Proposed(super::world::Human, domain::Digest),
    /// The caller's own, countersigned.
    Revealed(domain::Digest),
}

impl Revealing {
    async fn for_call(w: &World, call: &Call, stage: &Stage, how: &Caller) -> Self {
        let (Caller::Person(who), true) = (how, call.path.starts_with("/v1/reveals")) else { return Self::Nothing };
        match (call.verb.word(), who.person) {
            ("POST", "p-approver") => {
                let ines = w.again_now(&w.ines, &[Role::Reviewer]);
                let id = w.propose_reveal(&ines, &stage.sealed).await;
                Self::Proposed(ines, id)
            }
            ("GET", "p-reviewer") => {
                let tomasz = w.again_now(&w.tomasz, &[Role::Approver]);
                Self::Revealed(w.revealed([who, &tomasz], &stage.sealed).await)
            }
            ("GET", "p-late") => Self::Revealed(w.propose_reveal(who, &stage.sealed).await),
            _ => Self::Nothing,
        }
    }

    fn fill(&self, w: &World, stage: &Stage, how: &Caller, late: bool, (path, sent): (String, Sent)) -> (String, Sent) {
        if path == "/v1/reveals" && !matches!(sent, Sent::Nothing) {
            let signer = how.signer().unwrap_or(&w.ines);
            let (reader, proposal) = match self {
                Self::Proposed(reader, id) => (reader, Some(id)),
                _ => (signer, None),
            };
            let mut wanted = w.wanted(reader, &stage.sealed);
            if late {
                wanted.marks = vec!["ffffffffffffffff".into()];
            }
            let new = w.reveal_by(signer, &wanted, proposal);
            return (path, Sent::Json(serde_json::to_value(new).expect("json")));
        }
        let nothing = sha256("nothing");
        let id = if let Self::Revealed(id) = self { id } else { &nothing };
        (path.replace("{reveal}", id.as_str()), sent)
    }
}

/// Verbs that no table has, and one that is GET without the body.
const OTHER_VERBS: [&str; 7] = ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "HEAD", "PROPFIND"];

/// Another verb, or a call that is spelled otherwise, reaches nothing, whoever tries it, and leaves its Event. HEAD leaves what
/// GET leaves.
#[tokio::test]
async fn nothing_else_reaches_anything_and_each_try_is_an_event() {
    let w = world().await;
    let stage = stage(&w).await;
    let late = || w.again_now(&w.ines, &[Role::Reviewer]);
    for how in [Caller::Service(Service::Gateway), Caller::Person(late()), Caller::Nobody] {
        for call in &CALLS {
            let known = |verb: &str| CALLS.iter().any(|c| c.path == call.path && c.verb.word() == verb);
            let (path, _) = filled(&w, call, &stage, &how, false);
            let others = OTHER_VERBS.into_iter().chain(["GET", "POST"]).filter(|verb| !known(verb));
            for verb in others.filter(|verb| !(*verb == "HEAD" && known("GET"))) {
                left_one(&w, &how, verb, &path, 405).await;
            }
            let doubled = path.replacen('/', "//", 1);
            let (bare, _) = path.split_once('?').unwrap_or((&path, ""));
            let escaped = serve::walk::escaped(bare);
            for path in [format!("{bare}/"), path.to_ascii_uppercase(), doubled, format!("/x{path}"), escaped] {
                // Whatever stands below it is the name of a tile, or of none.
                if !path.starts_with("/tile/") || path.contains('%') {
                    left_one(&w, &how, call.verb.word(), &path, 404).await;
                }
            }
            if known("GET") {
                let get = tried(&w, &how, "GET", &path).await;
                let head = tried(&w, &how, "HEAD", &path).await;
                // What was shown stands there for this hour.
                let again = if get.1 == [EventKind::Viewed] { (get.0, Vec::new()) } else { get };
                assert_eq!(head, again, "{path}");
            }
        }
    }
}

/// The status, and what it left.
async fn tried(w: &World, how: &Caller, verb: &str, path: &str) -> (u16, Vec<EventKind>) {
    // Not more in one minute than get an entry each.
    w.clock.advance(13);
    let before = w.head().await.size;
    let status = knock(w, how, verb, path, &Sent::Nothing).await.status.as_u16();
    let count = usize::try_from(w.head().await.size - before).expect("few");
    let newest = if count == 0 { Vec::new() } else { w.newest(count).await };
    (status, newest.iter().map(|event| event.kind).collect())
}

async fn left_one(w: &World, how: &Caller, verb: &str, path: &str, status: u16) {
    let extends = path.starts_with("/v1/recordings/") && path.ends_with("/extensions");
    let is_opening = (path == "/v1/recordings" || extends) && matches!(how, Caller::Service(_));
    let kind = if is_opening { EventKind::SessionRefused } else { EventKind::CallRefused };
    assert_eq!(tried(w, how, verb, path).await, (status, vec![kind]), "{verb} {path}");
}

/// The answer when it is JSON.
fn shown(call: &Call, answer: &Answer) -> Value {
    let is_json = answer.status.as_u16() >= 400 || matches!(call.gives, ShownAs::Json(_));
    if is_json { serde_json::from_slice(&answer.body).expect("json") } else { Value::Null }
}

/// The address and the body that somebody would send who may make the call.
fn filled(w: &World, call: &Call, stage: &Stage, how: &Caller, late: bool) -> (String, Sent) {
    let Stage { live, watched, sealed, manifest, case, again, more, .. } = stage;
    let manifest = if late { sha256("another") } else { manifest.clone() };
    let of = match call.path {
        path if path.starts_with("/v1/recordings") => live,
        path if path.contains("/watches") => watched,
        _ => sealed,
    };
    let path = call.path.replace("{session}", of.as_str()).replace("{number}", "0").replace("{*path}", "0/000.p/1");
    let path = path.replace("{request}", sha256(&case.bundle.request).as_str());
    // What the caller has begun just now.
    let newest = w.service.audit.upgrade().expect("runs").writer.head().size - 1;
    let path = path.replace("{watch}", &newest.to_string());
    let query = match call.path {
        "/v1/sessions/{session}/watches/{watch}" => "?from=0",
        "/v1/inclusion" => "?index=0&size=1",
        "/v1/consistency" => "?from=1&to=2",
        "/v1/sessions/{session}/frames" => "?stream=exchanges",
        _ => "",
    };
    let value = |body: Result<Value, serde_json::Error>| Sent::Json(body.expect("json"));
    let sent = match (call.verb.word(), call.path) {
        ("GET", _) => Sent::Nothing,
        (_, "/v1/events") => value(serde_json::to_value(Append::new(EventKind::CallRefused))),
        (_, "/v1/policies") => value(serde_json::to_value(&stage.adoption)),
        (_, "/v1/break-glass") => value(serde_json::to_value(&stage.permission)),
        (_, "/v1/forgettings") => value(serde_json::to_value(&stage.forgetting)),
        (_, "/v1/recordings") => value(serde_json::to_value(if late { &again.asked } else { &case.asked })),
        (_, "/v1/recordings/{session}/batches/{number}") => Sent::Octets(w.sealed_batch(live, 0, &frames(0, 3))),
        (_, "/v1/recordings/{session}/extensions") => value(serde_json::to_value(&more.asked)),
        (_, "/v1/recordings/{session}/end") if late => Sent::Json(json!({})),
        (_, "/v1/recordings/{session}/end") => {
            Sent::Json(json!({"reason": "person", "ended_at": NOW + 60, "batches": 1}))
        }
        (_, "/v1/sessions/export") => {
            let asked = ExportSessions { filter: Some("scope:read".into()), ..ExportSessions::default() };
            value(serde_json::to_value(asked))
        }
        // What is signed is put in just before it is sent.
        (_, "/v1/reveals") => Sent::Json(Value::Null),
        (_, "/v1/watched") => value(serde_json::to_value(OpenNow { sessions: vec![live.clone()] })),
        (_, "/v1/evidence") => Sent::Json(json!({"organization": "kinloch-hotels", "from": NOW, "to": NOW + 1})),
        (_, "/v1/sessions/{session}/reviews") => {
            let (who, verdict) = (how.signer().unwrap_or(&w.ines), ReviewVerdict::NothingToReport);
            let review = Review { manifest, note: String::new(), session: sealed.clone(), verdict };
            Sent::Json(json!({"statement": who.state(review, w.clock.now(), 300, "")}))
        }
        (_, "/v1/cosignatures") => {
            let (who, note) =
                (how.signer().unwrap_or(&w.ines), w.service.audit.upgrade().expect("runs").writer.head().note);
            let at = if late { w.clock.now() - 3600 } else { w.clock.now() };
            value(serde_json::to_value(brought(w, who, &witness(w, who, 1), &note, at)))
        }
        _ => Sent::Nothing,
    };
    (format!("{path}{query}"), sent)
}
