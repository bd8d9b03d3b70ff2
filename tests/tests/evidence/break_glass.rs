//! Break-glass in the Evidence (T28): who signed in advance, that it stood in the log, who was told, and whether it was reviewed.

use tests::forge::{Case, Company, opened_event};
use wire::event::{Append, EventKind, Source};
use wire::evidence::Content;

use super::{OPEN, accepted, rejected};

fn case() -> Case {
    let company = Company::new(OPEN);
    let good = company.good_by_break_glass();
    Case::of_grant(company, good)
}

fn why(mut case: Case, change: impl FnOnce(&mut Content)) -> String {
    let bytes = case.remade_with(change);
    rejected(&bytes, &case.trust).to_string()
}

fn place(content: &Content, kind: EventKind) -> usize {
    let of_kind = |leaf: &str| leaf.contains(&format!("\"kind\":{}", serde_json::to_string(&kind).expect("a word")));
    content.events.iter().position(|e| of_kind(&e.receipt.leaf)).expect("one of the kind")
}

fn without(kind: EventKind) -> String {
    why(case(), |content| {
        let at = place(content, kind);
        content.events.remove(at);
    })
}

#[test]
fn t28_it_says_who_signed_in_advance_who_was_told_and_that_it_was_reviewed() {
    let case = case();
    let said = accepted(&case.bytes, &case.trust).proven.join("\n");
    for words in [
        "Nobody countersigned this request: it was opened by break-glass",
        "may open Kinloch Hotels (kinloch-hotels), at most Read for 30 min, one Session in all",
        "Ben Okafor (e-0001), another person on another Device, signed exactly this permission in advance",
        "Sofia Marchetti (e-0002), another person on another Device, signed exactly this permission in advance",
        "this was use 1 of it",
        "a notice for each of 2 people who were not asked (e-1002, e-0001); 1 of them",
        "The Organization’s contact has not taken the notice yet",
        "The review that break-glass asks for was made",
    ] {
        assert!(said.contains(words), "{words} in\n{said}");
    }
    assert!(!said.contains(", countersigned exactly this request"), "{said}");
}

#[test]
fn t28_without_a_review_it_says_that_the_duty_stands() {
    let mut case = case();
    let bytes = case.remade_with(|content| {
        content.reviews.clear();
        content.events.pop();
    });
    let report = accepted(&bytes, &case.trust);
    assert!(report.not_proven.join("\n").contains("stands as a duty until somebody has"), "{report}");
    assert!(!report.proven.join("\n").contains("The review that break-glass asks for"));
}

#[test]
fn t28_an_ordinary_session_says_nothing_of_it() {
    let case = Case::new(OPEN);
    let report = accepted(&case.bytes, &case.trust).to_string();
    assert!(!report.contains("break-glass"), "{report}");
    assert!(!String::from_utf8(case.bytes).expect("text").contains("break_glass"), "and keeps its bytes");
}

#[test]
fn t28_no_part_of_it_is_missing() {
    assert!(without(EventKind::BreakGlassFiled).contains("the break-glass permission is not among them"));
    assert!(without(EventKind::BreakGlassUsed).contains("the use of the break-glass permission is not among them"));
    assert!(without(EventKind::NoticeMade).contains("not those that the log says were made"));
    let mut case = case();
    let mut bundle = case.good.bundle.clone();
    bundle.break_glass.as_mut().expect("a permission").statements.pop();
    let bundle_json = serde_json::to_string(&bundle).expect("a bundle");
    let append = opened_event(&case.company, &case.good).fact("bundle", statement::sha256(&bundle_json).to_string());
    let entry = case.logged(Source::Audit, &append, case.good.opened_at + 3000);
    let unsigned = why(case, |content| {
        let at = place(content, EventKind::SessionOpened);
        content.bundle_json = bundle_json;
        content.events.truncate(at);
        content.events.push(entry);
        content.manifest = None;
        content.reviews.clear();
    });
    assert!(unsigned.contains("fewer than two administrators"), "{unsigned}");
}

