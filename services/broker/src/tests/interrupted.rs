//! What the log says of a request is true of it, whatever was interrupted.

use std::sync::atomic::Ordering;

use domain::Digest;
use serde_json::json;
use statement::{Verdict, sha256};
use wire::event::EventKind;

use super::world::{Account, World, code, fields};

async fn pool(w: &World) -> sqlx::SqlitePool {
    let path = w.folder.path().join("broker.sqlite");
    sqlx::SqlitePool::connect(&format!("sqlite://{}", path.display())).await.expect("pool")
}

async fn run(w: &World, sql: &'static str) {
    sqlx::query(sql).execute(&pool(w).await).await.expect("executed");
}

async fn three() -> (World, Account, Account, Account) {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let tomasz = w.admitted("e-200", &["approver"]).await;
    let adaeze = w.admitted("e-300", &["approver"]).await;
    (w, mara, tomasz, adaeze)
}

fn count(w: &World, kind: EventKind) -> usize {
    w.log.kinds().iter().filter(|k| **k == kind).count()
}

#[tokio::test]
async fn a_11_a_denial_that_was_killed_is_one_after_the_start() {
    let (mut w, mara, tomasz, _) = three().await;
    let id = w.ask(&mara).await;
    run(&w, "CREATE TRIGGER killed BEFORE INSERT ON decisions BEGIN SELECT RAISE(ABORT, 'killed'); END").await;
    assert_eq!(code(&w.deny(&tomasz, &id).await), (503, "storage-failed"));
    run(&w, "DROP TRIGGER killed").await;
    w.restart().await;
    w.broker.finish_all().await.expect("finished");
    assert_eq!(w.state(&mara, &id).await, "denied");
    let (_, view) = w.get(&mara, &format!("/v1/requests/{id}")).await;
    assert_eq!(view["decisions"][0]["person"], "e-200");
    assert_eq!(count(&w, EventKind::Denied), 1, "at most once");
    w.broker.finish_all().await.expect("nothing is left");
}

#[tokio::test]
async fn a_11_a_withdrawal_that_was_killed_comes_before_an_approval() {
    let (mut w, mara, tomasz, _) = three().await;
    let id = w.ask(&mara).await;
    run(&w, "CREATE TRIGGER killed BEFORE UPDATE ON requests BEGIN SELECT RAISE(ABORT, 'killed'); END").await;
    assert_eq!(code(&w.withdraw(&mara, &id).await), (503, "storage-failed"));
    run(&w, "DROP TRIGGER killed").await;
    w.restart().await;
    assert_eq!(code(&w.approve(&tomasz, &id).await), (409, "withdrawn"));
    assert_eq!(count(&w, EventKind::RequestWithdrawn), 1);
}

#[tokio::test]
async fn a_denial_whose_acknowledgement_was_lost_is_one() {
    let (w, mara, tomasz, adaeze) = three().await;
    let (first, second) = (w.ask(&mara).await, w.ask(&mara).await);
    w.log.mute.store(true, Ordering::SeqCst);
    let answer = w.deny(&tomasz, &first).await;
    assert_eq!(code(&answer), (503, "audit-unreachable"));
    assert!(answer.1["detail"].as_str().is_some_and(|d| d.contains("if it was written down")), "{answer:?}");
    assert_eq!(code(&w.withdraw(&mara, &second).await), (503, "audit-unreachable"));
    w.log.mute.store(false, Ordering::SeqCst);
    assert_eq!(code(&w.approve(&adaeze, &first).await), (409, "already-decided"));
    w.broker.finish_all().await.expect("finished");
    assert_eq!(w.state(&mara, &second).await, "withdrawn");
    assert_eq!((count(&w, EventKind::Denied), count(&w, EventKind::RequestWithdrawn)), (1, 1));
}

