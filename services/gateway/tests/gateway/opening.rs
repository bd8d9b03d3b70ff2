use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use domain::{ReasonCategory, Scope};
use wire::event::EventKind;

use crate::audit::Mood;
use crate::bundle::Wish;
use crate::rig::Rig;

#[tokio::test]
async fn a_good_bundle_opens_once_and_leaves_its_events() {
    let rig = Rig::new().await;
    let person = rig.person();
    let bundle = rig.people.bundle(&Wish::default(), &person.certificate);
    let answer = person.open(&bundle).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let opened = answer.json();
    assert_eq!(opened["start"], "https://payroll.test/o/kinloch-hotels/");
    assert_eq!(opened["hosts"], serde_json::json!(["payroll.test"]));
    assert_eq!(person.status().await["open"], true);
    assert_eq!(person.visit("/o/kinloch-hotels/").await.status, 200);

    let thief = rig.person();
    let other = rig.people.bundle(&Wish::default(), &thief.certificate);
    let stolen = statement::Bundle { open: other.open, ..bundle.clone() };
    assert_eq!(thief.open(&stolen).await.code(), "other-request");
    assert_eq!(thief.open(&bundle).await.code(), "other-tls-key");
    assert_eq!(thief.visit("/o/kinloch-hotels/").await.status, 403);
    assert_eq!(thief.get("/o/kinloch-hotels/").await.code(), "no-session");
    rig.until("events", |r| r.audit.codes(EventKind::SessionRefused) == ["other-request", "other-tls-key"]).await;
    assert!(rig.audit.kinds().starts_with(&[EventKind::ProviderKeysSeen, EventKind::SessionOpened]));
    assert_eq!(rig.service.arrived().len(), 1);
}

#[tokio::test]
async fn the_policy_is_evaluated_here() {
    let rig = Rig::new().await;
    let person = rig.person();
    let open = async |wish: Wish| person.open(&rig.people.bundle(&wish, &person.certificate)).await.code();
    assert_eq!(open(Wish { scope: Scope::Administer, ..Wish::default() }).await, "scope-not-for-reason");
    assert_eq!(open(Wish { seconds: 3 * 3600, ..Wish::default() }).await, "duration-out-of-policy");
    let two = Wish { reason: ReasonCategory::LegalDisclosure, ..Wish::default() };
    assert_eq!(open(two).await, "too-few-approvals");
    assert!(!rig.audit.kinds().contains(&EventKind::SessionOpened));
}

#[tokio::test]
async fn what_signers_saw_of_the_log_must_be_in_it() {
    let rig = Rig::new().await;
    let person = rig.person();
    let open = async |seen: String| {
        person.open(&rig.people.bundle(&Wish { seen, ..Wish::default() }, &person.certificate)).await
    };
    let forked = rig.audit.signer.sign(1, &[9; 32]);
    assert_eq!(open(forked).await.code(), "log-broken");
    let ahead = rig.audit.signer.sign(1_000, &[9; 32]);
    assert_eq!(open(ahead).await.code(), "log-broken");
    let foreign = checkpoint::LogSigner::from_seed("test/log", &[8; 32]).unwrap().sign(1, &[9; 32]);
    assert_eq!(open(foreign).await.code(), "log-broken");
    let honest = rig.audit.note();
    assert_eq!(open(honest).await.status, 200);
}

#[tokio::test]
async fn nothing_opens_without_the_others() {
    let rig = Rig::new().await;
    let person = rig.person();
    let bundle = rig.people.bundle(&Wish::default(), &person.certificate);
    rig.audit.state.lock().unwrap().skew_millis = 60_000;
    assert_eq!(person.open(&bundle).await.code(), "wrong-clock");
    rig.audit.state.lock().unwrap().skew_millis = 0;
    rig.audit.set(Mood::Away);
    assert_eq!(person.open(&bundle).await.code(), "audit-unreachable");
    rig.audit.set(Mood::Well);
    assert_eq!(person.open(&bundle).await.status, 200);
    rig.until("events", |r| r.audit.codes(EventKind::SessionRefused).len() == 2).await;
}

