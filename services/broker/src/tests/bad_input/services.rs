//! Other services that are away, or of another time.

use std::sync::atomic::Ordering;

use domain::Digest;
use serde_json::json;
use statement::{Verdict, sha256};
use wire::event::EventKind;

use super::super::world::{Account, Answered};
use super::{Trial, sign_in};

/// The calls that change something, made by people who may.
async fn steps(t: &Trial, mara: &Account, tomasz: &Account, id: &Digest) -> Vec<(&'static str, Answered)> {
    let w = &t.w;
    let denial = json!({"statement": w.sign(tomasz, w.decision(id, Verdict::Deny), 600), "mfa": null});
    let enrol = json!({"statement": w.enrol_statement(&w.ben, &w.stranger("e-600", "e-600", &[]))});
    let session = json!({"kind": "opened", "request": id, "session": sha256("s"), "ends_at": w.broker.now() + 9});
    vec![
        ("a sign-in", w.get(&w.stranger("e-700", "e-700", &[]), "/v1/me").await),
        ("asking", w.send_request(mara, w.request()).await),
        ("withdrawing", w.withdraw(mara, id).await),
        ("deciding", w.decide(tomasz, id, denial).await),
        ("a code", w.post(mara, "/v1/codes", sign_in(&w.next_code(mara))).await),
        ("enrolling", w.post(&w.ben, "/v1/enrolments", enrol).await),
        ("a session", w.as_gateway("/v1/session-changes", session).await),
    ]
}

#[tokio::test]
async fn without_the_audit_service_nothing_happens() {
    let t = Trial::new().await;
    let mara = t.w.admitted("e-100", &["engineer"]).await;
    let tomasz = t.w.admitted("e-200", &["approver"]).await;
    let id = t.w.ask(&mara).await;
    let (rows, events) = (t.rows().await, t.w.log.len());
    t.w.log.away.store(true, Ordering::SeqCst);
    for (what, answer) in steps(&t, &mara, &tomasz, &id).await {
        t.says(what, (503, "audit-unreachable"), &answer);
    }
    assert_eq!((t.rows().await, t.w.log.len()), (rows, events));
    t.w.log.away.store(false, Ordering::SeqCst);
    assert_eq!(t.w.deny(&tomasz, &id).await.1["state"], "denied", "afterwards it goes on");
}

#[tokio::test]
async fn t_15_with_a_wrong_clock_of_its_own_the_broker_changes_nothing() {
    let t = Trial::new().await;
    let mara = t.w.admitted("e-100", &["engineer"]).await;
    let tomasz = t.w.admitted("e-200", &["approver"]).await;
    let id = t.w.ask(&mara).await;
    for ahead in [5_001, -5_500, 86_400_000, -31_536_000_000] {
        t.w.log.ahead.store(ahead, Ordering::SeqCst);
        let (rows, events) = (t.rows().await, t.w.log.len());
        let answers = steps(&t, &mara, &tomasz, &id).await;
        for (what, answer) in &answers {
            t.says(what, (503, "clocks-differ"), answer);
        }
        assert_eq!(t.rows().await, rows, "{ahead}");
        let written = t.w.log.since(events);
        assert_eq!(written.len(), answers.len(), "{ahead}: one entry each");
        assert!(written.iter().all(|e| e.facts["code"] == "clocks-differ"), "{ahead}");
        assert_eq!(t.w.get(&mara, "/v1/requests?view=mine").await.0, 200, "what changes nothing is still answered");
    }
    t.w.clock.advance(3600);
    let events = t.w.log.len();
    assert!(crate::expiry::sweep(&t.w.broker).await.is_err(), "nor does its time end anything");
    assert_eq!(t.w.log.len(), events);
    for ahead in [4_900, -4_900, 0] {
        t.w.log.ahead.store(ahead, Ordering::SeqCst);
        assert_eq!(t.w.send_request(&mara, t.w.request()).await.0, 200, "{ahead}");
    }
    crate::expiry::sweep(&t.w.broker).await.expect("swept");
    assert_eq!(t.w.state(&mara, &id).await, "expired");
}

#[tokio::test]
async fn without_the_identity_provider_nobody_gets_in() {
    let t = Trial::new().await;
    let mara = t.w.admitted("e-100", &["engineer"]).await;
    t.w.issuer_away();
    t.w.clock.advance(3601);
    let call = t.w.send_request(&mara, t.w.request());
    t.refused("asking", (503, "provider-unreachable"), EventKind::SignInRefused, call).await;
}
