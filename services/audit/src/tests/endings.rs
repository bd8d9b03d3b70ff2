use domain::{Scope, SessionId};
use statement::sha256;
use wire::audit::{Acknowledged, EndRecording, Frames, SessionDetail};
use wire::event::{EventKind, Receipt};

use super::world::{NOW, check_receipt, frames, world};

#[tokio::test]
async fn r_13_missing_batches_are_recorded_and_never_hidden() {
    let w = world().await;
    let (session, _, _) = w.session().await;
    assert_eq!(w.batch(&session, 0, &frames(0, 5)).await.json::<Acknowledged>().next_batch, 1);
    assert_eq!(w.batch(&session, 3, &frames(15, 5)).await.json::<Acknowledged>().next_batch, 1);
    assert_eq!(w.batch(&session, 1, &frames(5, 5)).await.json::<Acknowledged>().next_batch, 2);
    let live: Frames = w.get_person(&w.ines, &format!("/v1/sessions/{session}/frames?stream=dom")).await.json();
    assert!(live.live);
    assert_eq!(live.missing_batches, [2]);
    let sealed: Receipt = w.end(&session, 6).await.json();
    let event = check_receipt(&w.verifier(), &sealed);
    assert_eq!(event.facts["missing-batches"], "3");
    let detail: SessionDetail = w.get_person(&w.ines, &format!("/v1/sessions/{session}")).await.json();
    let manifest = detail.manifest.expect("sealed");
    assert_eq!(manifest.missing_batches, [2, 4, 5]);
    assert_eq!(event.facts["manifest"], manifest.digest().expect("digest").to_string());
    assert_eq!(manifest.segments.len(), 2, "a new segment behind the gap");
    assert_eq!((manifest.segments[1].first_frame, manifest.frames), (15, 15));
    let gap = w.newest(10).await.into_iter().find(|e| e.kind == EventKind::RecordingGap).expect("an entry of its own");
    assert_eq!(gap.facts["batches"], "2, 4-5");
    assert_eq!(w.batch(&session, 2, &frames(10, 5)).await.problem(), (409, "recording-sealed".into()));
}

#[tokio::test]
async fn sealing_twice_is_one_entry() {
    let w = world().await;
    let (session, _, _) = w.session().await;
    w.batch(&session, 0, &frames(0, 5)).await.json::<Acknowledged>();
    let first: Receipt = w.end(&session, 1).await.json();
    let second: Receipt = w.end(&session, 1).await.json();
    assert_eq!(first.leaf, second.leaf);
    let many = w.end(&session, u64::MAX).await.json::<Receipt>();
    assert_eq!(many.leaf, first.leaf);
    let (empty, other) = {
        let case = w.case_for("delmar-foods", Scope::Read, "").await;
        w.open(&case).await.json::<Receipt>();
        let id: SessionId = sha256(&case.bundle.open).into();
        (w.end(&id, u64::MAX).await, id)
    };
    assert_eq!(empty.problem(), (400, "malformed".into()));
    w.end(&other, 0).await.json::<Receipt>();
}

#[tokio::test]
async fn no_session_ends_before_it_began_or_after_its_time() {
    let w = world().await;
    for (said, ended) in [(i64::MIN, NOW), (i64::MAX, NOW + 1800), (NOW + 7, NOW + 7)] {
        let (session, _, _) = w.session().await;
        let end = EndRecording { reason: "person".into(), ended_at: said, batches: 0 };
        let path = format!("/v1/recordings/{session}/end");
        w.post_as(serve::Service::Gateway, &path, &end).await.json::<Receipt>();
        let detail: SessionDetail = w.get_person(&w.ines, &format!("/v1/sessions/{session}")).await.json();
        assert_eq!(detail.summary.ended_at, Some(ended));
    }
}
