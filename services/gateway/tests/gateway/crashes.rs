//! A Grant is not lost between the audit service that has consumed it and the gateway that has not yet noted it.

use statement::Bundle;
use wire::event::EventKind;

use crate::bundle::Wish;
use crate::person::{Answer, Person};
use crate::rig::Rig;

/// A Grant that was consumed while nobody heard the answer, and the gateway as a crash leaves it at that moment.
struct Lost {
    before: Rig,
    after: Rig,
    bundle: Bundle,
}

impl Lost {
    async fn new() -> Self {
        let before = Rig::new().await;
        before.audit.state.lock().unwrap().lose_answers = 1;
        let person = before.person();
        let bundle = before.people.bundle(&Wish::default(), &person.certificate);
        assert_eq!(person.open(&bundle).await.code(), "audit-unreachable");
        let after = before.crashed_copy().await;
        let spool = std::fs::read_dir(after.folder.path().join("spool")).unwrap();
        assert!(spool.flatten().all(|e| !e.path().is_dir()), "the gateway knows nothing of it");
        Self { before, after, bundle }
    }

    /// Changes what the audit service says of it.
    fn is_said(&self, change: impl FnOnce(&mut wire::audit::TakenGrant)) {
        change(self.before.audit.state.lock().unwrap().grants.values_mut().next().unwrap());
    }

    fn ends_at(&self) -> i64 {
        self.before.audit.state.lock().unwrap().grants.values().next().unwrap().recording.ends_at
    }
}

async fn come_back(rig: &Rig, bundle: &Bundle, person: &Person) -> Answer {
    let open = rig.people.open(bundle, &person.certificate);
    person.open(&Bundle { open, ..bundle.clone() }).await
}

