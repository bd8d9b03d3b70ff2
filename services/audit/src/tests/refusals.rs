use axum::http::Method;
use serve::Service;
use statement::sha256;
use wire::audit::Acknowledged;
use wire::event::{Append, Event, EventKind, Receipt};

use super::world::{Answer, World, frames, world};

/// The refusal, and the only entry that came since the log had this size.
async fn refused(w: &World, size: u64, answer: Answer) -> (String, Event) {
    assert_eq!(w.head().await.size, size + 1, "one entry");
    (answer.problem().1, w.newest(1).await.remove(0))
}

#[tokio::test]
async fn d_01_a_proof_is_not_taken_again_after_a_restart() {
    let w = world().await;
    let proof = w.proof(&w.ines, &Method::GET, "/v1/sessions");
    assert_eq!(w.get_with_proof(&w.ines, "/v1/sessions", &proof).await.status, 200);
    let w = w.restart().await;
    let first = w.get_with_proof(&w.ines, "/v1/sessions", &proof).await.problem();
    let w = w.crash().await;
    assert_eq!(w.get_with_proof(&w.ines, "/v1/sessions", &proof).await.problem(), first);
    assert_eq!(first, (401, "proof-reused".into()));
}

#[tokio::test]
async fn a_person_who_calls_a_services_route_is_named_in_the_entry() {
    let w = world().await;
    for path in ["/v1/events", "/v1/recordings"] {
        let size = w.head().await.size;
        let answer = w.person(&w.mara, Method::POST, path, Some(b"{}".to_vec())).await;
        let (code, entry) = refused(&w, size, answer).await;
        assert_eq!((code.as_str(), entry.kind), ("services-only", EventKind::CallRefused));
        assert_eq!(entry.facts["call"], format!("POST {path}"));
        let page: wire::audit::Events = w.get_person(&w.ines, &format!("/v1/events?before={}", size + 1)).await.json();
        assert_eq!(page.events[0].personal["person"].value, "p-mara");
    }
}

#[tokio::test]
async fn what_a_service_may_not_do_is_an_entry() {
    let w = world().await;
    let (session, _, case) = w.session().await;
    let sealed = Append::new(EventKind::RecordingSealed);
    let enrolled = Append::new(EventKind::Enrolled);
    let mut grant = Append::new(EventKind::SignedIn);
    grant.unique = Some("grant/x".into());
    for (service, append) in [(Service::Broker, &sealed), (Service::Gateway, &enrolled), (Service::Broker, &grant)] {
        let size = w.head().await.size;
        let (code, entry) = refused(&w, size, w.post_as(service, "/v1/events", append).await).await;
        assert_eq!((code.as_str(), entry.kind), ("other-service", EventKind::CallRefused));
        assert_eq!(entry.facts["service"], if service == Service::Broker { "broker" } else { "gateway" });
    }
    let size = w.head().await.size;
    let (code, entry) = refused(&w, size, w.post_as(Service::Broker, "/v1/recordings", &case.asked).await).await;
    assert_eq!((code.as_str(), entry.kind), ("other-service", EventKind::CallRefused));
    let size = w.head().await.size;
    let (code, entry) = refused(&w, size, w.open(&w.again(&case)).await).await;
    assert_eq!((code.as_str(), entry.kind), ("already-taken", EventKind::SessionRefused));
    let size = w.head().await.size;
    let (code, entry) = refused(&w, size, w.put_batch(&session, 0, vec![1; 90]).await).await;
    assert_eq!((code.as_str(), entry.kind), ("malformed", EventKind::CallRefused));
    assert_eq!(entry.facts["call"], format!("POST /v1/recordings/{session}/batches/0"));
    w.batch(&session, 0, &frames(0, 2)).await.json::<Acknowledged>();
}

#[tokio::test]
async fn an_entry_that_is_there_already_is_no_refusal_to_write_down() {
    let w = world().await;
    let mut keys = Append::new(EventKind::ProviderKeysSeen);
    keys.unique = Some("provider-keys/x".into());
    w.post_as(Service::Gateway, "/v1/events", &keys).await.json::<Receipt>();
    let size = w.head().await.size;
    assert_eq!(w.post_as(Service::Gateway, "/v1/events", &keys).await.problem().1, "already-taken");
    assert_eq!(w.head().await.size, size);
}

#[tokio::test]
async fn who_looks_for_sessions_of_others_leaves_an_entry() {
    let w = world().await;
    let (session, _, _) = w.session().await;
    let size = w.head().await.size;
    let (code, entry) = refused(&w, size, w.get_person(&w.tomasz, "/v1/sessions?person=p-mara").await).await;
    assert_eq!((code.as_str(), entry.kind), ("missing-role", EventKind::CallRefused));
    let size = w.head().await.size;
    let path = format!("/v1/sessions/{session}");
    let (code, entry) = refused(&w, size, w.get_person(&w.tomasz, &path).await).await;
    assert_eq!((code.as_str(), entry.facts["call"].as_str()), ("no-session", format!("GET {path}").as_str()));
}

#[tokio::test]
async fn of_a_flood_of_a_service_the_count_is_written_down() {
    let w = world().await;
    let nowhere = sha256("nowhere").into();
    let size = w.head().await.size;
    for _ in 0..75 {
        w.put_batch(&nowhere, 0, vec![1; 90]).await;
    }
    assert_eq!(w.head().await.size, size + 30);
    w.clock.advance(60);
    w.put_batch(&nowhere, 0, vec![1; 90]).await;
    assert_eq!(w.head().await.size, size + 32);
    let count = w.newest(2).await.remove(1);
    assert_eq!((count.kind, count.facts["code"].as_str()), (EventKind::CallRefused, "repeated"));
    assert_eq!((count.facts["count"].as_str(), count.facts["service"].as_str()), ("45", "gateway"));
}
