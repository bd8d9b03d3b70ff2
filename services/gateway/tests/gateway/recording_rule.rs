//! No record, no byte.

use std::borrow::Cow;
use std::time::{Duration, Instant};

use domain::Scope;
use recording::Captured;
use tokio::time::{sleep, timeout};
use wire::event::EventKind;

use crate::audit::Mood;
use crate::bundle::Wish;
use crate::rig::Rig;

fn writer() -> Wish {
    Wish { scope: Scope::ReadWrite, ..Wish::default() }
}

#[tokio::test]
async fn a_write_waits_for_the_acknowledgement_of_its_record() {
    for mood in [Mood::Silent, Mood::Away] {
        let rig = Rig::new().await;
        let person = rig.inside(writer()).await;
        rig.audit.set(mood);
        let written = person.post("/o/kinloch-hotels/write", "a=b");
        tokio::pin!(written);
        assert!(timeout(Duration::from_secs(3), &mut written).await.is_err());
        assert!(rig.service.arrived().is_empty(), "a write was forwarded without its record");
        rig.audit.set(Mood::Well);
        assert_eq!(timeout(Duration::from_secs(12), written).await.expect("it goes on").text(), "done");
        let position = rig.audit.contents().iter().position(|c| matches!(c, Captured::Request { write: true, .. }));
        assert!(position.is_some());
        assert_eq!(rig.service.arrived().len(), 1);
    }
}

#[tokio::test]
async fn a_read_passes_for_two_seconds_and_then_nothing_does() {
    let rig = Rig::new().await;
    let person = rig.inside(writer()).await;
    rig.audit.set(Mood::Away);
    let began = Instant::now();
    let first =
        timeout(Duration::from_secs(1), person.get("/o/kinloch-hotels/data")).await.expect("a read passes at once");
    assert_eq!(first.status, 200);
    sleep(Duration::from_millis(2_300).saturating_sub(began.elapsed())).await;
    let arrived = rig.service.arrived().len();
    let status = person.status().await;
    assert_eq!((status["paused"].as_bool(), status["open"].as_bool()), (Some(true), Some(true)), "{status}");
    let second = person.get("/o/kinloch-hotels/data");
    tokio::pin!(second);
    assert!(
        timeout(Duration::from_secs(1), &mut second).await.is_err(),
        "a byte passed while the recording was behind"
    );
    assert_eq!(rig.service.arrived().len(), arrived, "a request was forwarded while the recording was behind");
    rig.audit.set(Mood::Well);
    assert_eq!(timeout(Duration::from_secs(5), second).await.expect("it goes on").status, 200);
    rig.until("event", |r| r.audit.kinds().contains(&EventKind::RecordingPaused)).await;
    rig.until("notes", |r| {
        let codes: Vec<String> = r
            .audit
            .contents()
            .iter()
            .filter_map(|c| if let Captured::Note { code, .. } = c { Some(code.clone()) } else { None })
            .collect();
        codes.iter().filter(|c| *c != "redacted").eq(["paused", "resumed"])
    })
    .await;
}

#[tokio::test]
async fn a_stream_stops_while_the_recording_is_behind_and_nothing_is_missing_afterwards() {
    let rig = Rig::new().await;
    let person = rig.inside(Wish::default()).await;
    let mut stream = person.connect().await;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    stream.write_all(b"GET /o/kinloch-hotels/drip HTTP/1.1\r\nHost: payroll.test\r\n\r\n").await.unwrap();
    let mut got = Vec::new();
    let mut read_for = async |got: &mut Vec<u8>, time: Duration| {
        let until = tokio::time::Instant::now() + time;
        while let Ok(Ok(_)) = tokio::time::timeout_at(until, stream.read_buf(got)).await {}
    };
    read_for(&mut got, Duration::from_millis(500)).await;
    rig.audit.set(Mood::Away);
    read_for(&mut got, Duration::from_millis(2_600)).await;
    let before = got.len();
    read_for(&mut got, Duration::from_millis(700)).await;
    assert_eq!(got.len(), before, "bytes passed while the recording was behind");
    rig.audit.set(Mood::Well);
    read_for(&mut got, Duration::from_millis(2_500)).await;
    assert!(got.len() > before);
    person.call("POST", "/v1/session/end", "").await;
    rig.until("sealed", |r| r.audit.kinds().contains(&EventKind::SessionEnded)).await;
    let contents = rig.audit.contents();
    let recorded: Vec<u8> = contents.iter().filter_map(Captured::part).flat_map(Cow::into_owned).collect();
    let released = String::from_utf8_lossy(&got).matches("data: ").count();
    let recorded = String::from_utf8(recorded).unwrap();
    assert!(recorded.matches("data: ").count() >= released && released > 10, "released {released}");
    assert!(
        rig.audit
            .contents()
            .iter()
            .any(|c| matches!(c, Captured::Done { cut: Some(why), .. } if why == "session-over"))
    );
}

