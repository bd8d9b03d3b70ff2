//! How Sessions end and go on when the audit service, the disk or the person do not behave.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use domain::SystemClock;
use gateway::Config;
use recording::Captured;
use statement::Bundle;
use wire::event::EventKind;

use crate::audit::Mood;
use crate::bundle::Wish;
use crate::person::Person;
use crate::rig::Rig;

const ELSEWHERE: &[u8] = b"GET / HTTP/1.1\r\nHost: elsewhere.test\r\n\r\n";

pub fn spools(rig: &Rig) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(rig.folder.path().join("spool")).unwrap();
    entries.map(|e| e.unwrap().path()).filter(|p| p.is_dir()).collect()
}

/// A Session that was open when the gateway was killed, and what its Device comes back with.
struct Killed {
    after: Rig,
    bundle: Bundle,
    ends_at: i64,
}

impl Killed {
    async fn new() -> (Rig, Self) {
        let rig = Rig::new().await;
        let person = rig.person();
        let bundle = rig.people.bundle(&Wish::default(), &person.certificate);
        let opened = person.open(&bundle).await.json();
        assert_eq!(person.get("/o/kinloch-hotels/data").await.status, 200);
        let after = rig.crashed_copy().await;
        (rig, Self { after, bundle, ends_at: opened["ends_at"].as_i64().unwrap() })
    }

    fn kept(&self, file: &str) -> PathBuf {
        spools(&self.after)[0].join(file)
    }

    async fn come_back(&self, person: &Person) -> crate::person::Answer {
        let open = self.after.people.open(&self.bundle, &person.certificate);
        person.open(&Bundle { open, ..self.bundle.clone() }).await
    }
}

#[tokio::test]
async fn sealing_is_tried_until_it_is_done_and_refusals_after_the_end_are_not_recorded() {
    let rig = Rig::new().await;
    let person = rig.inside(Wish::default()).await;
    assert_eq!(person.get("/o/kinloch-hotels/data").await.status, 200);
    rig.audit.state.lock().unwrap().refuse_ends = 5;
    person.call("POST", "/v1/session/end", "").await;
    for _ in 0..3 {
        assert_eq!(person.get("/o/kinloch-hotels/data").await.code(), "session-over");
    }
    assert_eq!(spools(&rig).len(), 1);
    rig.until("sealed", |r| r.audit.kinds().contains(&EventKind::SessionEnded)).await;
    assert_eq!(rig.audit.state.lock().unwrap().refuse_ends, 0);
    let kinds = rig.audit.kinds();
    let place = |kind| kinds.iter().position(|k| *k == kind).unwrap();
    assert!(place(EventKind::RecordingSealed) < place(EventKind::SessionEnded));
    rig.until("put away", |r| spools(r).is_empty()).await;
    assert_eq!(person.get("/o/kinloch-hotels/data").await.code(), "session-over");
    assert!(!rig.audit.contents().iter().any(|c| matches!(c, Captured::Refused { .. })));
}

#[tokio::test]
async fn a_batch_that_is_refused_for_good_ends_the_session_and_its_spool_is_kept() {
    for code in ["other-batch", "recording-sealed"] {
        let rig = Rig::new().await;
        let person = rig.inside(Wish::default()).await;
        rig.audit.state.lock().unwrap().refuse_batches = Some(code);
        person.get("/o/kinloch-hotels/data").await;
        rig.until("ended", |r| r.audit.kinds().contains(&EventKind::SessionEnded)).await;
        assert_eq!(person.status().await["ended_by"], "recording-failed");
        rig.until("kept", |r| spools(r).iter().all(|s| s.extension().is_some_and(|e| e == "refused"))).await;
        assert_eq!(spools(&rig).len(), 1);
    }
}

#[tokio::test]
async fn refusals_do_not_grow_the_recording_while_it_is_behind() {
    let rig = Rig::new().await;
    let person = rig.inside(Wish::default()).await;
    rig.audit.set(Mood::Away);
    assert_eq!(person.raw(ELSEWHERE).await.status, 421);
    tokio::time::sleep(Duration::from_millis(2_200)).await;
    for _ in 0..5 {
        assert_eq!(person.raw(ELSEWHERE).await.status, 0);
        assert_eq!(person.raw(b"GET nonsense\r\n\r\n").await.status, 0);
    }
    rig.audit.set(Mood::Well);
    rig.until("uploaded", |r| r.audit.contents().iter().any(|c| matches!(c, Captured::Refused { .. }))).await;
    assert_eq!(rig.audit.contents().iter().filter(|c| matches!(c, Captured::Refused { .. })).count(), 1);
}

