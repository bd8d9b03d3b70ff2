//! Recordings whose gateway never says that they are over.

use serve::Service;
use wire::audit::{Acknowledged, RecordingState, SessionDetail};
use wire::event::{EventKind, Receipt, Source};

use super::world::{NOW, check_receipt, frames, world};
use crate::silence::{GRACE_SECONDS, PATIENCE_SECONDS};

#[tokio::test]
async fn r_13_a_recording_whose_gateway_is_silent_is_sealed_with_what_came() {
    let w = world().await;
    let (session, _, _) = w.session().await;
    w.batch(&session, 0, &frames(0, 5)).await.json::<Acknowledged>();
    w.batch(&session, 2, &frames(10, 5)).await.json::<Acknowledged>();
    let audit = w.service.audit.upgrade().expect("it runs");
    let size = w.head().await.size;
    w.clock.advance(1800 + GRACE_SECONDS);
    audit.end_silent().await;
    assert_eq!(w.head().await.size, size, "it may still come back");
    w.clock.advance(1);
    audit.end_silent().await;
    let sealed: RecordingState = w.get_as(Service::Gateway, &format!("/v1/recordings/{session}")).await.json();
    assert!(sealed.sealed);
    let late: Receipt = w.end(&session, 3).await.json();
    let event = check_receipt(&w.verifier(), &late);
    assert_eq!((event.kind, event.source), (EventKind::RecordingSealed, Source::Audit));
    assert_eq!((event.facts["reason"].as_str(), event.facts["missing-batches"].as_str()), ("gateway-silent", "1"));
    let size = w.head().await.size;
    audit.end_silent().await;
    assert_eq!(w.head().await.size, size, "once");
    let row = audit.reader.session(&session).await.expect("reads").expect("there");
    assert_eq!(row.ended, Some((NOW + 1800, "gateway-silent".into())), "it ended when its time was up");
    assert_eq!(w.batch(&session, 1, &frames(5, 5)).await.problem(), (409, "recording-sealed".into()));
}

#[tokio::test]
async fn whoever_still_delivers_is_not_silent() {
    let w = world().await;
    let (session, _, _) = w.session().await;
    let audit = w.service.audit.upgrade().expect("it runs");
    w.clock.advance(1800 + GRACE_SECONDS - 60);
    w.batch(&session, 0, &frames(0, 5)).await.json::<Acknowledged>();
    w.clock.advance(GRACE_SECONDS);
    audit.end_silent().await;
    assert!(audit.reader.seal(&session).await.expect("reads").is_none());
    w.end(&session, 1).await.json::<Receipt>();
    let row = audit.reader.session(&session).await.expect("reads").expect("there");
    assert_eq!(row.ended.expect("sealed").1, "person");
}

#[tokio::test]
async fn a_session_that_still_runs_and_a_service_that_just_started_seal_nothing() {
    let w = world().await;
    let (session, _, _) = w.session().await;
    w.clock.advance(1799);
    w.service.audit.upgrade().expect("it runs").end_silent().await;
    w.clock.advance(GRACE_SECONDS * 10);
    let w = w.restart().await;
    let audit = w.service.audit.upgrade().expect("it runs");
    audit.end_silent().await;
    assert!(audit.reader.seal(&session).await.expect("reads").is_none(), "the gateway starts beside it");
    w.clock.advance(PATIENCE_SECONDS);
    audit.end_silent().await;
    assert!(audit.reader.seal(&session).await.expect("reads").is_some());
    drop(audit);
    let w = w.restart().await;
    // Everybody's sign-in has ended since; this reviewer signs in now, and the administrator too.
    let ines = w.another_now("p-ines", &[domain::Role::Reviewer]);
    let ben = w.again_now(&w.ben, &[domain::Role::Administrator]);
    w.enrol(&ben, &ines).await;
    let detail: SessionDetail = w.get_person(&ines, &format!("/v1/sessions/{session}")).await.json();
    assert_eq!(detail.summary.ended_by.as_deref(), Some("gateway-silent"));
}
