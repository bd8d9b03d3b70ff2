use std::sync::Arc;

use findings::Rules;
use recording::{Captured, Frame};
use wire::audit::{Acknowledged, SessionDetail, Sessions};
use wire::event::{EventKind, Receipt, Source};
use wire::finding::{Finding, Weighed};

use super::world::{NOW, World, check_receipt, frames, world};
use crate::error::Error;
use crate::examining::rules;

async fn examine(w: &World) {
    let rules = [
        include_str!("../../../../crates/findings/rules/first-time-here.yml"),
        include_str!("../../../../crates/findings/rules/recording-gap.yml"),
        include_str!("../../../../crates/findings/rules/refused-attempts.yml"),
        include_str!("../../../../crates/findings/rules/unnamed-write.yml"),
    ];
    examine_by(w, Rules::read(rules).expect("rules")).await;
}

async fn examine_by(w: &World, rules: Rules) {
    w.service.audit.upgrade().expect("it runs").examine_sealed(&Arc::new(rules)).await;
}

async fn detail(w: &World, session: &domain::SessionId) -> SessionDetail {
    w.get_person(&w.ines, &format!("/v1/sessions/{session}")).await.json()
}

fn refused(seq: u64) -> Frame {
    let (method, path, code) = ("DELETE".into(), "/o/other".into(), "other-organization".into());
    Frame { seq, at: NOW * 1000, content: Captured::Refused { exchange: 100 + seq, method, path, code } }
}

/// The entry about the sealing, as the log has it.
fn leaf_of(detail: &SessionDetail) -> &str {
    &detail.sealed.as_ref().expect("it is sealed").leaf
}

/// Named rules, and how often each was met.
fn told(findings: &[Finding]) -> Vec<(&str, u64)> {
    findings.iter().map(|finding| (finding.rule.as_str(), finding.times)).collect()
}

#[tokio::test]
async fn a_recording_is_looked_at_once_when_it_is_sealed() {
    let w = world().await;
    let (session, _, _) = w.session().await;
    w.batch(&session, 0, &frames(0, 3)).await.json::<Acknowledged>();
    w.batch(&session, 1, &(3..8).map(refused).collect::<Vec<_>>()).await.json::<Acknowledged>();
    let running = w.head().await.size;
    examine(&w).await;
    assert_eq!(w.head().await.size, running, "it still runs");
    assert_eq!((detail(&w, &session).await.examination, detail(&w, &session).await.summary.findings), (None, None));
    w.end(&session, 3).await.json::<Receipt>();
    let sealed = w.head().await.size;
    examine(&w).await;
    examine(&w).await;
    assert_eq!(w.head().await.size, sealed + 1, "once");
    let detail = detail(&w, &session).await;
    let examination = detail.examination.clone().expect("it was looked at");
    let event = check_receipt(&w.verifier(), &examination.receipt);
    assert_eq!((event.kind, event.source), (EventKind::RecordingExamined, Source::Audit));
    let findings = examination.read(&event, &session, leaf_of(&detail)).expect("the entry is about them");
    let expected = [("recording-gap", 1), ("refused-attempts", 1), ("unnamed-write", 1), ("first-time-here", 1)];
    assert_eq!(told(&findings), expected);
    assert_eq!(findings[1].sentence, "5 requests were refused.");
    let weighed = Weighed { stop: 1, look: 2, note: 1 };
    let facts = ["stop", "look", "note"].map(|name| event.facts[name].as_str());
    assert_eq!((detail.summary.findings, facts), (Some(weighed), ["1", "2", "1"]));
    let list: Sessions = w.get_person(&w.ines, "/v1/sessions").await.json();
    assert_eq!(list.sessions[0].findings, Some(weighed));
}

#[tokio::test]
async fn what_a_person_did_before_is_known_after_a_restart_too() {
    let w = world().await;
    let (first, _, _) = w.session().await;
    w.end(&first, 0).await.json::<Receipt>();
    let w = w.restart().await;
    examine(&w).await;
    let (second, _, _) = w.session().await;
    w.end(&second, 0).await.json::<Receipt>();
    examine(&w).await;
    for (session, expected) in [(first, vec![("first-time-here", 1)]), (second, vec![])] {
        let detail = detail(&w, &session).await;
        let examination = detail.examination.clone().expect("it was looked at");
        let event = check_receipt(&w.verifier(), &examination.receipt);
        assert_eq!(told(&examination.read(&event, &session, leaf_of(&detail)).expect("about them")), expected);
    }
}

