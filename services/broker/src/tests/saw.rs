//! What whoever signs had seen of the log: where it is another log nothing is given, and what is taken away is taken away all the
//! same and says so.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use domain::PersonId;
use serde_json::{Value, json};
use statement::{ResetFactor, Revoke, Revoked, Verdict, Withdraw};
use wire::event::EventKind;

use super::world::{Account, Answered, Log, World, code};
use super::{break_glass, forgettings, policies};

const OTHER_LOG: (u16, &str) = (409, "other-log");

/// Heads that the log's key signed and that are not of this log: of a size that it had, of its own, and of one that it has not.
fn forks(w: &World) -> [String; 3] {
    let size = w.log.len() as u64 + 1;
    [1, size, size + 50].map(|size| Log::signer().sign(size, &[9; 32]))
}

fn show(w: &World, note: Option<String>) {
    *w.log.shown.lock().expect("shown") = note;
}

/// Signed and sent, with a code for exactly it.
async fn send<B: statement::Kind>(w: &World, who: &Account, path: &str, body: B, more: Value) -> Answered {
    let statement = w.sign(who, body, 300);
    let mfa = w.attestation(who, &statement).await;
    let mut call = more;
    call["statement"] = statement.into();
    call["mfa"] = mfa.into();
    w.post(who, path, call).await
}

async fn enrol(w: &World) -> Answered {
    let new = w.stranger("e-600", "e-600", &["engineer"]);
    assert_eq!(w.get(&new, "/v1/me").await.0, 200);
    let statement = w.enrol_statement(&w.ben, &new);
    w.send_enrolment(&w.ben, &statement).await
}

#[tokio::test]
async fn l_02_whoever_was_shown_another_log_is_given_nothing() {
    let w = World::new().await;
    let (mara, david) = (w.admitted("e-300", &["engineer"]).await, w.admitted("e-301", &["approver"]).await);
    let asked = w.ask(&mara).await;
    let reset = || ResetFactor { person: PersonId("e-300".into()), reason: "The phone was lost on a train.".into() };
    for fork in forks(&w) {
        show(&w, Some(fork));
        let text = policies::next();
        let adopt = policies::adopt(&w, &text);
        let before = w.log.len();
        assert_eq!(code(&w.send_request(&mara, w.request()).await), OTHER_LOG);
        assert_eq!(code(&w.approve(&david, &asked).await), OTHER_LOG);
        assert_eq!(code(&enrol(&w).await), OTHER_LOG);
        assert_eq!(code(&send(&w, &w.ben, "/v1/factor-resets", reset(), json!({})).await), OTHER_LOG);
        assert_eq!(code(&send(&w, &w.ben, "/v1/policies", adopt, json!({ "text": text })).await), OTHER_LOG);
        assert_eq!(code(&send(&w, &w.ben, "/v1/break-glass", break_glass::body(&w), json!({})).await), OTHER_LOG);
        assert_eq!(code(&send(&w, &w.ben, "/v1/forgettings", forgettings::away(0), json!({})).await), OTHER_LOG);
        let refused =
            w.log.since(before).iter().filter(|e| e.facts.get("code").is_some_and(|c| c == "other-log")).count();
        assert_eq!(refused, 7, "each stands in the log");
        show(&w, None);
    }
    let text = policies::next();
    let adopt = policies::adopt(&w, &text);
    assert_eq!(w.send_request(&mara, w.request()).await.0, 200);
    assert_eq!(w.approve(&david, &asked).await.0, 200);
    assert_eq!(enrol(&w).await.0, 204);
    assert_eq!(send(&w, &w.ben, "/v1/factor-resets", reset(), json!({})).await.0, 204);
    assert_eq!(send(&w, &w.ben, "/v1/policies", adopt, json!({ "text": text })).await.0, 200);
    assert_eq!(send(&w, &w.ben, "/v1/break-glass", break_glass::body(&w), json!({})).await.0, 200);
    assert_eq!(send(&w, &w.ben, "/v1/forgettings", forgettings::away(0), json!({})).await.0, 200);
}

#[tokio::test]
async fn l_02_what_is_taken_away_is_gone_and_says_that_its_signer_was_shown_another_log() {
    let w = World::new().await;
    let (mara, david) = (w.admitted("e-300", &["engineer"]).await, w.admitted("e-301", &["approver"]).await);
    let [withdrawn, denied, revoked, honest] =
        [w.ask(&mara).await, w.ask(&mara).await, w.ask(&mara).await, w.ask(&mara).await];
    let [one, two, three] = forks(&w);
    let reason = || "Their computer was stolen on a train.".to_owned();
    let taken_back = |id: &domain::Digest| w.sign(&mara, Withdraw { request: id.clone() }, 300);

    show(&w, Some(one));
    let statement = taken_back(&withdrawn);
    let answer = w.post(&mara, &format!("/v1/requests/{withdrawn}/withdraw"), json!({ "statement": statement })).await;
    assert_eq!((answer.0, &answer.1["state"]), (200, &json!("withdrawn")));
    assert_eq!(said(&w), (EventKind::RequestWithdrawn, Some("another-log".into())));

    show(&w, Some(two));
    let statement = w.sign(&david, w.decision(&denied, Verdict::Deny), 300);
    let answer = w.decide(&david, &denied, json!({ "statement": statement, "mfa": null })).await;
    assert_eq!((answer.0, &answer.1["state"]), (200, &json!("denied")));
    assert_eq!(said(&w), (EventKind::Denied, Some("another-log".into())));

    show(&w, Some(three));
    let body = Revoke { reason: reason(), revokes: Revoked::Grant(revoked.clone()) };
    let statement = w.sign(&david, body, 300);
    assert_eq!(w.post(&david, "/v1/revocations", json!({ "statement": statement, "mfa": null })).await.0, 204);
    assert_eq!(w.get(&mara, &format!("/v1/requests/{revoked}")).await.1["state"], "ended");
    let marked = w.log.since(0).into_iter().rfind(|e| e.kind == EventKind::Revoked).expect("written");
    assert_eq!(marked.facts.get("signer-saw").map(String::as_str), Some("another-log"));

    show(&w, None);
    let statement = taken_back(&honest);
    assert_eq!(
        w.post(&mara, &format!("/v1/requests/{honest}/withdraw"), json!({ "statement": statement })).await.0,
        200
    );
    assert_eq!(said(&w), (EventKind::RequestWithdrawn, None));
}

