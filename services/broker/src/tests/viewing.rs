//! What somebody is shown stands in the log first.

use std::sync::atomic::Ordering;

use serde_json::Value;
use wire::event::{Append, EventKind};

use super::world::{World, code};

fn viewed(w: &World, since: usize) -> Vec<Append> {
    w.log.since(since).into_iter().filter(|event| event.kind == EventKind::Viewed).collect()
}

#[tokio::test]
async fn lists_and_details_leave_one_entry_an_hour_each() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let id = w.ask(&mara).await;
    let before = w.log.len();
    let detail = format!("/v1/requests/{id}");
    for path in [detail.as_str(), "/v1/requests?view=mine", detail.as_str(), "/v1/requests?view=inbox"] {
        assert_eq!(w.get(&mara, path).await.0, 200, "{path}");
    }
    let left = viewed(&w, before);
    let calls: Vec<&str> = left.iter().map(|event| event.facts["call"].as_str()).collect();
    assert_eq!(calls, ["GET /v1/requests/{digest}", "GET /v1/requests"]);
    assert_eq!(left[0].facts["request"], id.to_string());
    assert_eq!(left[0].personal["person"], "e-100");
    assert!(!left[0].facts.values().any(|fact| fact.contains("e-100")));
    w.clock.advance(3600);
    w.get(&mara, &detail).await;
    assert_eq!(viewed(&w, before).len(), 3, "another hour");
}

#[tokio::test]
async fn what_cannot_be_written_is_not_shown() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    w.ask(&mara).await;
    w.get(&mara, "/v1/requests?view=mine").await;
    w.log.away.store(true, Ordering::SeqCst);
    assert_eq!(w.get(&mara, "/v1/requests?view=mine").await.0, 200, "it stands there for this hour");
    let answer = w.get(&mara, "/v1/policies").await;
    assert_eq!(code(&answer), (503, "audit-unreachable"));
    w.clock.advance(3600);
    let answer = w.get(&mara, "/v1/requests?view=mine").await;
    assert_eq!(code(&answer), (503, "audit-unreachable"));
    assert!(!answer.1.to_string().contains("kinloch"), "{}", answer.1);
    w.log.away.store(false, Ordering::SeqCst);
    assert!(matches!(w.get(&mara, "/v1/requests?view=mine").await, (200, Value::Array(list)) if list.len() == 1));
}