#[tokio::test]
async fn many_refusals_are_sixty_events_and_a_count() {
    let rig = Rig::new().await;
    let person = rig.inside(Wish::default()).await;
    for _ in 0..70 {
        assert_eq!(person.raw(ELSEWHERE).await.status, 421);
    }
    person.call("POST", "/v1/session/end", "").await;
    rig.until("the count", |r| r.audit.codes(EventKind::ExchangeRefused).contains(&"many-more".to_owned())).await;
    let codes = rig.audit.codes(EventKind::ExchangeRefused);
    assert_eq!(codes.iter().filter(|c| *c == "unknown-host").count(), 60);
    let state = rig.audit.state.lock().unwrap();
    let counted = state.events.iter().find_map(|e| e.facts.get("count").cloned());
    assert_eq!((codes.len(), counted.as_deref()), (61, Some("10")));
}

#[tokio::test]
async fn an_end_that_cannot_be_read_is_an_end() {
    let (_before, mut killed) = Killed::new().await;
    std::fs::write(killed.kept("ended.json"), b"{\"reason\":").unwrap();
    // It is over here before the audit service knows.
    killed.after.audit.state.lock().unwrap().refuse_ends = u32::MAX;
    killed.after.start().await;
    assert_eq!(killed.come_back(&killed.after.person()).await.code(), "already-taken");
    killed.after.audit.state.lock().unwrap().refuse_ends = 0;
    killed.after.until("sealed", |r| r.audit.kinds().contains(&EventKind::SessionEnded)).await;
}

#[tokio::test]
async fn what_is_kept_on_disk_is_held_against_the_log() {
    let (_before, killed) = Killed::new().await;
    let whole = std::fs::read_to_string(killed.kept("session.json")).unwrap();
    let later = (format!("\"ends_at\":{}", killed.ends_at), format!("\"ends_at\":{}", killed.ends_at + 3_600));
    assert!(whole.contains(&later.0));
    let scope = whole.split("\"scope\":\"").nth(1).unwrap().split('"').next().unwrap();
    let scope = (format!("\"scope\":\"{scope}\""), "\"scope\":\"administer\"".to_owned());
    for (from, to) in [later, scope] {
        let mut after = killed.after.crashed_copy().await;
        std::fs::write(spools(&after)[0].join("session.json"), whole.replace(&from, &to)).unwrap();
        after.start().await;
        let person = after.person();
        let open = after.people.open(&killed.bundle, &person.certificate);
        let answer = person.open(&Bundle { open, ..killed.bundle.clone() }).await;
        assert_eq!(answer.code(), "session-file-broken", "{to}");
    }
}

#[tokio::test]
async fn a_session_whose_spool_cannot_be_opened_waits_and_polling_leaves_one_event() {
    let (_before, mut killed) = Killed::new().await;
    let broken = killed.kept("00000050.spool");
    std::fs::create_dir(&broken).unwrap();
    killed.after.start().await;
    let person = killed.after.person();
    for _ in 0..5 {
        assert_eq!(person.call("GET", "/v1/session", "").await.code(), "no-session");
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(killed.after.audit.codes(EventKind::CallRefused), ["no-session"]);
    assert_eq!(killed.come_back(&person).await.code(), "no-spool");
    std::fs::remove_dir(broken).unwrap();
    let answer = killed.come_back(&person).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(person.get("/o/kinloch-hotels/data").await.status, 200);
}

#[tokio::test]
async fn a_damaged_head_of_the_log_stops_the_start() {
    let mut rig = Rig::new().await;
    rig.stop().await;
    std::fs::write(rig.folder.path().join("spool/checkpoint"), b"test/log\n9\n").unwrap();
    let config = Config::read(rig.folder.path().join("gateway.toml")).unwrap();
    let run = gateway::run(config, Arc::new(SystemClock), std::future::pending());
    let error = tokio::time::timeout(Duration::from_secs(5), run).await.unwrap().unwrap_err().to_string();
    assert!(error.contains("checkpoint is there but") && error.contains("Put the file back"), "{error}");
}

#[tokio::test]
async fn an_end_is_said_to_the_person_once_no_crash_can_undo_it() {
    let rig = Rig::new().await;
    let person = rig.inside(Wish::default()).await;
    rig.audit.state.lock().unwrap().refuse_ends = 1_000;
    let in_the_way = spools(&rig)[0].join("ended.json.new");
    std::fs::create_dir(&in_the_way).unwrap();
    assert_eq!(person.call("POST", "/v1/session/end", "").await.code(), "end-not-kept");
    assert_ne!(person.get("/o/kinloch-hotels/data").await.status, 200, "nothing passes in any case");
    std::fs::remove_dir(&in_the_way).unwrap();
    let answer = person.call("POST", "/v1/session/end", "").await.json();
    assert_eq!(answer["ended_by"], "ended-by-requester");
    assert!(spools(&rig)[0].join("ended.json").exists());
}
