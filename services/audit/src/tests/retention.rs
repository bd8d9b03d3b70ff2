//! What was kept for as long as the policy says is destroyed, as an entry of the log.

use domain::SessionId;
use wire::audit::{Acknowledged, Events, SessionDetail, Sessions};
use wire::event::{EventKind, Receipt};
use wire::forgetting::is_expired_by;

use super::forgetting::review;
use super::world::{NOW, World, body, check_receipt, frames, world};

const DAY: i64 = 24 * 3600;

async fn expire(w: &World) {
    w.service.audit.upgrade().expect("it runs").expire().await;
}

fn segments(w: &World) -> usize {
    std::fs::read_dir(w.folder.path().join("objects/segments")).expect("folder").count()
}

async fn expired(w: &World, ines: &super::world::Human) -> Vec<wire::event::Event> {
    let page: Events = w.get_person(ines, "/v1/events").await.json();
    page.events.into_iter().map(|e| e.event).filter(|e| e.kind == EventKind::RecordingExpired).collect()
}

#[tokio::test]
async fn r_14_the_key_of_a_recording_past_its_retention_is_gone() {
    let w = world().await;
    let (session, _, _) = w.session().await;
    w.batch(&session, 0, &frames(0, 5)).await.json::<Acknowledged>();
    w.end(&session, 1).await.json::<Receipt>();
    w.clock.advance(365 * DAY + 60);
    let ines = w.again_now(&w.ines, &[domain::Role::Reviewer]);
    expire(&w).await;
    assert_eq!((segments(&w), expired(&w, &ines).await.len()), (1, 0), "not a second too early");
    w.clock.advance(1);
    expire(&w).await;
    expire(&w).await;
    let said = expired(&w, &ines).await;
    assert_eq!((segments(&w), said.len()), (0, 1), "once");
    assert_eq!(
        (said[0].facts["recording-days"].as_str(), said[0].facts["at"].clone()),
        ("365", (NOW + 365 * DAY + 61).to_string())
    );

    let w = w.restart().await;
    for path in ["frames?stream=exchanges", "segments/0"] {
        let answer = w.get_person(&ines, &format!("/v1/sessions/{session}/{path}")).await;
        assert_eq!(answer.problem(), (410, "recording-expired".into()), "{path}");
    }
    let list: Sessions = w.get_person(&ines, "/v1/sessions").await.json();
    assert_eq!(
        (list.sessions[0].expired_at, list.sessions[0].name.as_str()),
        (Some(NOW + 365 * DAY + 61), "Name of p-mara")
    );
    assert!(!list.sessions[0].due, "nothing is left to review");
    let detail: SessionDetail = w.get_person(&ines, &format!("/v1/sessions/{session}")).await.json();
    let event = check_receipt(&w.verifier(), &detail.expired.expect("of the entry"));
    assert!(is_expired_by(&event, &session, &detail.manifest.expect("kept").digest().expect("digest")));
}

#[tokio::test]
async fn r_14_nothing_is_destroyed_that_runs_or_that_somebody_owes_a_review() {
    let w = world().await;
    w.session().await;
    let sofia = w.sofia().await;
    let permission = w.permission(&body(), [&w.ben, &sofia]);
    w.permit(&permission).await.json::<Receipt>();
    let case = w.use_of(&permission, &body(), 1).await;
    w.open(&case).await.json::<Receipt>();
    let session: SessionId = statement::sha256(&case.bundle.open).into();
    w.batch(&session, 0, &frames(0, 5)).await.json::<Acknowledged>();
    w.end(&session, 1).await.json::<Receipt>();
    w.clock.advance(400 * DAY);
    expire(&w).await;
    let ines = w.again_now(&w.ines, &[domain::Role::Reviewer]);
    assert_eq!((segments(&w), expired(&w, &ines).await.len()), (1, 0), "one runs, one is a duty");
}

#[tokio::test]
async fn r_14_a_duty_that_is_done_keeps_nothing() {
    let w = world().await;
    let sofia = w.sofia().await;
    let permission = w.permission(&body(), [&w.ben, &sofia]);
    w.permit(&permission).await.json::<Receipt>();
    let case = w.use_of(&permission, &body(), 1).await;
    w.open(&case).await.json::<Receipt>();
    let session: SessionId = statement::sha256(&case.bundle.open).into();
    w.batch(&session, 0, &frames(0, 5)).await.json::<Acknowledged>();
    w.end(&session, 1).await.json::<Receipt>();
    review(&w, &session).await;
    w.clock.advance(400 * DAY);
    expire(&w).await;
    let ines = w.again_now(&w.ines, &[domain::Role::Reviewer]);
    assert_eq!((segments(&w), expired(&w, &ines).await.len()), (0, 1));
}

#[tokio::test]
async fn r_14_the_evidence_of_an_expired_recording_says_so() {
    let w = world().await;
    let (session, _, _) = w.session().await;
    w.batch(&session, 0, &frames(0, 5)).await.json::<Acknowledged>();
    w.end(&session, 1).await.json::<Receipt>();
    w.clock.advance(400 * DAY);
    expire(&w).await;
    let ines = w.again_now(&w.ines, &[domain::Role::Reviewer]);
    let file = w.person(&ines, axum::http::Method::POST, &format!("/v1/sessions/{session}/evidence"), None).await;
    let evidence: wire::evidence::Evidence = file.json();
    let content: wire::evidence::Content = serde_json::from_str(&evidence.content).expect("content");
    let pinned = wire::join::PinnedKeys { jwks: content.provider_keys.clone(), until: None };
    let trust =
        wire::join::TrustFile { trust: w.trust.clone(), provider_keys: vec![pinned], witnesses: Vec::new(), quorum: 0 };
    let said = verify::verify(&file.body, &trust).expect("the offline verifier accepts it").to_string();
    assert!(said.contains("destroyed by retention") && said.contains("365 days") && said.contains("p-mara"), "{said}");
}
