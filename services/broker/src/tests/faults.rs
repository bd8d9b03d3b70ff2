use std::sync::atomic::Ordering;

use serde_json::{Value, json};
use statement::{Verdict, sha256};
use wire::event::EventKind;

use super::world::{World, code};

#[tokio::test]
async fn without_the_audit_service_nothing_changes() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let tomasz = w.admitted("e-200", &["approver"]).await;
    let id = w.ask(&mara).await;
    let approval = w.sign(&tomasz, w.decision(&id, Verdict::Approve), 600);
    let mfa = w.attestation(&tomasz, &approval).await;
    let stranger = w.stranger("e-300", "new", &["engineer"]);
    let events = w.log.len();
    w.log.away.store(true, Ordering::SeqCst);

    let unreachable = (503, "audit-unreachable");
    assert_eq!(code(&w.get(&stranger, "/v1/me").await), unreachable);
    assert_eq!(code(&w.send_request(&mara, w.request()).await), unreachable);
    let decision = json!({"statement": approval, "mfa": mfa});
    assert_eq!(code(&w.decide(&tomasz, &id, decision.clone()).await), unreachable);
    assert_eq!(code(&w.deny(&tomasz, &id).await), unreachable);
    assert_eq!(code(&w.withdraw(&mara, &id).await), unreachable);
    let body = json!({"code": w.next_code(&mara), "purpose": "sign-in", "statement": null});
    assert_eq!(code(&w.post(&mara, "/v1/codes", body.clone()).await), unreachable);
    let wrong = json!({"code": "000000", "purpose": "sign-in", "statement": null});
    for _ in 0..10 {
        assert_eq!(
            code(&w.post(&mara, "/v1/codes", wrong.clone()).await),
            unreachable,
            "and it tells nothing of the code"
        );
    }
    assert!(crate::expiry::sweep(&w.broker).await.is_ok(), "nothing has lapsed");

    w.log.away.store(false, Ordering::SeqCst);
    assert_eq!(w.log.len(), events);
    assert_eq!(w.state(&mara, &id).await, "waiting");
    assert_eq!(w.get(&w.ben, "/v1/enrolments").await.1, json!([]));
    assert_eq!(w.get(&mara, "/v1/requests?view=mine").await.1.as_array().map(Vec::len), Some(1));
    assert_eq!(w.post(&mara, "/v1/codes", body).await.0, 200, "the code is still good");
    assert_eq!(w.decide(&tomasz, &id, decision).await.1["state"], "approved");
}

#[tokio::test]
async fn a_11_killed_between_the_event_and_its_effect() {
    let mut w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let tomasz = w.admitted("e-200", &["approver"]).await;
    let id = w.ask(&mara).await;
    let approval = w.sign(&tomasz, w.decision(&id, Verdict::Approve), 600);
    let mfa = w.attestation(&tomasz, &approval).await;
    // What a kill leaves behind: the Event stands in the log, the database knows nothing of it.
    let path = w.folder.path().join("broker.sqlite");
    let pool = sqlx::SqlitePool::connect(&format!("sqlite://{}", path.display())).await.expect("pool");
    sqlx::query("CREATE TRIGGER killed BEFORE INSERT ON decisions BEGIN SELECT RAISE(ABORT, 'killed'); END")
        .execute(&pool)
        .await
        .expect("trigger");
    let decision = json!({"statement": approval, "mfa": mfa});
    assert_eq!(code(&w.decide(&tomasz, &id, decision.clone()).await), (503, "storage-failed"));
    assert_eq!(w.state(&mara, &id).await, "waiting", "both or neither");
    sqlx::query("DROP TRIGGER killed").execute(&pool).await.expect("dropped");
    w.restart().await;
    assert_eq!(w.decide(&tomasz, &id, decision.clone()).await.1["state"], "approved");
    assert_eq!(code(&w.decide(&tomasz, &id, decision).await), (409, "already-decided"));
    assert_eq!(w.log.kinds().iter().filter(|k| **k == EventKind::Approved).count(), 1, "at most once");
}

#[tokio::test]
async fn everything_is_there_after_a_restart() {
    let mut w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let tomasz = w.admitted("e-200", &["approver"]).await;
    let id = w.ask(&mara).await;
    w.restart().await;
    assert_eq!(w.state(&mara, &id).await, "waiting");
    assert_eq!(w.approve(&tomasz, &id).await.1["state"], "approved");
    w.restart().await;
    assert_eq!(w.get(&mara, &format!("/v1/requests/{id}/materials")).await.0, 200);
}

#[tokio::test]
async fn what_is_sent_twice_has_one_effect() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let statement = w.sign(&mara, w.request(), 3600);
    let body = json!({ "statement": statement });
    let calls = (0..20).map(|_| w.post(&mara, "/v1/requests", body.clone()));
    let answers = futures_util::future::join_all(calls).await;
    assert_eq!(answers.iter().filter(|a| a.0 == 200).count(), 1);
    assert_eq!(w.log.kinds().iter().filter(|k| **k == EventKind::RequestSigned).count(), 1);
    assert_eq!(w.get(&mara, &format!("/v1/requests/{}", sha256(statement))).await.0, 200);
}

#[tokio::test]
async fn a_sign_in_that_is_not_one_leaves_an_event() {
    let w = World::new().await;
    let mut mara = w.stranger("e-100", "mara", &["engineer"]);
    let before = w.log.len();
    mara.token = mara.token.replacen("eyJ", "eyK", 1);
    assert_eq!(w.get(&mara, "/v1/me").await.0, 401);
    assert_eq!(w.log.len(), before + 1);
    assert_eq!(w.log.last().kind, EventKind::SignInRefused);
    assert_eq!(w.log.last().personal.len(), 0, "nobody is named by a token that nobody signed");
    assert_eq!(w.post(&w.ben, "/v1/codes", Value::Null).await.0, 400);
    assert_eq!(w.log.last().kind, EventKind::SecondFactorRefused);
}

#[tokio::test]
async fn a_flood_of_refusals_is_counted() {
    let w = World::new().await;
    let mut mara = w.stranger("e-100", "mara", &["engineer"]);
    mara.token = mara.token.replacen("eyJ", "eyK", 1);
    let before = w.log.len();
    for _ in 0..500 {
        assert_eq!(w.get(&mara, "/v1/me").await.0, 401);
    }
    assert_eq!(w.log.len(), before + 120);
    w.clock.advance(60);
    w.broker.log_floods().await.expect("logged");
    assert_eq!(w.log.last().facts["code"], "repeated");
    assert_eq!(w.log.last().facts["count"], "380");
}

#[tokio::test]
async fn an_unreachable_provider_is_said_and_logged() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    w.issuer_away();
    w.clock.advance(1800);
    assert_eq!(w.get(&mara, "/v1/organizations").await.0, 200, "its keys are kept for an hour");
    w.clock.advance(1801);
    assert_eq!(code(&w.get(&mara, "/v1/organizations").await), (503, "provider-unreachable"));
    assert_eq!(w.log.last().facts["code"], "provider-unreachable");
}

#[cfg(unix)]
#[tokio::test]
async fn the_database_is_its_owners_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let w = World::new().await;
    for name in ["broker.sqlite", "broker.sqlite-wal", "broker.sqlite-shm"] {
        let mode = std::fs::metadata(w.folder.path().join(name)).expect(name).permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}
