//! What somebody is shown stands in the log first.

use serve::Service;
use wire::event::{Event, EventKind};

use super::world::{World, by_hand, world};

async fn viewed(w: &World, since: u64) -> Vec<Event> {
    let count = usize::try_from(w.head().await.size - since).expect("few");
    let mut left = if count == 0 { Vec::new() } else { w.newest(count).await };
    left.reverse();
    left
}

#[tokio::test]
async fn lists_and_details_leave_one_entry_an_hour_each() {
    let w = world().await;
    let (session, ..) = w.session().await;
    let (before, detail) = (w.head().await.size, format!("/v1/sessions/{session}"));
    for path in [detail.as_str(), "/v1/sessions?limit=1", "/v1/sessions", detail.as_str(), "/v1/events"] {
        assert_eq!(w.get_person(&w.ines, path).await.status, 200, "{path}");
    }
    let left = viewed(&w, before).await;
    assert!(left.iter().all(|event| event.kind == EventKind::Viewed));
    let calls: Vec<_> = left.iter().map(|event| event.facts["call"].as_str()).collect();
    assert_eq!(calls, ["GET /v1/sessions/{session}", "GET /v1/sessions", "GET /v1/events"]);
    assert_eq!((left[0].session.as_ref(), left[1].session.as_ref()), (Some(&session), None));
    assert!(left.iter().all(|event| event.sealed.contains_key("person") && event.sealed.contains_key("name")));
    // Another person is another entry, and so is another hour.
    w.get_person(&w.mara, &detail).await;
    w.clock.advance(3600);
    w.get_person(&w.ines, &detail).await;
    assert_eq!(viewed(&w, before).await.len(), 5);
}

#[tokio::test]
async fn what_a_service_reads_leaves_one_entry_an_hour_each() {
    let w = world().await;
    let (session, ..) = w.session().await;
    let state = format!("/v1/recordings/{session}");
    w.clock.advance(3600);
    let before = w.head().await.size;
    let reads = [
        (Service::Gateway, "/v1/policies"),
        (Service::Broker, "/v1/policies"),
        (Service::Gateway, "/v1/policies"),
        (Service::Gateway, "/v1/inclusion?index=0&size=1"),
        (Service::Gateway, "/v1/inclusion?index=1&size=2"),
        (Service::Gateway, state.as_str()),
    ];
    for (service, path) in reads {
        assert_eq!(w.get_as(service, path).await.status, 200, "{path}");
    }
    let left = viewed(&w, before).await;
    assert!(left.iter().all(|event| event.kind == EventKind::Viewed && event.sealed.is_empty()));
    let said: Vec<_> = left.iter().map(|e| (e.facts["service"].as_str(), e.facts["call"].as_str())).collect();
    let proof = ("gateway", "GET /v1/inclusion");
    let how_far = ("gateway", "GET /v1/recordings/{session}");
    assert_eq!(said, [("gateway", "GET /v1/policies"), ("broker", "GET /v1/policies"), proof, how_far]);
    assert_eq!(left[3].session.as_ref(), Some(&session));
    w.clock.advance(3600);
    w.get_as(Service::Broker, "/v1/policies").await;
    assert_eq!(viewed(&w, before).await.len(), 5, "another hour");
}

#[tokio::test]
async fn what_cannot_be_written_is_not_shown() {
    let w = world().await;
    w.session().await;
    by_hand(w.folder.path(), "ALTER TABLE leaves RENAME TO elsewhere").await;
    let answer = w.get_person(&w.ines, "/v1/sessions").await;
    assert!(!String::from_utf8_lossy(&answer.body).contains("kinloch"));
    assert_eq!(answer.problem(), (503, "storage-failed".into()));
    assert_eq!(w.get_as(Service::Broker, "/v1/policies").await.problem(), (503, "storage-failed".into()));
}
