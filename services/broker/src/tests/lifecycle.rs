use serde_json::json;
use statement::{Bundle, SessionOpen, sha256, verify_open};
use wire::broker::Materials;
use wire::event::EventKind;

use super::world::{World, code, roles_of};

#[tokio::test]
async fn from_asking_to_a_bundle_that_opens_and_to_the_end() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let tomasz = w.admitted("e-200", &["approver"]).await;
    let id = w.ask(&mara).await;

    let (_, inbox) = w.get(&tomasz, "/v1/requests?view=inbox").await;
    assert_eq!(inbox[0]["id"], json!(id));
    assert_eq!(inbox[0]["organization"]["name"], "Kinloch Hotels");
    assert_eq!(w.get(&mara, "/v1/requests?view=inbox").await, (200, json!([])));

    let (status, view) = w.approve(&tomasz, &id).await;
    assert_eq!((status, view["state"].as_str()), (200, Some("approved")));
    assert_eq!(view["decisions"][0]["person"], "e-200");
    assert_eq!(w.get(&tomasz, "/v1/requests?view=decided").await.1[0]["id"], json!(id));

    let (status, materials) = w.get(&mara, &format!("/v1/requests/{id}/materials")).await;
    assert_eq!(status, 200, "{materials}");
    let materials: Materials = serde_json::from_value(materials).expect("materials");
    let tls_client = sha256("certificate");
    let open = SessionOpen {
        decisions: materials.decisions.iter().map(sha256).collect(),
        request: id.clone(),
        tls_client: tls_client.clone(),
    };
    let bundle = Bundle {
        pk_tokens: materials.pk_tokens,
        enrols: materials.enrols,
        request: materials.request,
        decisions: materials.decisions,
        mfa: materials.mfa,
        open: w.sign(&mara, open, 60),
        break_glass: None,
    };
    let keys = w.broker.keys().await.expect("keys");
    let opening = verify_open(&bundle, &w.trust, &keys, &tls_client, w.broker.now()).expect("opens");
    assert_eq!(opening.decisions().len(), 1);
    assert_eq!(opening.request().identity.roles, roles_of(&mara));

    let session = opening.open().digest().clone();
    let lease = json!({"sessions": [{"session": session, "request": id}]});
    assert_eq!(w.as_gateway("/v1/leases", lease.clone()).await.1["leases"].as_array().map(Vec::len), Some(1));
    let ends_at = w.broker.now() + 1800;
    let opened = json!({"kind": "opened", "request": id, "session": session, "ends_at": ends_at});
    assert_eq!(w.as_gateway("/v1/session-changes", opened.clone()).await.0, 204);
    assert_eq!(w.as_gateway("/v1/session-changes", opened).await.0, 204, "told twice");
    assert_eq!(w.state(&mara, &id).await, "open");
    let (_, leases) = w.as_gateway("/v1/leases", lease.clone()).await;
    let signed = statement::verify_attested::<statement::Lease>(leases["leases"][0].as_str().expect("lease"), &w.trust);
    let signed = signed.expect("a lease of the pinned key");
    assert_eq!(signed.body().session, session.clone().into());
    assert_eq!(signed.payload().exp, w.broker.now() + 15);

    let other = json!({"sessions": [{"session": sha256("other"), "request": id}]});
    assert_eq!(w.as_gateway("/v1/leases", other).await.1["leases"], json!([]));
    let other = json!({"kind": "opened", "request": id, "session": sha256("other"), "ends_at": ends_at});
    assert_eq!(code(&w.as_gateway("/v1/session-changes", other).await), (409, "other-session"));

    let ended = json!({"kind": "ended", "request": id, "session": session, "reason": "ended-by-requester"});
    assert_eq!(w.as_gateway("/v1/session-changes", ended.clone()).await.0, 204);
    assert_eq!(w.as_gateway("/v1/session-changes", ended).await.0, 204, "told twice");
    assert_eq!(w.state(&mara, &id).await, "ended");
    assert_eq!(w.as_gateway("/v1/leases", lease).await.1["leases"], json!([]));
    assert_eq!(code(&w.get(&mara, &format!("/v1/requests/{id}/materials")).await), (409, "already-decided"));
}