#[tokio::test]
async fn what_was_spooled_before_the_end_is_uploaded_after_a_restart() {
    let mut rig = Rig::new().await;
    let person = rig.inside(Wish::default()).await;
    rig.audit.set(Mood::Away);
    assert_eq!(person.get("/o/kinloch-hotels/data").await.status, 200);
    rig.stop().await;
    assert!(rig.audit.frames().is_empty());
    rig.audit.set(Mood::Well);
    rig.start().await;
    rig.until("sealed", |r| r.audit.kinds().contains(&EventKind::SessionEnded)).await;
    assert!(rig.audit.contents().iter().any(|c| matches!(c, Captured::Done { cut: None, .. })));
    assert_eq!(rig.audit.state.lock().unwrap().ended.values().next().unwrap().reason, "gateway-stopped");
}

#[tokio::test]
async fn the_spool_tells_nothing() {
    let rig = Rig::new().await;
    let person = rig.inside(Wish::default()).await;
    rig.audit.set(Mood::Away);
    assert_eq!(person.visit("/o/kinloch-hotels/").await.status, 200);
    let mut files = Vec::new();
    for entry in std::fs::read_dir(rig.folder.path().join("spool")).unwrap() {
        if let Ok(inner) = std::fs::read_dir(entry.unwrap().path()) {
            files.extend(inner.map(|f| f.unwrap().path()).filter(|p| p.extension().is_some_and(|e| e == "spool")));
        }
    }
    assert!(!files.is_empty());
    for file in files {
        let bytes = std::fs::read(file).unwrap();
        assert!(!bytes.is_empty() && !String::from_utf8_lossy(&bytes).contains("kinloch"));
    }
}

#[tokio::test]
async fn after_a_crash_the_device_resumes_and_no_frame_is_missing() {
    let rig = Rig::new().await;
    let person = rig.person();
    let bundle = rig.people.bundle(&Wish::default(), &person.certificate);
    let opened = person.open(&bundle).await.json();
    assert_eq!(person.get("/o/kinloch-hotels/data").await.status, 200);
    rig.audit.set(Mood::Away);
    assert_eq!(person.get("/o/kinloch-hotels/data").await.status, 200);
    let mut after = rig.crashed_copy().await;
    rig.audit.set(Mood::Well);
    after.start().await;
    let stranger = after.person();
    assert_eq!(stranger.get("/o/kinloch-hotels/data").await.code(), "no-session");
    let again = after.person();
    let fresh = statement::Bundle { open: after.people.open(&bundle, &again.certificate), ..bundle.clone() };
    let resumed = again.open(&fresh).await.json();
    assert_eq!((&resumed["session"], &resumed["ends_at"]), (&opened["session"], &opened["ends_at"]), "{resumed}");
    assert_eq!(again.get("/o/kinloch-hotels/data").await.status, 200);
    again.call("POST", "/v1/session/end", "").await;
    after.until("sealed", |r| r.audit.kinds().contains(&EventKind::SessionEnded)).await;
    let seqs: Vec<u64> = rig.audit.frames().iter().map(|f| f.seq).collect();
    assert_eq!(seqs, (0..seqs.len() as u64).collect::<Vec<_>>());
    let done = rig.audit.contents().iter().filter(|c| matches!(c, Captured::Done { cut: None, .. })).count();
    assert_eq!(done, 3);
}

#[tokio::test]
async fn g_37_more_than_sixteen_mebibytes_do_not_pass_unacknowledged() {
    let rig = Rig::new().await;
    let person = rig.inside(Wish::default()).await;
    rig.audit.set(Mood::Silent);
    let began = Instant::now();
    let mut passed = 0;
    while passed < 30_000_000 {
        match timeout(
            Duration::from_millis(1_900).saturating_sub(began.elapsed()),
            person.get("/o/kinloch-hotels/large"),
        )
        .await
        {
            Ok(answer) => passed += answer.body.len(),
            Err(_) => break,
        }
    }
    assert!(passed < 17_000_000, "{passed} bytes passed");
}