#[tokio::test]
async fn findings_of_another_session_or_changed_by_hand_are_none() {
    let w = world().await;
    let (session, _, _) = w.session().await;
    w.end(&session, 0).await.json::<Receipt>();
    examine(&w).await;
    let detail = detail(&w, &session).await;
    let (good, leaf) = (detail.examination.clone().expect("it was looked at"), leaf_of(&detail));
    let event = check_receipt(&w.verifier(), &good.receipt);
    assert!(good.read(&event, &session, leaf).is_some());
    let other = statement::sha256("another Session").into();
    assert!(good.read(&event, &other, leaf).is_none());
    let none = wire::finding::Examination { findings_json: "[]".into(), ..good.clone() };
    assert!(none.read(&event, &session, leaf).is_none());
    let mut sealed = event.clone();
    sealed.kind = EventKind::RecordingSealed;
    assert!(good.read(&sealed, &session, leaf).is_none());
    let mut claimed = event;
    claimed.source = Source::Gateway;
    assert!(good.read(&claimed, &session, leaf).is_none());
}

#[tokio::test]
async fn whether_a_session_is_drawn_follows_from_the_entry_about_its_sealing() {
    let w = world().await;
    let draws = |one_in: &str| {
        let text = include_str!("../../../../crates/findings/rules/drawn.yml").replace("one_in: 20", one_in);
        Rules::read([text.as_str()]).expect("a rule")
    };
    let (session, _, _) = w.session().await;
    w.batch(&session, 0, &frames(0, 3)).await.json::<Acknowledged>();
    w.end(&session, 1).await.json::<Receipt>();
    examine_by(&w, draws("one_in: 1")).await;
    let all = detail(&w, &session).await;
    let examination = all.examination.clone().expect("it was looked at");
    let mut event = check_receipt(&w.verifier(), &examination.receipt);
    assert_eq!(["one-in", "drawn"].map(|name| event.facts[name].as_str()), ["1", "yes"]);
    assert_eq!(told(&examination.read(&event, &session, leaf_of(&all)).expect("as it is")), [("drawn", 1)]);
    assert!(all.summary.due, "nothing points at it, and it must be reviewed");
    // Left out although it was drawn, or drawn by a share that comes to something else.
    for (fact, other) in [("drawn", "no"), ("one-in", "0"), ("one-in", "01"), ("drawn", "maybe")] {
        let good = event.facts.insert(fact.into(), other.into()).expect("it was there");
        assert!(examination.read(&event, &session, leaf_of(&all)).is_none(), "{fact} {other}");
        event.facts.insert(fact.into(), good);
    }
    let drawn = event.facts.remove("drawn").expect("it was there");
    assert!(examination.read(&event, &session, leaf_of(&all)).is_none(), "one of the two");
    event.facts.remove("one-in");
    assert!(examination.read(&event, &session, leaf_of(&all)).is_some(), "of before there were draws");
    event.facts.extend([("drawn".into(), drawn), ("one-in".into(), "20".into())]);
    let so = wire::finding::Draw::of(leaf_of(&all)).is_one_in(20);
    assert_eq!(examination.read(&event, &session, leaf_of(&all)).is_some(), so);
    let (none, _, _) = w.session().await;
    w.end(&none, 0).await.json::<Receipt>();
    examine_by(&w, draws("one_in: 9223372036854775807")).await;
    assert!(!detail(&w, &none).await.summary.due, "it was looked at, and nothing calls for a review");
}

#[tokio::test]
async fn what_the_service_draws_is_what_everybody_draws() {
    let w = world().await;
    let half = include_str!("../../../../crates/findings/rules/drawn.yml").replace("one_in: 20", "one_in: 2");
    let mut sessions = Vec::new();
    for _ in 0..12 {
        let (session, _, _) = w.session().await;
        w.end(&session, 0).await.json::<Receipt>();
        sessions.push(session);
    }
    examine_by(&w, Rules::read([half.as_str()]).expect("a rule")).await;
    for session in sessions {
        let detail = detail(&w, &session).await;
        let examination = detail.examination.clone().expect("it was looked at");
        let event = check_receipt(&w.verifier(), &examination.receipt);
        let drawn = wire::finding::Draw::of(leaf_of(&detail)).is_one_in(2);
        assert!(examination.read(&event, &session, leaf_of(&detail)).is_some());
        assert_eq!(
            (event.facts["one-in"].as_str(), event.facts["drawn"] == "yes", detail.summary.due),
            ("2", drawn, drawn)
        );
    }
}

#[test]
fn rules_of_a_folder_take_the_place_of_those_that_are_compiled_in() {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("export.yml");
    assert!(rules(None).is_ok() && rules(Some(folder.path())).is_ok());
    std::fs::write(&file, include_str!("../../../../crates/findings/rules/export.yml")).expect("writes");
    assert!(rules(Some(folder.path())).is_ok());
    std::fs::write(&file, "title: nothing").expect("writes");
    let why = rules(Some(folder.path())).expect_err("no rule");
    assert!(matches!(&why, Error::Misconfigured(words) if words.contains("not a Sigma rule")), "{why}");
    assert!(rules(Some(&folder.path().join("nowhere"))).is_err());
}