#[tokio::test]
async fn each_step_stands_in_the_log_once() {
    use EventKind as E;
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let tomasz = w.admitted("e-200", &["approver"]).await;
    let before = w.log.len();
    let first = w.ask(&mara).await;
    w.approve(&tomasz, &first).await;
    let second = w.ask(&mara).await;
    w.deny(&tomasz, &second).await;
    let third = w.ask(&mara).await;
    w.withdraw(&mara, &third).await;
    let expected = [
        E::RequestSigned,
        E::SecondFactorPassed,
        E::Approved,
        E::RequestSigned,
        E::Denied,
        E::RequestSigned,
        E::RequestWithdrawn,
    ];
    assert_eq!(w.log.kinds()[before..], expected);
    let own: Vec<E> = w.log.kinds()[..before].iter().copied().filter(|kind| *kind != E::Viewed).collect();
    assert_eq!(
        own,
        [
            E::SignedIn,
            E::SecondFactorBegun,
            E::SecondFactorEnrolled,
            E::SignedIn,
            E::SecondFactorPassed,
            E::Enrolled,
            E::SecondFactorBegun,
            E::SecondFactorEnrolled,
            E::SignedIn,
            E::SecondFactorPassed,
            E::Enrolled,
            E::SecondFactorBegun,
            E::SecondFactorEnrolled
        ]
    );
}

#[tokio::test]
async fn facts_name_nobody_and_statements_travel() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let id = w.ask(&mara).await;
    let event = w.log.last();
    assert_eq!(event.statements.iter().map(sha256).collect::<Vec<_>>(), [id]);
    assert_eq!(event.organization.as_ref().map(|o| o.as_str()), Some("kinloch-hotels"));
    for value in event.facts.values() {
        assert!(!value.contains("e-100") && !value.contains("Name") && !value.contains("Booking"), "{value}");
    }
    assert_eq!(event.personal["person"], "e-100");
    assert!(event.personal["justification"].starts_with("Booking"));
}

#[tokio::test]
async fn two_approvals_where_the_policy_asks_for_two() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let tomasz = w.admitted("e-200", &["approver"]).await;
    let adaeze = w.admitted("e-300", &["approver"]).await;
    let mut body = w.request();
    body.reason = domain::ReasonCategory::LegalDisclosure;
    let statement = w.sign(&mara, body, 3600);
    let id = sha256(&statement);
    assert_eq!(w.post(&mara, "/v1/requests", json!({ "statement": statement })).await.0, 200);
    assert_eq!(w.approve(&tomasz, &id).await.1["state"], "waiting");
    assert_eq!(code(&w.get(&mara, &format!("/v1/requests/{id}/materials")).await), (409, "no-approval"));
    assert_eq!(w.get(&tomasz, "/v1/requests?view=inbox").await.1, json!([]));
    assert_eq!(code(&w.approve(&tomasz, &id).await), (409, "decided-twice"));
    assert_eq!(w.approve(&adaeze, &id).await.1["state"], "approved");
    let (_, materials) = w.get(&mara, &format!("/v1/requests/{id}/materials")).await;
    assert_eq!(materials["decisions"].as_array().map(Vec::len), Some(2));
    assert_eq!(materials["mfa"].as_array().map(Vec::len), Some(3));
}