#[tokio::test]
async fn a_request_that_was_opened_while_it_was_withdrawn_names_its_session() {
    let (w, mara, tomasz, _) = three().await;
    let id = w.ask(&mara).await;
    w.approve(&tomasz, &id).await;
    assert_eq!(w.withdraw(&mara, &id).await.0, 200);
    let session = sha256("session");
    let opened = json!({"kind": "opened", "request": id, "session": session, "ends_at": w.broker.now() + 600});
    assert_eq!(code(&w.as_gateway("/v1/session-changes", opened).await), (409, "withdrawn"));
    let ended = json!({"kind": "ended", "request": id, "session": session, "reason": "lease-lost"});
    assert_eq!(w.as_gateway("/v1/session-changes", ended.clone()).await.0, 204);
    assert_eq!(w.as_gateway("/v1/session-changes", ended).await.0, 204, "told twice");
    let (_, view) = w.get(&mara, &format!("/v1/requests/{id}")).await;
    assert_eq!(view["state"], "withdrawn");
    assert_eq!((&view["session"], &view["ended_by"]), (&json!(session), &json!("lease-lost")));
    let other = json!({"kind": "ended", "request": id, "session": sha256("other"), "reason": "expired"});
    assert_eq!(code(&w.as_gateway("/v1/session-changes", other).await), (409, "withdrawn"));
}

#[tokio::test]
async fn a_broken_row_hinders_no_other_request() {
    let (w, mara, tomasz, _) = three().await;
    let (broken, waiting, open) = (w.ask(&mara).await, w.ask(&mara).await, w.ask(&mara).await);
    w.approve(&tomasz, &open).await;
    let opened = json!({"kind": "opened", "request": open, "session": sha256("s"), "ends_at": w.broker.now() + 9000});
    assert_eq!(w.as_gateway("/v1/session-changes", opened).await.0, 204);
    sqlx::query("UPDATE requests SET body = ? WHERE digest = ?")
        .bind(fields().seal("body", "{}").expect("sealed"))
        .bind(broken.as_str())
        .execute(&pool(&w).await)
        .await
        .expect("broken");
    let lease = |id: &Digest| json!({"session": sha256("s"), "request": id});
    let (status, leases) = w.as_gateway("/v1/leases", json!({"sessions": [lease(&broken), lease(&open)]})).await;
    assert_eq!((status, leases["leases"].as_array().map(Vec::len)), (200, Some(1)));
    assert_eq!(w.get(&mara, "/v1/requests?view=mine").await.1.as_array().map(Vec::len), Some(2));
    w.clock.advance(3600);
    crate::expiry::sweep(&w.broker).await.expect("swept");
    assert_eq!(w.state(&mara, &waiting).await, "expired");
}

#[tokio::test]
async fn more_leases_than_a_call_gives_are_refused_and_not_cut() {
    let (w, ..) = three().await;
    let sessions: Vec<_> = (0..1001).map(|_| json!({"session": sha256("s"), "request": sha256("r")})).collect();
    assert_eq!(w.as_gateway("/v1/leases", json!({ "sessions": &sessions[..1000] })).await.0, 200);
    let answer = w.as_gateway("/v1/leases", json!({ "sessions": sessions })).await;
    assert_eq!(code(&answer), (413, "too-many-leases"));
    assert_eq!(w.log.last().facts["code"], "too-many-leases");
}

#[tokio::test]
async fn refusals_that_could_not_be_written_are_counted() {
    let (w, mara, tomasz, _) = three().await;
    let id = w.ask(&mara).await;
    let written = w.log.len();
    w.log.away.store(true, Ordering::SeqCst);
    for _ in 0..3 {
        assert_eq!(code(&w.withdraw(&mara, &id).await), (503, "audit-unreachable"));
    }
    assert!(w.broker.log_floods().await.is_err(), "not yet");
    w.log.away.store(false, Ordering::SeqCst);
    run(&w, "CREATE TRIGGER killed BEFORE INSERT ON decisions BEGIN SELECT RAISE(ABORT, 'killed'); END").await;
    let statement = w.sign(&tomasz, w.decision(&id, Verdict::Approve), 600);
    let mfa = w.attestation(&tomasz, &statement).await;
    let decided = w.decide(&tomasz, &id, json!({"statement": statement, "mfa": mfa})).await;
    assert_eq!(code(&decided), (503, "storage-failed"));
    w.broker.log_floods().await.expect("written");
    let counts: Vec<_> = w
        .log
        .since(written)
        .into_iter()
        .filter(|e| e.kind == EventKind::CallRefused)
        .map(|e| (e.facts["code"].clone(), e.facts["count"].clone()))
        .collect();
    assert_eq!(counts, [("audit-unreachable".into(), "3".into()), ("storage-failed".into(), "1".into())]);
}
