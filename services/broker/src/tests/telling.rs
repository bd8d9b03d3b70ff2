//! What the gateway tells stands in the broker's own log first, and leases stand there too.

use std::sync::atomic::Ordering;

use domain::Digest;
use serde_json::json;
use statement::{Revoke, Revoked, sha256};
use wire::event::{Append, EventKind};

use super::world::{Account, World, code};

fn of_kind(w: &World, kind: EventKind) -> Vec<Append> {
    w.log.since(0).into_iter().filter(|event| event.kind == kind).collect()
}

/// A request that waits to be opened, and who asked.
async fn approved(w: &World) -> (Account, Digest) {
    let mara = w.admitted("e-100", &["engineer"]).await;
    let tomasz = w.admitted("e-200", &["approver"]).await;
    let id = w.ask(&mara).await;
    assert_eq!(w.approve(&tomasz, &id).await.0, 200);
    (mara, id)
}

#[tokio::test]
async fn a_change_that_cannot_be_written_is_not_followed_and_one_that_is_stands_there_once() {
    let w = World::new().await;
    let (mara, id) = approved(&w).await;
    let (session, ends_at) = (sha256("s"), w.broker.now() + 1800);
    let opened = json!({"kind": "opened", "request": id, "session": session, "ends_at": ends_at});
    w.log.away.store(true, Ordering::SeqCst);
    assert_eq!(code(&w.as_gateway("/v1/session-changes", opened.clone()).await), (503, "audit-unreachable"));
    w.log.away.store(false, Ordering::SeqCst);
    assert_eq!(w.state(&mara, &id).await, "approved");

    // It took the Event and did not say so.
    w.log.mute.store(true, Ordering::SeqCst);
    assert_eq!(w.as_gateway("/v1/session-changes", opened.clone()).await.0, 503);
    w.log.mute.store(false, Ordering::SeqCst);
    assert_eq!(w.state(&mara, &id).await, "approved");
    for _ in 0..2 {
        assert_eq!(w.as_gateway("/v1/session-changes", opened.clone()).await.0, 204);
    }
    assert_eq!(w.state(&mara, &id).await, "open");
    let ended = json!({"kind": "ended", "request": id, "session": session, "reason": "expired"});
    for _ in 0..2 {
        assert_eq!(w.as_gateway("/v1/session-changes", ended.clone()).await.0, 204);
    }
    let [first, second] = &of_kind(&w, EventKind::GrantChanged)[..] else { panic!("one entry each") };
    let facts = |event: &Append, names: [&str; 3]| names.map(|name| event.facts[name].clone());
    assert_eq!(facts(first, ["change", "request", "ends-at"]), ["opened".into(), id.to_string(), ends_at.to_string()]);
    assert_eq!(facts(second, ["change", "request", "reason"]), ["ended".into(), id.to_string(), "expired".into()]);
    for event in [first, second] {
        assert_eq!(event.session.as_ref().map(ToString::to_string), Some(session.to_string()));
        assert_eq!(event.organization.as_ref().map(ToString::to_string), Some("kinloch-hotels".to_owned()));
    }
}

#[tokio::test]
async fn nobodys_turn_waits_for_the_log_and_what_changed_meanwhile_counts() {
    let w = World::new().await;
    let (mara, id) = approved(&w).await;
    let tomasz = w.admitted("e-201", &["approver"]).await;
    *w.log.silent_on.lock().expect("kind") = Some(EventKind::GrantChanged);
    let opened = json!({"kind": "opened", "request": id, "session": sha256("s"), "ends_at": w.broker.now() + 1800});
    let told = w.as_gateway("/v1/session-changes", opened.clone());
    let revoke = Revoke { reason: "Opened for the wrong ticket.".into(), revokes: Revoked::Grant(id.clone()) };
    let revoking = async {
        tokio::task::yield_now().await;
        let statement = w.sign(&tomasz, revoke, 60);
        w.post(&tomasz, "/v1/revocations", json!({"statement": statement, "mfa": null})).await
    };
    tokio::select! {
        biased;
        answer = told => panic!("the log is silent, and it was answered: {answer:?}"),
        (status, answer) = revoking => assert_eq!(status, 204, "{answer}"),
    }
    *w.log.silent_on.lock().expect("kind") = None;
    assert_eq!(code(&w.as_gateway("/v1/session-changes", opened).await), (409, "already-decided"));
    assert_eq!(w.state(&mara, &id).await, "ended");
}

#[tokio::test]
async fn leases_do_not_wait_for_the_log_and_stand_there_once_it_is_back() {
    let w = World::new().await;
    let (_, id) = approved(&w).await;
    let asked = json!({"sessions": [{"session": sha256("s"), "request": id}]});
    let given = |w: &World| {
        of_kind(w, EventKind::Viewed).into_iter().filter(|event| event.facts["call"] == "POST /v1/leases").count()
    };
    for (away, entries) in [(true, 0), (true, 0), (false, 1), (false, 1)] {
        w.log.away.store(away, Ordering::SeqCst);
        let (status, leases) = w.as_gateway("/v1/leases", asked.clone()).await;
        assert_eq!((status, leases["leases"].as_array().map(Vec::len)), (200, Some(1)));
        assert_eq!(given(&w), entries, "away: {away}");
    }
    w.clock.advance(3600);
    w.as_gateway("/v1/leases", asked).await;
    assert_eq!(given(&w), 2, "another hour");
}