#[tokio::test]
async fn time_ends_what_nobody_decided_or_opened() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let tomasz = w.admitted("e-200", &["approver"]).await;
    let (waiting, approved) = (w.ask(&mara).await, w.ask(&mara).await);
    w.approve(&tomasz, &approved).await;
    w.clock.advance(3600);
    crate::expiry::sweep(&w.broker).await.expect("swept");
    assert_eq!(w.log.last().kind, EventKind::RequestExpired);
    assert_eq!(w.log.last().facts["code"], "nobody-decided");
    assert_eq!(w.state(&mara, &waiting).await, "expired");
    assert_eq!(w.state(&mara, &approved).await, "approved");
    w.clock.advance(3 * 3600);
    crate::expiry::sweep(&w.broker).await.expect("swept");
    let row = w.broker.find(approved.as_str()).await.expect("row");
    assert_eq!(row.standing.state, wire::broker::RequestState::Expired);
    assert_eq!(w.log.last().facts["code"], "nobody-opened");
    let before = w.log.len();
    crate::expiry::sweep(&w.broker).await.expect("swept");
    assert_eq!(w.log.len(), before, "once");
}

#[tokio::test]
async fn sessions_are_the_gateways_to_tell() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let id = w.ask(&mara).await;
    let change = json!({"kind": "opened", "request": id, "session": sha256("s"), "ends_at": 1});
    for service in [None, Some(serve::Service::Audit), Some(serve::Service::Broker)] {
        assert_eq!(code(&w.as_service(service, "/v1/session-changes", change.clone()).await), (403, "gateway-only"));
        assert_eq!(code(&w.as_service(service, "/v1/leases", json!({"sessions": []})).await), (403, "gateway-only"));
    }
    assert_eq!(code(&w.post(&mara, "/v1/session-changes", change.clone()).await), (403, "gateway-only"));
    assert_eq!(code(&w.as_gateway("/v1/session-changes", change).await), (409, "no-approval"));
    let lease = json!({"sessions": [{"session": sha256("s"), "request": id}]});
    assert_eq!(w.as_gateway("/v1/leases", lease).await.1["leases"], json!([]));
}

#[tokio::test]
async fn a_session_whose_end_nobody_told_is_over() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let tomasz = w.admitted("e-200", &["approver"]).await;
    let id = w.ask(&mara).await;
    w.approve(&tomasz, &id).await;
    let session = sha256("session");
    let opened = json!({"kind": "opened", "request": id, "session": session, "ends_at": w.broker.now() + 600});
    assert_eq!(w.as_gateway("/v1/session-changes", opened).await.0, 204);
    let lease = json!({"sessions": [{"session": session, "request": id}]});
    w.clock.advance(600);
    assert_eq!(w.as_gateway("/v1/leases", lease).await.1["leases"], json!([]), "no lease past the end");
    crate::expiry::sweep(&w.broker).await.expect("swept");
    assert_eq!(w.state(&mara, &id).await, "open");
    w.clock.advance(120);
    crate::expiry::sweep(&w.broker).await.expect("swept");
    assert_eq!(w.state(&mara, &id).await, "ended");
    assert_eq!(w.log.last().facts["code"], "end-not-told");
    let ended = json!({"kind": "ended", "request": id, "session": session, "reason": "gateway-stopped"});
    assert_eq!(w.as_gateway("/v1/session-changes", ended).await.0, 204, "told late");
}

#[tokio::test]
async fn a_10_one_grant_is_one_session_however_many_say_they_opened_it() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let tomasz = w.admitted("e-200", &["approver"]).await;
    let id = w.ask(&mara).await;
    w.approve(&tomasz, &id).await;
    let ends_at = w.broker.now() + 600;
    let sessions: Vec<_> = (0..50).map(|n| sha256(format!("session {n}"))).collect();
    let opened = |session| json!({"kind": "opened", "request": id, "session": session, "ends_at": ends_at});
    let calls = sessions.iter().map(|session| w.as_gateway("/v1/session-changes", opened(session)));
    let answers = futures_util::future::join_all(calls).await;
    assert_eq!(answers.iter().filter(|a| a.0 == 204).count(), 1);
    assert_eq!(answers.iter().filter(|a| code(a) == (409, "other-session")).count(), 49);
    let asked: Vec<_> = sessions.iter().map(|session| json!({"session": session, "request": id})).collect();
    let (_, leases) = w.as_gateway("/v1/leases", json!({ "sessions": asked })).await;
    assert_eq!(leases["leases"].as_array().map(Vec::len), Some(1));
}
