//! What the service behind the gateway is shown of a Session: however often it asks, the audit service is asked seldom.

use checkpoint::{LogVerifier, Relation};
use wire::audit::Consistency;
use wire::event::EventKind;
use wire::gateway::ServiceProof;

use crate::audit::Mood;
use crate::bundle::Wish;
use crate::extending::Inside;
use crate::person::Answer;
use crate::rig::Rig;

/// The assertion that the service got with this visit.
pub async fn assertion(rig: &Rig, inside: &Inside) -> String {
    assert_eq!(inside.person.visit("/o/kinloch-hotels/").await.status, 200);
    rig.service.arrived().last().unwrap().headers[wire::ASSERTION_HEADER].to_str().unwrap().to_owned()
}

pub async fn ask(rig: &Rig, assertion: &str) -> Answer {
    let ask = format!("GET /v1/proof HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {assertion}\r\n\r\n", rig.address);
    rig.stranger().raw(ask.as_bytes()).await
}

fn proof(answer: &Answer) -> ServiceProof {
    serde_json::from_value(answer.json()).unwrap()
}

fn heads_asked_for(rig: &Rig) -> u32 {
    rig.audit.state.lock().unwrap().asked_for_head
}

fn viewed(rig: &Rig) -> usize {
    let state = rig.audit.state.lock().unwrap();
    let is_look = |e: &&wire::event::Append| e.facts.get("call").is_some_and(|call| call == "GET /v1/proof");
    state.events.iter().filter(|e| e.kind == EventKind::Viewed).filter(is_look).count()
}

/// Every head in it is a beginning of the one that it shows.
fn is_of_one_log(rig: &Rig, proof: &ServiceProof) -> bool {
    let log = LogVerifier::parse(&rig.audit.signer.verifier_key()).unwrap();
    let newest = log.open(&proof.log.head).unwrap();
    proof.heads().unwrap().iter().all(|note| {
        let head = log.open(note).unwrap();
        let path = proof.log.paths.iter().find(|path| path.from == head.size).and_then(Consistency::hashes);
        Relation::of(&head, &newest, &path.unwrap_or_default()) == Relation::Continues
    })
}

#[tokio::test]
async fn a_service_that_asks_again_and_again_has_the_log_asked_once() {
    let rig = Rig::new().await;
    let inside = Inside::new(&rig, &Wish { seen: rig.audit.note(), ..Wish::default() }).await;
    let assertion = assertion(&rig, &inside).await;
    let before = heads_asked_for(&rig);
    let at_once = futures_util::future::join_all((0..12).map(|_| ask(&rig, &assertion))).await;
    let later = ask(&rig, &assertion).await;
    for answer in at_once.iter().chain([&later]) {
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.json(), later.json());
    }
    assert!(is_of_one_log(&rig, &proof(&later)));
    assert_eq!((heads_asked_for(&rig) - before, viewed(&rig)), (1, 1));
}

#[tokio::test]
async fn what_extends_the_session_is_held_to_the_log_at_once() {
    let rig = Rig::new().await;
    let inside = Inside::new(&rig, &Wish::default()).await;
    let assertion = assertion(&rig, &inside).await;
    let first = proof(&ask(&rig, &assertion).await);
    let answer = inside.person.extend(&inside.more(&rig, 3600, |_| {})).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let then = proof(&ask(&rig, &assertion).await);
    assert_eq!((first.extensions.len(), then.extensions.len()), (0, 1));
    assert_ne!(first.log, then.log, "the log has the extension's entry now");
    assert!(is_of_one_log(&rig, &then));
}

#[tokio::test]
async fn without_the_audit_service_nothing_is_proven_and_then_it_is_again() {
    let rig = Rig::new().await;
    let inside = Inside::new(&rig, &Wish::default()).await;
    let assertion = assertion(&rig, &inside).await;
    rig.audit.set(Mood::Away);
    for _ in 0..3 {
        let refused = ask(&rig, &assertion).await;
        assert_eq!((refused.status, refused.code().as_str()), (503, "audit-unreachable"));
    }
    rig.audit.set(Mood::Well);
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    assert_eq!(ask(&rig, &assertion).await.status, 200);
}