/// The file in which the entry of this kind says something else.
fn logged(kind: EventKind, source: Source, change: impl FnOnce(Append) -> Append) -> String {
    let mut case = case();
    let at = place(&case.content, kind);
    let leaf: wire::event::Event = serde_json::from_str(&case.content.events[at].receipt.leaf).expect("an Event");
    let mut append = Append { facts: leaf.facts, ..Append::new(kind) };
    append.session = leaf.session;
    append.organization = leaf.organization;
    if kind == EventKind::BreakGlassFiled {
        append.statements = case.good.bundle.break_glass.clone().expect("a permission").statements;
    }
    if kind == EventKind::SessionOpened {
        append = opened_event(&case.company, &case.good);
    }
    let entry = case.logged(source, &change(append), case.good.opened_at + 3000);
    why(case, |content| {
        content.events.remove(at);
        content.events.push(entry);
    })
}

#[test]
fn t28_what_the_log_says_of_it_is_what_was_signed() {
    let other = || statement::sha256("another").to_string();
    let cases = [
        (logged(EventKind::BreakGlassFiled, Source::Audit, |e| e), "filed after it was used"),
        (logged(EventKind::BreakGlassFiled, Source::Broker, |e| e), "written by another service"),
        (
            logged(EventKind::BreakGlassFiled, Source::Audit, |e| e.fact("permission", other())),
            "of another break-glass permission",
        ),
        (
            logged(EventKind::BreakGlassFiled, Source::Audit, |mut e| {
                e.statements.reverse();
                e
            }),
            "of another break-glass permission",
        ),
        (logged(EventKind::BreakGlassUsed, Source::Broker, |e| e), "written by another service"),
        (
            logged(EventKind::BreakGlassUsed, Source::Audit, |e| e.fact("permission", other())),
            "the use of another permission",
        ),
        (logged(EventKind::BreakGlassUsed, Source::Audit, |e| e.fact("use", "2")), "or another use"),
        (logged(EventKind::BreakGlassUsed, Source::Audit, |e| e.fact("uses", "9")), "or another use"),
        (logged(EventKind::BreakGlassUsed, Source::Audit, |e| e.fact("told", "3")), "not those that the log says"),
        (
            logged(EventKind::BreakGlassUsed, Source::Audit, |e| e.fact("contact", "none")),
            "not those that the log says",
        ),
        (logged(EventKind::NoticeSeen, Source::Audit, |e| e.fact("notice", "0")), "of no notice that was made"),
    ];
    for (said, expected) in cases {
        assert!(said.contains(expected), "{expected} in {said}");
    }
}

#[test]
fn t28_a_countersigned_session_carries_none_of_it() {
    let mut case = Case::new(OPEN);
    let organization = case.company.ask().organization.id;
    let notice = Append::new(EventKind::NoticeMade).organization(&organization).session(&case.good.session());
    let entry = case.logged(Source::Audit, &notice, case.good.opened_at + 3000);
    let said = why(case, |content| content.events.push(entry));
    assert!(said.contains("of break-glass, and the Session was countersigned"), "{said}");
}

#[test]
fn t28_whoever_signed_in_advance_does_not_review() {
    let mut company = Company::new(OPEN);
    let second = company.administrators[1].clone();
    let mut account = second.account.clone();
    account.roles = ["reviewer", "administrator"].map(str::to_owned).to_vec();
    company.reviewer =
        tests::forge::Person::sign_in_on(&company.provider, account, second.device, company.reviewer.signed_in_at);
    let good = company.good_by_break_glass();
    let enrol = company.enrol(&company.administrators[0], &company.reviewer.id(), &company.reviewer.thumbprint());
    let by = (company.administrators[0].clone(), enrol);
    let case = Case::of_grant_with(company, good, &[by]);
    assert!(rejected(&case.bytes, &case.trust).to_string().contains("its signer asked or countersigned"));
}
