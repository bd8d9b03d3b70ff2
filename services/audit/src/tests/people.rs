use axum::http::Method;
use domain::Role;
use statement::sha256;
use wire::event::{Append, EventKind};

use super::world::{NOW, bare, world};

#[tokio::test]
async fn every_refused_call_of_a_person_is_one_entry() {
    let w = world().await;
    let nowhere = format!("/v1/sessions/{}", sha256("nowhere"));
    let calls = [
        (Method::GET, "/v1/sessions?sql=1", None, "malformed"),
        (Method::GET, nowhere.as_str(), None, "no-session"),
        (Method::GET, "/v1/sessions/..%2f..%2fetc", None, "no-such-call"),
        (Method::GET, "/v1/inclusion?index=9&size=1", None, "no-entry"),
        (Method::GET, "/tile/9/000", None, "no-entry"),
        (Method::GET, "/v1/events?limit=-1", None, "malformed"),
        (Method::POST, "/v1/events", Some(b"{}".to_vec()), "services-only"),
        (Method::DELETE, "/v1/sessions", None, "wrong-method"),
        (Method::GET, "/v2/sessions", None, "no-such-call"),
    ];
    for (method, path, body, code) in calls {
        let before = w.head().await.size;
        assert_eq!(w.person(&w.ines, method, path, body).await.problem().1, code, "{path}");
        assert_eq!(w.head().await.size, before + 1, "{path}");
        let newest = w.newest(1).await.remove(0);
        assert_eq!((newest.kind, newest.facts["code"].as_str()), (EventKind::CallRefused, code), "{path}");
    }
    let before = w.head().await.size;
    for _ in 0..100 {
        w.get("/v1/events").await;
    }
    assert!(w.head().await.size <= before + 6, "nobody's calls do not fill the log");
}

#[tokio::test]
async fn only_enrolled_devices_with_a_second_factor_are_let_in() {
    let w = world().await;
    assert_eq!(w.get_person(&w.ines, "/v1/sessions").await.status, 200);
    let stranger = w.another("p-stranger", &[Role::Reviewer]);
    assert_eq!(w.get_person(&stranger, "/v1/sessions").await.problem(), (403, "not-enrolled".into()));
    let second_device = w.another("p-ines", &[Role::Reviewer]);
    assert_eq!(w.get_person(&second_device, "/v1/sessions").await.problem(), (403, "not-enrolled".into()));
    let without = w.person_with(&w.ines, None, Method::GET, "/v1/sessions", None).await;
    assert_eq!(without.problem(), (403, "no-second-factor".into()));
    let of_another = w.person_with(&w.ines, Some(&w.mara.mfa), Method::GET, "/v1/sessions", None).await;
    assert_eq!(of_another.problem(), (403, "no-second-factor".into()));
    let for_a_statement = w.attest_at(&w.ines, Some(sha256("x")), NOW);
    let answer = w.person_with(&w.ines, Some(&for_a_statement), Method::GET, "/v1/sessions", None).await;
    assert_eq!(answer.problem(), (403, "no-second-factor".into()));
    for (iat, code) in [(NOW - 8 * 3600 - 1, "second-factor-too-old"), (NOW + 60, "second-factor-too-old")] {
        let mfa = w.attest_at(&w.ines, None, iat);
        let answer = w.person_with(&w.ines, Some(&mfa), Method::GET, "/v1/sessions", None).await;
        assert_eq!(answer.problem(), (403, code.into()));
    }
    assert_eq!(w.get("/v1/sessions").await.problem(), (401, "no-token".into()));
}

#[tokio::test]
async fn a_refused_call_leaves_one_entry_within_bounds() {
    let w = world().await;
    let before = w.head().await.size;
    let stranger = w.another("p-stranger", &[Role::Reviewer]);
    w.get_person(&stranger, "/v1/sessions").await;
    let newest = w.newest(1).await.remove(0);
    assert_eq!(w.head().await.size, before + 1);
    assert_eq!((newest.kind, newest.facts["code"].as_str()), (EventKind::CallRefused, "not-enrolled"));
    assert_eq!(newest.facts["call"], "GET /v1/sessions");
    for _ in 0..100 {
        w.get_person(&stranger, "/v1/sessions").await;
    }
    assert_eq!(w.head().await.size, before + 30, "a flood does not fill the log");
}

#[tokio::test]
async fn an_enrolment_counts_only_when_an_administrator_signed_it() {
    let w = bare().await;
    let ines = &w.ines;
    assert_eq!(w.get_person(ines, "/v1/sessions").await.problem(), (403, "not-enrolled".into()));
    let answer = w.post_as(serve::Service::Broker, "/v1/events", &w.enrolled(&w.mara, ines)).await;
    assert_eq!(answer.problem(), (403, "missing-role".into()));
    assert_eq!(w.get_person(ines, "/v1/sessions").await.problem(), (403, "not-enrolled".into()));
    let mut no_token = w.enrolled(&w.ben, ines);
    no_token.statements.retain(|s| *s != w.ben.token);
    let answer = w.post_as(serve::Service::Broker, "/v1/events", &no_token).await;
    assert_eq!(answer.problem(), (403, "unknown-signer".into()));
    assert_eq!(w.get_person(ines, "/v1/sessions").await.problem(), (403, "not-enrolled".into()));
    let second = w.another_now("p-second", &[Role::Administrator]);
    w.enrol(&w.ben, &second).await;
    w.enrol(&second, ines).await;
    assert_eq!(w.get_person(ines, "/v1/sessions").await.status, 200);
    let w = w.restart().await;
    assert_eq!(w.get_person(&w.ines, "/v1/sessions").await.status, 200, "from the log itself");
}

#[tokio::test]
async fn services_calls_are_for_services() {
    let w = world().await;
    let body = serde_json::to_vec(&Append::new(EventKind::CallRefused)).expect("json");
    let answer = w.person(&w.ines, Method::POST, "/v1/events", Some(body)).await;
    assert_eq!(answer.problem(), (403, "services-only".into()));
    let case = w.case().await;
    let body = serde_json::to_vec(&case.asked).expect("json");
    let answer = w.person(&w.mara, Method::POST, "/v1/recordings", Some(body)).await;
    assert_eq!(answer.problem(), (403, "services-only".into()));
    let answer = w.post_as(serve::Service::Broker, "/v1/recordings", &case.asked).await;
    assert_eq!(answer.problem(), (403, "other-service".into()));
}
