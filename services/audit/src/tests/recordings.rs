use domain::{Scope, SessionId};
use recording::Captured;
use serve::Service;
use statement::sha256;
use wire::audit::{Acknowledged, Frames, RecordingState, SessionDetail, Sessions};
use wire::event::{EventKind, Receipt};

use super::world::{NOW, World, check_receipt, frames, world};

async fn next_batch(w: &World, session: &SessionId) -> u64 {
    w.get_as(Service::Gateway, &format!("/v1/recordings/{session}")).await.json::<RecordingState>().next_batch
}

#[tokio::test]
async fn a_session_opens_with_a_good_bundle_once() {
    let w = world().await;
    let (session, receipt, case) = w.session().await;
    let event = check_receipt(&w.verifier(), &receipt);
    assert_eq!(event.kind, EventKind::SessionOpened);
    assert_eq!(event.session.as_ref(), Some(&session));
    assert_eq!(event.organization.as_ref().map(|o| o.as_str()), Some("kinloch-hotels"));
    assert_eq!(event.facts["bundle"], sha256(&case.asked.bundle_json).to_string());
    assert_eq!(event.facts["scope"], "read");
    assert_eq!(event.facts["opened-at"], NOW.to_string());
    let b = &case.bundle;
    assert_eq!(event.statements, [&b.request, &b.decisions[0], &b.open].map(sha256));
    assert_eq!(w.open(&case).await.problem(), (409, "already-taken".into()));
    let w = w.restart().await;
    assert_eq!(w.open(&case).await.problem(), (409, "already-taken".into()));
    let state: RecordingState = w.get_as(Service::Gateway, &format!("/v1/recordings/{session}")).await.json();
    assert_eq!((state.next_batch, state.sealed, state.ends_at), (0, false, NOW + 1800));
    assert_eq!(state.device, w.mara.key.public().thumbprint());
}

#[tokio::test]
async fn two_gateways_cannot_both_take_a_grant() {
    let w = world().await;
    let case = w.case();
    let answers = futures_util::future::join_all((0..20).map(|_| w.open(&case))).await;
    assert_eq!(answers.iter().filter(|a| a.status == 200).count(), 1);
    assert!(answers.iter().filter(|a| a.status != 200).all(|a| a.problem().1 == "already-taken"));
}

#[tokio::test]
async fn the_bundle_is_verified_here_again() {
    let w = world().await;
    let size = w.head().await.size;
    let altered = |change: fn(&mut super::world::Case)| {
        let mut case = w.case();
        change(&mut case);
        case
    };
    let rewritten = |change: fn(&mut statement::Bundle)| {
        let mut case = w.case();
        change(&mut case.bundle);
        case.asked.bundle_json = serde_json::to_string(&case.bundle).expect("json");
        case
    };
    let cases = [
        (altered(|c| c.asked.bundle_json.push('x')), 400, "malformed"),
        (altered(|c| c.asked.tls_client = sha256("another")), 403, "other-tls-key"),
        (altered(|c| c.asked.ends_at += 1), 403, "duration-out-of-bounds"),
        (altered(|c| c.asked.ends_at = c.asked.opened_at), 403, "duration-out-of-bounds"),
        (altered(|c| c.asked.opened_at -= 60), 409, "clocks-differ"),
        (altered(|c| c.asked.policy = sha256("another")), 409, "other-policy"),
        (rewritten(|b| b.decisions.clear()), 409, "no-approval"),
        (rewritten(|b| b.mfa.clear()), 403, "no-second-factor"),
        (rewritten(|b| b.enrols.clear()), 403, "not-enrolled"),
        (rewritten(|b| b.pk_tokens.clear()), 403, "unknown-signer"),
        (rewritten(|b| b.decisions.push(b.decisions[0].clone())), 409, "decided-twice"),
    ];
    for (case, status, code) in cases {
        let size = w.head().await.size;
        assert_eq!(w.open(&case).await.problem(), (status, code.to_owned()), "{code}");
        assert_eq!(w.head().await.size, size + 1, "{code}");
        let entry = w.newest(1).await.remove(0);
        assert_eq!((entry.kind, entry.facts["code"].as_str()), (EventKind::SessionRefused, code));
        assert_eq!(entry.facts["service"], "gateway");
    }
    w.clock.advance(120);
    let mut late = w.case();
    late.asked.opened_at += 120;
    assert_eq!(w.open(&late).await.problem(), (409, "expired".into()));
    let entries = w.newest(usize::try_from(w.head().await.size - size).expect("few")).await;
    assert!(entries.iter().all(|e| e.kind == EventKind::SessionRefused), "nothing was opened");
}

