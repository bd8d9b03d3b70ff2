//! A Session that was opened under the pinned policy and extended under one that was adopted while it was open.

use tests::forge::{Case, Company, adopted_event};
use wire::event::{EventKind, Source};
use wire::evidence::Content;

use super::{OPEN, accepted, rejected};

/// Read may last so many seconds from the tenth minute of the Session on; it was asked to last 45 minutes in all.
fn case(most: u32) -> Case {
    let company = Company::new(OPEN);
    let text = company.stricter_policy(most);
    Case::extended_under(company, &text)
}

fn after(change: impl FnOnce(&mut Content)) -> String {
    let mut case = case(3600);
    let bytes = case.remade_with(change);
    rejected(&bytes, &case.trust).to_string()
}

#[test]
fn each_half_is_held_to_the_policy_of_its_own_moment() {
    let case = case(3600);
    assert_ne!(case.trust.trust.policy, case.company.trust.policy);
    let report = accepted(&case.bytes, &case.trust).to_string();
    assert!(report.contains("The pinned policy allows it"), "{report}");
    assert!(report.contains("as many as the adopted policy asks for (1)"), "{report}");
    let sentence = "Ben Okafor (e-0001) and Sofia Marchetti (e-0002) adopted version 2 of the policy at";
    assert!(report.contains(sentence), "{report}");
}

#[test]
fn what_the_adopted_policy_does_not_allow_extends_nothing_though_the_pinned_one_did() {
    let short = case(1800);
    let why = rejected(&short.bytes, &short.trust).to_string();
    assert!(why.contains("policy"), "{why}");
    let long = case(2700);
    accepted(&long.bytes, &long.trust);
}

#[test]
fn the_adoption_cannot_be_missing() {
    let why = after(|content| content.policies.clear());
    assert!(why.ends_with("the entry is about something else than this extension"), "{why}");
}

#[test]
fn the_adoption_stood_in_the_log_between_the_opening_and_the_extension() {
    let mut late = case(3600);
    let adoption = late.content.policies[0].adoption.clone();
    let entry = late.logged(Source::Broker, &adopted_event(&adoption), OPEN + 3000);
    let bytes = late.remade_with(|content| content.policies[0].entry = entry);
    let why = rejected(&bytes, &late.trust).to_string();
    assert!(why.ends_with("the policy was adopted after the extension"), "{why}");
}

#[test]
fn an_opening_under_a_policy_that_was_replaced_before_it_is_refused() {
    // The log's operator wrote the adoption down before anything else; the opening still names the pinned policy.
    let mut company = Company::new(OPEN);
    let text = company.stricter_policy(3600);
    let early = company.adoption(&text);
    company.log.append(Source::Audit, &wire::event::Append::new(EventKind::LogStarted), (OPEN - 90_000) * 1000);
    let index = company.log.append(Source::Broker, &adopted_event(&early), (OPEN - 80_000) * 1000);
    let mut case = Case::extended_under(company, &text);
    let mut entry = case.company.log.proven(index);
    std::mem::swap(&mut entry, &mut case.content.policies[0].entry);
    case.content.policies[0].adoption = early;
    let bytes = case.remade_with(|_| ());
    let why = rejected(&bytes, &case.trust).to_string();
    assert!(why.ends_with("the policy that the opening names was replaced before it"), "{why}");
}
