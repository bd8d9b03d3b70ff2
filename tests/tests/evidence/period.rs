//! A file about an Organization and a period.

use verify::PeriodReport;
use wire::evidence::{PERIOD_FORMAT, PeriodContent};

use super::*;

/// The day of the case's Session.
fn content(case: &mut Case) -> PeriodContent {
    let session = case.content.clone();
    case.period(vec![session]).0
}

fn period(bytes: &[u8], trust: &TrustFile) -> PeriodReport {
    match verify(bytes, trust) {
        Ok(Proof::Period(report)) => report,
        other => panic!("{other:?}"),
    }
}

/// What the verifier says to a file that the log's operator made around this change.
fn after(change: impl FnOnce(&mut PeriodContent)) -> String {
    let mut case = Case::new(OPEN);
    let mut content = content(&mut case);
    change(&mut content);
    let bytes = case.period_file(&content, |append| append);
    rejected(&bytes, &case.trust).to_string()
}

#[test]
fn each_session_is_proven_and_what_nobody_can_prove_is_said() {
    let mut case = Case::new(OPEN);
    let content = content(&mut case);
    let bytes = case.period_file(&content, |append| append);
    let report = period(&bytes, &case.trust);
    assert_eq!(report.sessions.len(), 1);
    let text = report.to_string();
    for sentence in [
        "kinloch-hotels from 2027-01-14T20:00:00Z until 2027-01-15T20:00:00Z",
        "answers for every byte of this file: one Session, each proven below.",
        "That there were no other Sessions in this period",
        "Mara Lindqvist (e-1001) signed a request",
    ] {
        assert!(text.contains(sentence), "{sentence}: {text}");
    }
    let page = verify::summary(&Proof::Period(report), &bytes);
    assert!(
        page.contains("<h1>Sessions in <code>kinloch-hotels</code></h1>") && page.contains("<h2>Session in Kinloch"),
        "{page}"
    );
}

#[test]
fn a_period_without_sessions_says_so() {
    let mut case = Case::new(OPEN);
    let mut content = content(&mut case);
    content.sessions.clear();
    let bytes = case.period_file(&content, |append| append);
    assert!(period(&bytes, &case.trust).to_string().contains("no Session that the audit service knows of"));
}

#[test]
fn sessions_that_are_left_out_doubled_or_of_elsewhere_are_noticed_and_named() {
    assert!(after(|c| c.sessions.push(c.sessions[0].clone())).starts_with("Session 2, opening: not later"));
    assert!(after(|c| c.from = OPEN + 60).starts_with("Session 1, opening: not in the period"));
    assert!(after(|c| c.to = OPEN - 60).starts_with("Session 1, opening: not in the period"));
    assert!(
        after(|c| c.organization = "delmar-foods".parse().expect("id")).starts_with("Session 1, opening: of another")
    );
    assert!(after(|c| c.sessions[0].opened_at += 1).starts_with("Session 1, "));
    assert!(after(|c| drop(c.sessions[0].enrolled.pop())).starts_with("Session 1, "));
    let mut case = Case::new(OPEN);
    let all = content(&mut case);
    let bytes = case.period_file(&all, |append| append);
    let none = PeriodContent { sessions: Vec::new(), ..all.clone() };
    let mut file: Evidence = serde_json::from_slice(&bytes).expect("a file");
    file.content = serde_json::to_string(&none).expect("plain structs");
    let left_out = serde_json::to_vec(&file).expect("plain structs");
    assert!(rejected(&left_out, &case.trust).to_string().starts_with("sessions: not as many"));
}

#[test]
fn the_log_s_entry_is_about_exactly_this() {
    let other = |append: Append, name: &str| append.fact(name, "7");
    for name in ["from", "to", "sessions", "content"] {
        let mut case = Case::new(OPEN);
        let content = content(&mut case);
        let bytes = case.period_file(&content, |append| other(append, name));
        let part = if matches!(name, "from" | "to") { "period" } else { name };
        assert_eq!(rejected(&bytes, &case.trust).part, part, "{name}");
    }
    let mut case = Case::new(OPEN);
    let content = content(&mut case);
    let session = case.good.session();
    let bytes = case.period_file(&content, |append| append.session(&session));
    assert_eq!(rejected(&bytes, &case.trust).part, "organization");
    let delmar = "delmar-foods".parse().expect("id");
    let bytes = case.period_file(&content, |append| append.organization(&delmar));
    assert_eq!(rejected(&bytes, &case.trust).part, "organization");
    // A file about one Session is not taken for one about a period, nor the other way round.
    let mut file: Evidence = serde_json::from_slice(&case.bytes).expect("a file");
    file.format = PERIOD_FORMAT.into();
    assert!(verify(&serde_json::to_vec(&file).expect("plain structs"), &case.trust).is_err());
}
