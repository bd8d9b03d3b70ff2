use domain::{Scope, SessionId};
use recording::Captured;
use serve::Service;
use statement::sha256;
use wire::audit::{Acknowledged, Frames, RecordingState, SessionDetail};
use wire::event::{EventKind, Receipt};

use super::world::{World, frames, world};

async fn next_batch(w: &World, session: &SessionId) -> u64 {
    w.get_as(Service::Gateway, &format!("/v1/recordings/{session}")).await.json::<RecordingState>().next_batch
}

#[tokio::test]
async fn batches_are_durable_when_acknowledged_and_come_back_in_order() {
    let w = world().await;
    let (session, _, _) = w.session().await;
    for n in 0..4 {
        let acknowledged: Acknowledged = w.batch(&session, n, &frames(n * 10, 10)).await.json();
        assert_eq!(acknowledged.next_batch, n + 1);
    }
    let w = w.restart().await;
    assert_eq!(next_batch(&w, &session).await, 4);
    w.end(&session, 4).await.json::<Receipt>();
    let answer: Frames = w.get_person(&w.ines, &format!("/v1/sessions/{session}/frames?stream=exchanges")).await.json();
    let expected: Vec<_> = frames(0, 40).into_iter().filter(|f| !matches!(f.content, Captured::Page { .. })).collect();
    assert_eq!(answer.frames, expected);
    assert!(!answer.live && answer.missing_batches.is_empty());
    let dom: Frames = w.get_person(&w.ines, &format!("/v1/sessions/{session}/frames?stream=dom")).await.json();
    assert_eq!(dom.frames.len(), 8);
}

#[tokio::test]
async fn a_long_recording_comes_in_pages_sealed_or_not() {
    let w = world().await;
    let (session, _, _) = w.session().await;
    let long = |seq: u64| {
        let mut frame = frames(seq, 1).remove(0);
        if let Captured::Request { path, .. } = &mut frame.content {
            path.push_str(&"x".repeat(6 * 1024 * 1024));
        }
        frame
    };
    let all: Vec<_> = (0..6).map(long).collect();
    for (n, frame) in (0..).zip(&all) {
        w.batch(&session, n, std::slice::from_ref(frame)).await.json::<Acknowledged>();
    }
    let path = format!("/v1/sessions/{session}/frames?stream=exchanges");
    for sealed in [false, true] {
        if sealed {
            w.end(&session, 6).await.json::<Receipt>();
        }
        // The fifth is of the other stream.
        let first: Frames = w.get_person(&w.ines, &path).await.json();
        assert_eq!((&first.frames[..], first.next, first.live), (&all[..2], Some(2), !sealed));
        let second: Frames = w.get_person(&w.ines, &format!("{path}&from=2")).await.json();
        assert_eq!((&second.frames[..], second.next), (&all[2..4], Some(5)));
        let viewed = w.newest(1).await.remove(0);
        assert_eq!((viewed.kind, viewed.facts["from"].as_str()), (EventKind::SessionViewed, "2"));
        let last: Frames = w.get_person(&w.ines, &format!("{path}&from=5")).await.json();
        assert_eq!((&last.frames[..], last.next), (&all[5..], None));
        let beyond: Frames = w.get_person(&w.ines, &format!("{path}&from=9")).await.json();
        assert_eq!((beyond.frames.len(), beyond.next), (0, None));
    }
    assert_eq!(w.get_person(&w.ines, &format!("{path}&from=-1")).await.problem().0, 400);
}

#[tokio::test]
async fn the_same_batch_again_is_acknowledged_and_another_is_refused() {
    let w = world().await;
    let (session, _, _) = w.session().await;
    let sealed = w.sealed_batch(&session, 0, &frames(0, 3));
    for _ in 0..3 {
        assert_eq!(w.put_batch(&session, 0, sealed.clone()).await.json::<Acknowledged>().next_batch, 1);
    }
    let other = w.batch(&session, 0, &frames(0, 4)).await;
    assert_eq!(other.problem(), (409, "other-batch".into()));
    let detail: SessionDetail = w.get_person(&w.ines, &format!("/v1/sessions/{session}")).await.json();
    assert_eq!(detail.summary.exchanges, 3, "counted once");
}

#[tokio::test]
async fn r_05_a_batch_of_another_session_or_number_does_not_open() {
    let w = world().await;
    let (session, _, _) = w.session().await;
    let second = w.case_for("delmar-foods", Scope::Read, "").await;
    w.open(&second).await.json::<Receipt>();
    let other: SessionId = sha256(&second.bundle.open).into();
    let sealed = w.sealed_batch(&session, 0, &frames(0, 3));
    assert_eq!(w.put_batch(&other, 0, sealed.clone()).await.problem(), (400, "malformed".into()));
    assert_eq!(w.put_batch(&session, 1, sealed.clone()).await.problem(), (400, "malformed".into()));
    let mut flipped = sealed;
    flipped[40] ^= 1;
    assert_eq!(w.put_batch(&session, 0, flipped).await.problem(), (400, "malformed".into()));
    assert_eq!(w.put_batch(&session, 0, Vec::new()).await.problem(), (400, "malformed".into()));
    let nowhere: SessionId = sha256("nowhere").into();
    assert_eq!(w.batch(&nowhere, 0, &frames(0, 1)).await.problem(), (404, "no-session".into()));
    assert_eq!(next_batch(&w, &session).await, 0);
}