#[tokio::test]
async fn a_session_without_leases_ends() {
    let rig = Rig::new().await;
    let person = rig.inside(Wish::default()).await;
    rig.broker.leases.store(false, Ordering::SeqCst);
    assert_eq!(person.visit("/o/kinloch-hotels/").await.status, 200);
    let began = Instant::now();
    while person.status().await["open"] == true {
        assert!(began.elapsed() < Duration::from_secs(15), "it is still open");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert_eq!(person.status().await["ended_by"], "lease-lost");
    assert_eq!(person.visit("/o/kinloch-hotels/").await.status, 403);
    rig.until("sealed", |r| r.audit.kinds().contains(&EventKind::SessionEnded)).await;
}

/// A Session of a broker whose clock is so far ahead: it lives for longer than two askings, and is cut within 15 s of its last lease.
async fn lives_and_is_cut(ahead: i64) {
    let rig = Rig::new().await;
    rig.broker.ahead.store(ahead, Ordering::SeqCst);
    let person = rig.inside(Wish::default()).await;
    tokio::time::sleep(Duration::from_millis(10_500)).await;
    assert_eq!(person.status().await["open"], true, "{ahead} s ahead");
    rig.broker.leases.store(false, Ordering::SeqCst);
    let began = Instant::now();
    while person.status().await["open"] == true {
        assert!(began.elapsed() < Duration::from_secs(15), "{ahead} s ahead: it is still open");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert_eq!(person.status().await["ended_by"], "lease-lost");
}

#[tokio::test]
async fn a_session_outlives_its_leases_by_nothing_and_survives_clocks_that_are_5_s_apart() {
    tokio::join!(lives_and_is_cut(-5), lives_and_is_cut(5));
}

#[tokio::test]
async fn the_same_device_resumes_and_the_clock_runs_on() {
    let mut rig = Rig::new().await;
    let person = rig.person();
    let bundle = rig.people.bundle(&Wish::default(), &person.certificate);
    let opened = person.open(&bundle).await.json();
    assert_eq!(person.visit("/o/kinloch-hotels/").await.status, 200);

    let again = rig.person();
    let fresh = statement::Bundle { open: rig.people.open(&bundle, &again.certificate), ..bundle.clone() };
    let resumed = again.open(&fresh).await.json();
    assert_eq!((&resumed["session"], &resumed["ends_at"]), (&opened["session"], &opened["ends_at"]));
    assert_eq!(person.visit("/o/kinloch-hotels/").await.status, 403, "the old certificate is good for nothing");
    assert_eq!(again.visit("/o/kinloch-hotels/").await.status, 200);
    rig.until("event", |r| r.audit.kinds().contains(&EventKind::SessionResumed)).await;

    again.call("POST", "/v1/session/end", "").await;
    let late = statement::Bundle { open: rig.people.open(&bundle, &again.certificate), ..bundle.clone() };
    assert_eq!(again.open(&late).await.code(), "session-over");
    rig.until("sealed", |r| r.audit.kinds().contains(&EventKind::SessionEnded)).await;
    rig.stop().await;
    rig.start().await;
    assert_eq!(again.open(&late).await.code(), "already-taken");
}

#[tokio::test]
async fn a_session_is_gone_on_with_after_its_approval_has_lapsed() {
    let rig = Rig::new().await;
    let wish = Wish { seconds: 7_200, ..Wish::default() };
    let (first, unused) = (rig.person(), rig.person());
    let bundle = rig.people.bundle(&wish, &first.certificate);
    let never_opened = rig.people.bundle(&wish, &unused.certificate);
    let come_back = |rig: &Rig, bundle: &statement::Bundle, person: &crate::person::Person| {
        let mut again = bundle.clone();
        again.mfa.push(rig.people.mfa(&rig.people.mara, None));
        again.open = rig.people.open(bundle, &person.certificate);
        again
    };
    rig.clock.forward(3 * 3600 + 59 * 60);
    let opened = first.open(&come_back(&rig, &bundle, &first)).await;
    assert_eq!(opened.status, 200, "{}", opened.text());
    rig.clock.forward(120);
    let again = rig.person();
    let resumed = again.open(&come_back(&rig, &bundle, &again)).await;
    assert_eq!((resumed.status, &resumed.json()["ends_at"]), (200, &opened.json()["ends_at"]), "{}", resumed.text());
    assert_eq!(unused.open(&come_back(&rig, &never_opened, &unused)).await.code(), "approval-lapsed");

    // The same after a crash, with what the gateway kept and without.
    let mut killed = Vec::new();
    for forgets in [true, false] {
        let mut after = rig.crashed_copy().await;
        if forgets {
            std::fs::remove_dir_all(after.folder.path().join("spool")).unwrap();
        }
        after.start().await;
        let (person, stranger) = (after.person(), after.person());
        let answer = person.open(&come_back(&after, &bundle, &person)).await;
        assert_eq!((answer.status, &answer.json()["ends_at"]), (200, &opened.json()["ends_at"]), "{}", answer.text());
        assert_eq!(stranger.open(&come_back(&after, &never_opened, &stranger)).await.code(), "approval-lapsed");
        killed.push(after);
    }
}

#[tokio::test]
async fn the_name_that_was_signed_is_the_gateways_own() {
    let rig = Rig::new().await;
    let person = rig.person();
    for name in ["Delmar Foods", "Kinloch hotels", "Kinloch"] {
        let wish = Wish { name: Some(name), ..Wish::default() };
        let answer = person.open(&rig.people.bundle(&wish, &person.certificate)).await;
        assert_eq!((answer.status, answer.code().as_str()), (403, "other-organization-name"), "{name}");
    }
    assert!(!rig.audit.kinds().contains(&EventKind::SessionOpened));
}

#[tokio::test]
async fn ending_seals_the_recording_and_tells_the_broker() {
    let rig = Rig::new().await;
    let person = rig.inside(Wish::default()).await;
    assert_eq!(person.visit("/o/kinloch-hotels/").await.status, 200);
    let answer = person.call("POST", "/v1/session/end", "").await.json();
    assert_eq!((answer["open"].as_bool(), answer["ended_by"].as_str()), (Some(false), Some("ended-by-requester")));
    rig.until("sealed", |r| r.audit.kinds().ends_with(&[EventKind::RecordingSealed, EventKind::SessionEnded])).await;
    let state = rig.audit.state.lock().unwrap();
    assert_eq!(state.ended.values().next().unwrap().reason, "ended-by-requester");
    drop(state);
    let changes = rig.broker.changes.lock().unwrap().clone();
    assert!(
        matches!(&changes[..], [wire::broker::SessionChange::Opened { .. }, wire::broker::SessionChange::Ended { reason, .. }] if reason == "ended-by-requester")
    );
    let seqs: Vec<u64> = rig.audit.frames().iter().map(|f| f.seq).collect();
    assert_eq!(seqs, (0..seqs.len() as u64).collect::<Vec<_>>());
}
