use domain::Scope;
use serve::Service;
use statement::sha256;
use wire::audit::RecordingState;
use wire::event::EventKind;

use super::world::{NOW, check_receipt, world};

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
    let mut later = case.clone();
    later.asked.opened_at += 1;
    assert_eq!(w.open(&later).await.problem(), (409, "already-taken".into()));
    let w = w.restart().await;
    assert_eq!(w.open(&later).await.problem(), (409, "already-taken".into()));
    assert_eq!(w.open(&w.again(&case)).await.problem(), (409, "already-taken".into()));
    let state: RecordingState = w.get_as(Service::Gateway, &format!("/v1/recordings/{session}")).await.json();
    assert_eq!((state.next_batch, state.sealed, state.ends_at), (0, false, NOW + 1800));
    assert_eq!(state.device, w.mara.key.public().thumbprint());
}

#[tokio::test]
async fn two_gateways_cannot_both_take_a_grant() {
    let w = world().await;
    let case = w.case().await;
    let cases: Vec<_> = (0..20)
        .map(|n| {
            let mut case = case.clone();
            case.asked.ends_at -= n;
            case
        })
        .collect();
    let answers = futures_util::future::join_all(cases.iter().map(|case| w.open(case))).await;
    assert_eq!(answers.iter().filter(|a| a.status == 200).count(), 1);
    for answer in answers.iter().filter(|a| a.status != 200) {
        assert_eq!(answer.problem(), (409, "already-taken".into()));
    }
}

/// A thousand openings of one Grant at once, from two computers' connections and for two gateways' clocks.
#[tokio::test]
async fn a_10_of_a_thousand_openings_one_opens() {
    let w = world().await;
    let case = w.case().await;
    let again = w.again(&case);
    let cases: Vec<_> = (0..1000)
        .map(|n| {
            let mut case = if n % 2 == 0 { case.clone() } else { again.clone() };
            case.asked.ends_at -= n % 7;
            case
        })
        .collect();
    let size = w.head().await.size;
    let answers = futures_util::future::join_all(cases.iter().map(|case| w.open(case))).await;
    let opened: Vec<_> = answers.iter().filter(|a| a.status == 200).collect();
    // Who sends exactly what opened it is told again that it did; everybody else is refused.
    let receipts: std::collections::BTreeSet<u64> =
        opened.iter().map(|a| a.json::<wire::event::Receipt>().index).collect();
    assert_eq!(receipts.len(), 1);
    for answer in answers.iter().filter(|a| a.status != 200) {
        assert_eq!(answer.problem(), (409, "already-taken".into()));
    }
    assert!(opened.len() <= 1000 / 14 + 1, "{}", opened.len());
    let events = w.newest(usize::try_from(w.head().await.size - size).expect("few")).await;
    assert_eq!(events.iter().filter(|e| e.kind == EventKind::SessionOpened).count(), 1);
    let refused = events.iter().filter(|e| e.kind == EventKind::SessionRefused).count();
    assert!(refused > 0, "and the log says that others tried");
}

#[tokio::test]
async fn the_bundle_is_verified_here_again() {
    let w = world().await;
    let size = w.head().await.size;
    let altered = |change: fn(&mut super::world::Case)| {
        let mut case = w.unlogged_case();
        change(&mut case);
        case
    };
    let rewritten = |change: fn(&mut statement::Bundle)| {
        let mut case = w.unlogged_case();
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
        (altered(|c| c.asked.opened_at = i64::MIN), 409, "clocks-differ"),
        (altered(|c| c.asked.opened_at = i64::MAX), 409, "clocks-differ"),
        (altered(|c| c.asked.ends_at = i64::MIN), 403, "duration-out-of-bounds"),
        (altered(|c| c.asked.ends_at = i64::MAX), 403, "duration-out-of-bounds"),
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
    let mut late = w.unlogged_case();
    late.asked.opened_at += 120;
    assert_eq!(w.open(&late).await.problem(), (409, "expired".into()));
    let entries = w.newest(usize::try_from(w.head().await.size - size).expect("few")).await;
    assert!(entries.iter().all(|e| e.kind == EventKind::SessionRefused), "nothing was opened");
}

#[tokio::test]
async fn l_02_a_signer_who_saw_another_log_opens_nothing() {
    let w = world().await;
    let note = String::from_utf8(w.get("/checkpoint").await.body).expect("text");
    let own = w.case_for("kinloch-hotels", Scope::Read, &note).await;
    assert_eq!(w.open(&own).await.status, 200);
    let signer = checkpoint::LogSigner::from_seed("countersign.test/log", &[5; 32]).expect("the log's own key");
    for (size, root) in [(2, [1; 32]), (w.head().await.size + 1, [2; 32]), (0, [0; 32])] {
        let fork = w.unlogged_case_for("delmar-foods", Scope::Read, &signer.sign(size, &root));
        assert_eq!(w.open(&fork).await.problem(), (409, "other-log".into()), "size {size}");
    }
    let other = checkpoint::LogSigner::from_seed("countersign.test/log", &[6; 32]).expect("another key");
    let forged = w.unlogged_case_for("delmar-foods", Scope::Read, &other.sign(1, &[1; 32]));
    assert_eq!(w.open(&forged).await.problem(), (409, "other-log".into()));
}