#[tokio::test]
async fn r_12_order_is_the_sequence_and_never_the_time() {
    let w = world().await;
    let (session, _, _) = w.session().await;
    let mut jumping = frames(0, 9);
    for (n, frame) in jumping.iter_mut().enumerate() {
        frame.at = if n % 2 == 0 { 0 } else { i64::MAX };
    }
    for (n, part) in jumping.chunks(3).enumerate() {
        w.batch(&session, n as u64, part).await.json::<Acknowledged>();
    }
    w.end(&session, 3).await.json::<Receipt>();
    let path = format!("/v1/sessions/{session}/frames?stream=exchanges");
    let shown: Frames = w.get_person(&w.ines, &path).await.json();
    let seqs: Vec<u64> = shown.frames.iter().map(|f| f.seq).collect();
    assert!(seqs.is_sorted() && seqs.len() == 8, "{seqs:?}");
}

#[tokio::test]
async fn r_04_frames_that_were_there_before_are_not_taken_twice_and_leave_an_entry() {
    let w = world().await;
    let (session, _, _) = w.session().await;
    w.batch(&session, 0, &frames(0, 5)).await.json::<Acknowledged>();
    w.batch(&session, 1, &frames(3, 5)).await.json::<Acknowledged>();
    w.end(&session, 2).await.json::<Receipt>();
    let detail: SessionDetail = w.get_person(&w.ines, &format!("/v1/sessions/{session}")).await.json();
    let manifest = detail.manifest.expect("sealed");
    assert_eq!((manifest.segments.len(), manifest.frames), (1, 8));
    let gap = w.newest(10).await.into_iter().find(|e| e.kind == EventKind::RecordingGap).expect("an entry");
    assert_eq!(gap.facts["repeated-frames"], "2");
}

#[tokio::test]
async fn batches_become_segments_while_the_session_goes_on() {
    let w = world().await;
    let (session, _, _) = w.session().await;
    for n in 0..3 {
        w.batch(&session, n, &frames(n * 5, 5)).await.json::<Acknowledged>();
    }
    w.clock.advance(301);
    w.batch(&session, 3, &frames(15, 5)).await.json::<Acknowledged>();
    let folder = w.folder.path().join("objects/segments");
    for _ in 0..100 {
        if std::fs::read_dir(&folder).expect("folder").count() > 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let path = format!("/v1/sessions/{session}/frames?stream=dom");
    let live: Frames = w.get_person(&w.ines, &path).await.json();
    assert_eq!((live.frames.len(), live.live), (4, true));
    assert!(std::fs::read_dir(&folder).expect("folder").count() > 0);
    w.batch(&session, 4, &frames(20, 5)).await.json::<Acknowledged>();
    w.end(&session, 5).await.json::<Receipt>();
    let detail: SessionDetail = w.get_person(&w.ines, &format!("/v1/sessions/{session}")).await.json();
    let manifest = detail.manifest.expect("sealed");
    assert!(manifest.segments.len() >= 2, "some were sealed before the end");
    assert_eq!(manifest.frames, 25);
    assert_eq!(w.get_person(&w.ines, &path).await.json::<Frames>().frames.len(), 5);
}

#[tokio::test]
async fn a_crash_in_the_middle_of_batches_loses_none_that_was_acknowledged() {
    let mut w = world().await;
    let (session, _, _) = w.session().await;
    let mut acknowledged = 0;
    for round in 0..12_u64 {
        let from = next_batch(&w, &session).await;
        assert!(from >= acknowledged, "{from} of {acknowledged} acknowledged batches are there");
        let sending = async {
            let mut next = from;
            // Ends with the writer: from then on nothing is acknowledged.
            while let Ok(answer) = try_batch(&w, &session, next).await {
                next = answer;
            }
            next
        };
        let time = std::time::Duration::from_millis(5 + 7 * round);
        let (sent, ()) = futures_util::future::join(sending, async {
            tokio::time::sleep(time).await;
            w.service.writing.abort();
        })
        .await;
        acknowledged = sent;
        w = w.crash().await;
    }
    let batches = next_batch(&w, &session).await;
    assert!(batches >= acknowledged && batches > 12, "{batches}");
    w.end(&session, batches).await.json::<Receipt>();
    let detail: SessionDetail = w.get_person(&w.ines, &format!("/v1/sessions/{session}")).await.json();
    let manifest = detail.manifest.expect("sealed");
    assert_eq!((manifest.frames, manifest.missing_batches.len()), (batches * 3, 0));
}

async fn try_batch(w: &World, session: &SessionId, number: u64) -> Result<u64, ()> {
    let answer = w.batch(session, number, &frames(number * 3, 3)).await;
    if answer.status == 200 { Ok(answer.json::<Acknowledged>().next_batch) } else { Err(()) }
}