#[tokio::test]
async fn l_02_a_signer_who_saw_another_log_opens_nothing() {
    let w = world().await;
    let note = String::from_utf8(w.get("/checkpoint").await.body).expect("text");
    let own = w.case_for("kinloch-hotels", Scope::Read, &note);
    assert_eq!(w.open(&own).await.status, 200);
    let signer = checkpoint::LogSigner::from_seed("countersign.test/log", &[5; 32]).expect("the log's own key");
    for (size, root) in [(2, [1; 32]), (w.head().await.size + 1, [2; 32]), (0, [0; 32])] {
        let fork = w.case_for("delmar-foods", Scope::Read, &signer.sign(size, &root));
        assert_eq!(w.open(&fork).await.problem(), (409, "other-log".into()), "size {size}");
    }
    let other = checkpoint::LogSigner::from_seed("countersign.test/log", &[6; 32]).expect("another key");
    let forged = w.case_for("delmar-foods", Scope::Read, &other.sign(1, &[1; 32]));
    assert_eq!(w.open(&forged).await.problem(), (409, "other-log".into()));
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
    let second = w.case_for("delmar-foods", Scope::Read, "");
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
        let case = w.case_for("delmar-foods", Scope::Read, "");
        w.open(&case).await.json::<Receipt>();
        let id: SessionId = sha256(&case.bundle.open).into();
        (w.end(&id, u64::MAX).await, id)
    };
    assert_eq!(empty.problem(), (400, "malformed".into()));
    w.end(&other, 0).await.json::<Receipt>();
}

#[tokio::test]
async fn sessions_are_found_by_organization_person_time_and_scope() {
    let w = world().await;
    for organization in ["kinloch-hotels", "delmar-foods", "cobalt-health"] {
        w.open(&w.case_for(organization, Scope::Read, "")).await.json::<Receipt>();
    }
    w.open(&w.case_for("delmar-foods", Scope::Diagnostics, "")).await.json::<Receipt>();
    let count = async |who: &super::world::Human, query: &str| {
        w.get_person(who, &format!("/v1/sessions{query}")).await.json::<Sessions>().sessions.len()
    };
    assert_eq!(count(&w.ines, "").await, 4);
    assert_eq!(count(&w.ines, "?organization=delmar-foods").await, 2);
    assert_eq!(count(&w.ines, "?organization=delmar-foods&scope=diagnostics").await, 1);
    assert_eq!(count(&w.ines, "?person=p-mara").await, 4);
    assert_eq!(count(&w.ines, "?person=p-tomasz").await, 0);
    assert_eq!(count(&w.ines, &format!("?from={}", NOW + 1)).await, 0);
    assert_eq!(count(&w.ines, &format!("?from={NOW}&to={}", NOW + 1)).await, 4);
    assert_eq!(count(&w.mara, "").await, 4, "her own");
    assert_eq!(count(&w.tomasz, "").await, 0, "not hers");
    assert_eq!(count(&w.mara, "?person=p-mara").await, 4);
    assert_eq!(w.get_person(&w.tomasz, "/v1/sessions?person=p-mara").await.problem(), (403, "missing-role".into()));
    assert_eq!(w.get_person(&w.ines, "/v1/sessions?sql=1").await.problem().0, 400);
    assert_eq!(w.get_person(&w.ines, "/v1/sessions?organization=%27%20OR%201=1").await.problem().0, 400);
}

#[tokio::test]
async fn pages_of_sessions_follow_each_other() {
    let w = world().await;
    for n in 0..53 {
        let organization = format!("org-{n}");
        w.open(&w.case_for(&organization, Scope::Read, "")).await.json::<Receipt>();
    }
    let first: Sessions = w.get_person(&w.ines, "/v1/sessions").await.json();
    assert_eq!((first.sessions.len(), first.sessions[0].organization.id.as_str()), (50, "org-52"));
    let cursor = first.next.expect("more");
    let rest: Sessions = w.get_person(&w.ines, &format!("/v1/sessions?cursor={cursor}")).await.json();
    assert_eq!((rest.sessions.len(), rest.next), (3, None));
    assert_eq!(rest.sessions[2].organization.id.as_str(), "org-0");
}

#[tokio::test]
async fn r_15_a_recording_is_shown_to_reviewers_only_and_leaves_an_entry() {
    let w = world().await;
    let (session, _, _) = w.session().await;
    w.batch(&session, 0, &frames(0, 5)).await.json::<Acknowledged>();
    let path = format!("/v1/sessions/{session}/frames?stream=dom");
    for who in [&w.mara, &w.tomasz, &w.ben] {
        assert_eq!(w.get_person(who, &path).await.problem(), (403, "missing-role".into()));
    }
    assert_eq!(w.get(&path).await.problem(), (401, "no-token".into()));
    assert_eq!(w.get_as(Service::Gateway, &path).await.problem(), (401, "no-token".into()));
    let detail = format!("/v1/sessions/{session}");
    assert_eq!(w.get_person(&w.mara, &detail).await.json::<SessionDetail>().summary.exchanges, 4);
    assert_eq!(w.get_person(&w.tomasz, &detail).await.problem(), (404, "no-session".into()));
    w.get_person(&w.ines, &path).await.json::<Frames>();
    let newest = w.newest(1).await.remove(0);
    assert_eq!((newest.kind, newest.session.as_ref()), (EventKind::SessionViewed, Some(&session)));
    assert_eq!(newest.facts["stream"], "dom");
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