fn said(w: &World) -> (EventKind, Option<String>) {
    let last = w.log.last();
    (last.kind, last.facts.get("signer-saw").cloned())
}

#[tokio::test]
async fn what_a_signer_saw_long_ago_is_still_of_this_log() {
    let w = World::new().await;
    let old = w.log.head();
    let mara = w.admitted("e-300", &["engineer"]).await;
    show(&w, Some(old));
    assert_eq!(w.send_request(&mara, w.request()).await.0, 200);
}

#[tokio::test]
async fn l_02_a_log_that_lost_entries_is_noticed_also_by_a_later_run() {
    let mut w = World::new().await;
    let mara = w.admitted("e-300", &["engineer"]).await;
    w.ask(&mara).await;
    w.restart().await;
    w.log.lost.store(3, Ordering::SeqCst);
    let ahead = Log::signer().sign(w.log.len() as u64 + 9, &[9; 32]);
    show(&w, Some(ahead));
    assert_eq!(code(&w.send_request(&mara, w.request()).await), (503, "log-broken"));
}

#[tokio::test]
async fn nothing_is_given_while_what_a_signer_saw_cannot_be_held_to_the_log() {
    let w = World::new().await;
    let mara = w.admitted("e-300", &["engineer"]).await;
    let statement = w.sign(&mara, w.request(), 3600);
    w.log.away.store(true, Ordering::SeqCst);
    let answer = w.post(&mara, "/v1/requests", json!({ "statement": statement })).await;
    assert_eq!(code(&answer), (503, "audit-unreachable"));
}

/// Requests whose signers' heads nobody can compare just now, all sent at once, and meanwhile what has to go on.
#[tokio::test]
async fn a_log_that_gives_no_path_keeps_nobody_waiting_but_those_who_need_one() {
    let w = World::new().await;
    let (mara, david) = (w.admitted("e-300", &["engineer"]).await, w.admitted("e-301", &["approver"]).await);
    let old = w.log.head();
    show(&w, Some(old.clone()));
    let asked = w.ask(&mara).await;
    show(&w, None);
    let unknown = [w.sign(&mara, w.request(), 3600), w.sign(&mara, w.request(), 3600)];
    let revokes = Revoked::Grant(asked.clone());
    let revoke = w.sign(&david, Revoke { reason: "Their computer was stolen on a train.".into(), revokes }, 300);
    show(&w, Some(old));
    let known = w.sign(&mara, w.request(), 3600);
    w.log.no_paths.store(true, Ordering::SeqCst);
    let ask = |statement: &String| w.post(&mara, "/v1/requests", json!({ "statement": statement }));
    let asking = futures_util::future::join_all(unknown.iter().map(ask));
    let meanwhile = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let began = Instant::now();
        assert_eq!(ask(&known).await.0, 200, "what its signer saw is known");
        let body = json!({ "statement": revoke, "mfa": null });
        assert_eq!(w.post(&david, "/v1/revocations", body).await.0, 204);
        assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    };
    let (answers, ()) = tokio::join!(asking, meanwhile);
    for answer in &answers {
        assert_eq!(code(answer), (503, "audit-unreachable"));
    }
    let written = w.log.since(0).into_iter().rfind(|e| e.kind == EventKind::Revoked).expect("written");
    assert_eq!(written.facts.get("signer-saw").map(String::as_str), Some("not-compared"));
}

#[tokio::test]
async fn what_is_taken_away_is_gone_also_when_there_is_no_path_and_says_so() {
    let w = World::new().await;
    let (mara, david) = (w.admitted("e-300", &["engineer"]).await, w.admitted("e-301", &["approver"]).await);
    let (withdrawn, denied) = (w.ask(&mara).await, w.ask(&mara).await);
    let withdraw = w.sign(&mara, Withdraw { request: withdrawn.clone() }, 300);
    let deny = w.sign(&david, w.decision(&denied, Verdict::Deny), 300);
    w.log.no_paths.store(true, Ordering::SeqCst);
    let path = format!("/v1/requests/{withdrawn}/withdraw");
    let answer = w.post(&mara, &path, json!({ "statement": withdraw })).await;
    assert_eq!((answer.0, &answer.1["state"]), (200, &json!("withdrawn")));
    assert_eq!(said(&w), (EventKind::RequestWithdrawn, Some("not-compared".into())));
    let answer = w.decide(&david, &denied, json!({ "statement": deny, "mfa": null })).await;
    assert_eq!((answer.0, &answer.1["state"]), (200, &json!("denied")));
    assert_eq!(said(&w), (EventKind::Denied, Some("not-compared".into())));
}