#[tokio::test]
async fn a_grant_whose_answer_was_lost_by_a_crash_opens_the_same_session() {
    let mut lost = Lost::new().await;
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    lost.after.start().await;
    let person = lost.after.person();
    let answer = come_back(&lost.after, &lost.bundle, &person).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let opened = answer.json();
    assert_eq!(opened["ends_at"], lost.ends_at(), "the clock did not start again");
    assert_eq!(opened["ends_at"].as_i64().unwrap() - opened["opened_at"].as_i64().unwrap(), 1_800);
    assert_eq!(opened["session"], statement::sha256(&lost.bundle.open).as_str(), "it is the Session of the first call");
    assert_eq!(person.get("/o/kinloch-hotels/data").await.status, 200);
    let kinds = lost.after.audit.kinds();
    assert_eq!(kinds.iter().filter(|k| **k == EventKind::SessionOpened).count(), 1);
    assert_eq!(kinds.iter().filter(|k| **k == EventKind::SessionResumed).count(), 1);

    let again = lost.after.person();
    assert_eq!(come_back(&lost.after, &lost.bundle, &again).await.status, 200, "and it resumes as any other");
    again.call("POST", "/v1/session/end", "").await;
    lost.after.until("sealed", |r| r.audit.kinds().contains(&EventKind::SessionEnded)).await;
    let seqs: Vec<u64> = lost.after.audit.frames().iter().map(|f| f.seq).collect();
    assert_eq!(seqs, (0..seqs.len() as u64).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_grant_whose_answer_was_lost_on_the_way_opens_the_same_session() {
    let lost = Lost::new().await;
    let person = lost.before.person();
    let (first, second) =
        tokio::join!(come_back(&lost.before, &lost.bundle, &person), come_back(&lost.before, &lost.bundle, &person));
    for answer in [first, second] {
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.json()["ends_at"], lost.ends_at());
    }
    assert_eq!(person.get("/o/kinloch-hotels/data").await.status, 200);
}

#[tokio::test]
async fn a_spool_that_is_lost_altogether_goes_on_behind_what_was_recorded() {
    let rig = Rig::new().await;
    let person = rig.person();
    let bundle = rig.people.bundle(&Wish::default(), &person.certificate);
    assert_eq!(person.open(&bundle).await.status, 200);
    assert_eq!(person.get("/o/kinloch-hotels/data").await.status, 200);
    rig.until("recorded", |r| r.audit.contents().iter().any(|c| matches!(c, recording::Captured::Done { .. }))).await;
    let mut after = rig.crashed_copy().await;
    let frames = rig.audit.frames().len();
    for entry in std::fs::read_dir(after.folder.path().join("spool")).unwrap().flatten().filter(|e| e.path().is_dir()) {
        std::fs::remove_dir_all(entry.path()).unwrap();
    }
    after.start().await;
    let again = after.person();
    assert_eq!(come_back(&after, &bundle, &again).await.status, 200);
    assert_eq!(again.get("/o/kinloch-hotels/data").await.status, 200);
    again.call("POST", "/v1/session/end", "").await;
    after.until("sealed", |r| r.audit.kinds().contains(&EventKind::SessionEnded)).await;
    let seqs: Vec<u64> = after.audit.frames().iter().map(|f| f.seq).collect();
    assert!(seqs.len() > frames);
    assert_eq!(seqs, (0..seqs.len() as u64).collect::<Vec<_>>());
    assert_eq!(after.audit.state.lock().unwrap().ended.len(), 1);
}

#[tokio::test]
async fn a_lost_grant_is_found_by_its_own_device_alone_and_only_as_it_was() {
    type Change = fn(&mut wire::audit::TakenGrant);
    let cases: [(&str, Change); 6] = [
        ("already-taken", |t| t.recording.device = statement::sha256("another Device")),
        ("already-taken", |t| t.recording.request = statement::sha256("another request")),
        ("session-file-broken", |t| t.recording.ends_at += 3_600),
        ("session-file-broken", |t| t.recording.opened_at += 60),
        ("session-file-broken", |t| t.bundle_json.push(' ')),
        ("log-broken", |t| t.recording.opened.leaf = t.recording.opened.leaf.replace("ends-at", "ends-by")),
    ];
    for (code, change) in cases {
        let mut lost = Lost::new().await;
        lost.is_said(change);
        lost.after.start().await;
        let person = lost.after.person();
        assert_eq!(come_back(&lost.after, &lost.bundle, &person).await.code(), code);
        assert_eq!(person.get("/o/kinloch-hotels/data").await.code(), "no-session");
        assert!(!lost.after.audit.kinds().contains(&EventKind::SessionResumed));
        assert!(lost.after.service.arrived().is_empty());
    }
}

#[tokio::test]
async fn a_lost_grant_that_is_sealed_is_over() {
    let mut lost = Lost::new().await;
    let session = statement::sha256(&lost.bundle.open).to_string();
    let end = wire::audit::EndRecording { reason: "gateway-silent".into(), ended_at: 0, batches: 0 };
    lost.before.audit.state.lock().unwrap().ended.insert(session, end);
    lost.after.start().await;
    assert_eq!(come_back(&lost.after, &lost.bundle, &lost.after.person()).await.code(), "already-taken");
}

#[tokio::test]
async fn nothing_resumes_before_its_event_is_in_the_log() {
    let rig = Rig::new().await;
    let person = rig.person();
    let bundle = rig.people.bundle(&Wish::default(), &person.certificate);
    assert_eq!(person.open(&bundle).await.status, 200);
    rig.audit.state.lock().unwrap().refuse_events = Some(EventKind::SessionResumed);
    let again = rig.person();
    assert_eq!(come_back(&rig, &bundle, &again).await.code(), "audit-unreachable");
    assert_eq!(again.get("/o/kinloch-hotels/data").await.code(), "no-session");
    assert_eq!(person.get("/o/kinloch-hotels/data").await.status, 200, "the old certificate is still good");

    let mut after = rig.crashed_copy().await;
    after.start().await;
    let dormant = after.person();
    assert_eq!(come_back(&after, &bundle, &dormant).await.code(), "audit-unreachable");
    assert_eq!(dormant.get("/o/kinloch-hotels/data").await.code(), "no-session");
    rig.audit.state.lock().unwrap().refuse_events = None;
    assert_eq!(come_back(&after, &bundle, &dormant).await.status, 200);
    assert_eq!(rig.audit.kinds().iter().filter(|k| **k == EventKind::SessionResumed).count(), 1);
}
