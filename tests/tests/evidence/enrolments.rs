//! Who is enrolled stood in the log before, once, with a code for exactly that enrolment: not even the log's own operator
//! and the broker together make up an enrolment afterwards.

use statement::Enrol;
use wire::evidence::ProvenEnrolment;

use super::*;

/// What the verifier says when one enrolment's entry is this one instead.
fn after_entered(made: impl FnOnce(&mut Case) -> ProvenEnrolment) -> String {
    let mut case = Case::new(OPEN);
    let other = made(&mut case);
    let bytes = case.remade_with(|content| {
        content.enrolled.retain(|e| e.entry.receipt.leaf != other.entry.receipt.leaf);
        let named = leaf_statements(&other);
        content.enrolled.retain(|e| !leaf_statements(e).iter().any(|s| *s == named[0]));
        content.enrolled.push(other);
    });
    rejected(&bytes, &case.trust).to_string()
}

fn leaf_statements(entry: &ProvenEnrolment) -> Vec<domain::Digest> {
    serde_json::from_str::<wire::event::Event>(&entry.entry.receipt.leaf).expect("an Event").statements
}

/// The entry of the reviewer's enrolment, written anew at this second with this attestation.
fn entered(case: &mut Case, source: Source, attestation: String, at: i64) -> ProvenEnrolment {
    let enrol = case.content.reviewer_enrols[0].clone();
    let by = case.company.administrators[1].clone();
    let append = tests::forge::enrolled_event(&by, &enrol, &attestation);
    ProvenEnrolment { entry: case.logged(source, &append, at), attestation }
}

fn code(case: &Case, statement: Option<&str>, at: i64) -> String {
    case.company.mfa(&case.company.administrators[1], statement, at)
}

#[test]
fn an_enrolment_without_its_entry_is_rejected() {
    let count = Case::new(OPEN).content.enrolled.len();
    assert_eq!(count, 3, "the engineer's, the approver's and the reviewer's");
    for gone in 0..count {
        let said = after(|content| {
            content.enrolled.remove(gone);
        });
        assert!(said.contains("the log's entry of one is not in the file"), "{said}");
    }
}

#[test]
fn an_enrolment_that_was_logged_after_the_opening_opens_nothing() {
    let said = after_entered(|case| {
        let enrol = case.good.bundle.enrols[0].clone();
        let by = case.company.administrators[0].clone();
        let attestation = case.company.mfa(&by, Some(&enrol), case.company.moments.enrol);
        let append = tests::forge::enrolled_event(&by, &enrol, &attestation);
        ProvenEnrolment { entry: case.logged(Source::Broker, &append, OPEN + 700), attestation }
    });
    assert!(said.contains("one was written down after the opening"), "{said}");
}

#[test]
fn an_enrolment_that_was_logged_after_the_review_makes_no_reviewer() {
    let said = after_entered(|case| {
        let enrol = case.content.reviewer_enrols[0].clone();
        let attestation = code(case, Some(&enrol), case.company.moments.enrol);
        entered(case, Source::Broker, attestation, OPEN + 700)
    });
    assert!(said.contains("nobody enrolled the Device that signed it"), "{said}");
}

#[test]
fn an_enrolment_needs_a_code_for_exactly_it() {
    type Made = fn(&Case, &str, i64) -> String;
    let codes: [(Made, &str); 4] = [
        (|case, _, at| code(case, None, at), "no second factor for this"),
        (|case, _, at| code(case, Some("another"), at), "no second factor for this"),
        (
            |case, enrol, at| case.company.mfa(&case.company.administrators[0], Some(enrol), at),
            "no second factor for this",
        ),
        (|case, enrol, at| code(case, Some(enrol), at + 301), "the second factor is too old"),
    ];
    for (made, why) in codes {
        let said = after_entered(|case| {
            let (enrol, at) = (case.content.reviewer_enrols[0].clone(), case.company.moments.enrol);
            let attestation = made(case, &enrol, at);
            entered(case, Source::Broker, attestation, OPEN + 500)
        });
        assert!(said.contains("code for an enrolment") && said.contains(why), "{why}: {said}");
    }
}

#[test]
fn the_code_is_the_one_that_the_entry_names() {
    let mut case = Case::new(OPEN);
    let enrol = case.content.reviewer_enrols[0].clone();
    let another = code(&case, Some(&enrol), case.company.moments.enrol);
    let bytes = case.remade_with(|content| content.enrolled[2].attestation = another);
    let said = rejected(&bytes, &case.trust).to_string();
    assert!(said.contains("not the one that the log names"), "{said}");
}

#[test]
fn entries_of_something_else_or_by_another_service_are_rejected() {
    let said = after_entered(|case| {
        let enrol = case.content.reviewer_enrols[0].clone();
        let attestation = code(case, Some(&enrol), case.company.moments.enrol);
        entered(case, Source::Gateway, attestation, OPEN + 500)
    });
    assert!(said.contains("the enrolment was written by another service"), "{said}");

    let said = after_entered(|case| {
        let enrol = case.content.reviewer_enrols[0].clone();
        let attestation = code(case, Some(&enrol), case.company.moments.enrol);
        let by = case.company.administrators[1].clone();
        let append = Append { kind: EventKind::SignedIn, ..tests::forge::enrolled_event(&by, &enrol, &attestation) };
        ProvenEnrolment { entry: case.logged(Source::Broker, &append, OPEN + 500), attestation }
    });
    assert!(said.contains("not of an enrolment"), "{said}");

    let mut case = Case::new(OPEN);
    let body = Enrol { device: sha256("another Device"), person: domain::PersonId("e-1004".into()) };
    let by = case.company.administrators[1].clone();
    let enrol = by.sign(&case.trust.trust.gateway_id, body, OPEN);
    let attestation = code(&case, Some(&enrol), OPEN);
    let append = tests::forge::enrolled_event(&by, &enrol, &attestation);
    let entry = case.logged(Source::Broker, &append, OPEN + 700);
    let bytes = case.remade_with(|content| content.enrolled.push(ProvenEnrolment { entry, attestation }));
    let said = rejected(&bytes, &case.trust).to_string();
    assert!(said.contains("of no enrolment, or of several, in this file"), "{said}");
}

#[test]
fn one_enrolment_stands_there_once_and_in_the_log_s_order() {
    let said = after(|content| content.enrolled.swap(0, 1));
    assert!(said.contains("not in the log's order"), "{said}");
    let said = after(|content| content.enrolled.insert(0, content.enrolled[0].clone()));
    assert!(said.contains("not in the log's order"), "{said}");
    let mut case = Case::new(OPEN);
    let enrol = case.content.reviewer_enrols[0].clone();
    let attestation = code(&case, Some(&enrol), case.company.moments.enrol);
    let again = entered(&mut case, Source::Broker, attestation, OPEN + 700);
    let bytes = case.remade_with(|content| content.enrolled.push(again));
    let said = rejected(&bytes, &case.trust).to_string();
    assert!(said.contains("stands in the log twice"), "{said}");
}
