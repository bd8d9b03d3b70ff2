//! Which policy was in force, and how it came to be.

use std::collections::BTreeMap;

use statement::sha256;
use tests::forge::{Case, Company, Log, adopted_event};
use wire::event::{EventKind, Source};
use wire::evidence::{Content, Evidence};

use super::{OPEN, accepted, rejected};

/// A company that adopted two policies, one after the other.
fn adopted_twice() -> Case {
    let mut company = Company::new(OPEN);
    let second = company.stricter_policy(3600);
    company.adopt(&second);
    let third = company.stricter_policy(1800).replace("<= 3600", "<= 1800");
    company.adopt(&third);
    Case::of(company)
}

fn after(change: impl FnOnce(&mut Content)) -> String {
    let mut case = adopted_twice();
    let bytes = case.remade_with(change);
    rejected(&bytes, &case.trust).to_string()
}

#[test]
fn a_session_under_an_adopted_policy_is_proven_from_the_pinned_one() {
    let case = adopted_twice();
    assert_ne!(case.trust.trust.policy, case.company.trust.policy);
    let report = accepted(&case.bytes, &case.trust).to_string();
    let sentence = "Ben Okafor (e-0001) and Sofia Marchetti (e-0002) adopted version 3 of the policy at";
    assert!(report.contains(sentence), "{report}");
    assert!(report.contains("The adopted policy allows it"), "{report}");
}

#[test]
fn no_adoption_can_be_missing_moved_or_altered() {
    assert_eq!(after(|c| c.policies.clear()), "policy: none leads to the one that the request names");
    assert_eq!(after(|c| drop(c.policies.pop())), "policy: none leads to the one that the request names");
    assert_eq!(after(|c| drop(c.policies.remove(0))), "policy: signed under another policy");
    assert_eq!(after(|c| c.policies.swap(0, 1)), "policy: signed under another policy");
    assert_eq!(after(|c| c.policies[1].adoption.text.push(' ')), "policy: signed under another policy");
    assert_eq!(
        after(|c| drop(c.policies[0].adoption.statements.pop())),
        "policy: fewer than two administrators signed it"
    );
    assert_eq!(after(|c| c.policies[1].adoption.mfa.clear()), "policy: no second factor for this");
    assert_eq!(after(|c| c.policy = c.policies[0].adoption.text.clone()), "policy: not the pinned one");
}

#[test]
fn each_adoption_stood_in_the_log_before() {
    let other = after(|c| c.policies[0].entry = c.policies[1].entry.clone());
    assert!(other.ends_with("not of this adopted policy"), "{other}");
    let other = after(|c| c.policies[1].entry = c.events[0].clone());
    assert!(other.ends_with("not of this adopted policy"), "{other}");
    let mut case = adopted_twice();
    let adoption = case.content.policies[1].adoption.clone();
    let wrong = [
        (Source::Audit, adopted_event(&adoption), "not of this adopted policy"),
        (Source::Broker, adopted_event(&adoption).fact("version", "4"), "not of this adopted policy"),
        (
            Source::Broker,
            adopted_event(&adoption).fact("policy", sha256("another").to_string()),
            "not of this adopted policy",
        ),
        (Source::Broker, adopted_event(&adoption).statement("another"), "not of this adopted policy"),
        (Source::Broker, adopted_event(&adoption), "the policy was adopted after the opening"),
    ];
    for (source, append, why) in wrong {
        assert_eq!(append.kind, EventKind::PolicyAdopted);
        let entry = case.logged(source, &append, OPEN - 3600);
        let bytes = case.remade_with(|content| content.policies[1].entry = entry);
        let said = rejected(&bytes, &case.trust).to_string();
        assert!(said.ends_with(why), "{said}");
    }
}

/// A company whose administrators had seen this head when they adopted a policy.
fn adopted_by_ones_who_saw(head: impl FnOnce(&Log) -> String) -> Case {
    let mut company = Company::new(OPEN);
    company.log.append_leaf("started".into(), BTreeMap::new());
    let seen = head(&company.log);
    company.administrators.iter_mut().for_each(|who| who.saw.clone_from(&seen));
    let next = company.stricter_policy(3600);
    company.adopt(&next);
    company.administrators.iter_mut().for_each(|who| who.saw.clear());
    Case::of(company)
}

#[test]
fn l_02_a_policy_that_ones_adopted_who_were_shown_another_log_proves_nothing() {
    let honest = adopted_by_ones_who_saw(Log::checkpoint);
    accepted(&honest.bytes, &honest.trust);
    let file: Evidence = serde_json::from_slice(&honest.bytes).expect("a file");
    let size = file.made.index + 1;
    let two = "the log was forked: two heads of one size";
    let apart = "not among the file's heads";
    for (size, why) in [(size, two), (size + 7, "ahead of the one that answers for this file"), (1, apart), (2, apart)]
    {
        let case = adopted_by_ones_who_saw(|log| {
            let mut fork = log.fork_at(0);
            for n in 0..size {
                fork.append_leaf(format!("another {n}"), BTreeMap::new());
            }
            fork.checkpoint()
        });
        let said = rejected(&case.bytes, &case.trust).to_string();
        assert!(said.ends_with(why), "{said}");
    }
}

#[test]
fn l_02_an_organization_that_ones_had_forgotten_whom_somebody_enrolled_who_was_shown_another_log_proves_nothing() {
    for (is_fork, size) in [(false, 1), (false, 2), (true, 1), (true, 2)] {
        let mut case = Case::new(OPEN);
        let log = &case.company.log;
        let mut shown = log.fork_at(if is_fork { 0 } else { size });
        while shown.size() < size {
            shown.append_leaf(format!("another {}", shown.size()), BTreeMap::new());
        }
        case.company.administrators[0].saw = shown.checkpoint();
        let content = case.forgotten();
        let bytes = case.forgotten_file(&content);
        if is_fork {
            let said = rejected(&bytes, &case.trust).to_string();
            assert!(said.ends_with("not among the file's heads"), "{said}");
        } else {
            accepted(&bytes, &case.trust);
        }
    }
}
