use ::policy::Policy;

use super::*;

/// The default policy with these changes, as version 2.
fn changed(changes: &[(&str, &str)]) -> String {
    let text = Policy::compiled_in().text().replace("\"version\": 1", "\"version\": 2");
    changes.iter().fold(text, |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    })
}

fn codes(changes: &[(&str, &str)]) -> Vec<&'static str> {
    let checked = checked(&changed(changes)).unwrap_or_else(|wrong| panic!("{wrong}"));
    checked.remarks.iter().map(|remark| remark.code).collect()
}

fn sentences(changes: &[(&str, &str)]) -> Vec<String> {
    let checked = checked(&changed(changes)).unwrap_or_else(|wrong| panic!("{wrong}"));
    checked.remarks.into_iter().map(|remark| remark.sentence).collect()
}

#[test]
fn the_default_policy_is_one_and_nothing_about_it_is_remarkable() {
    let checked = checked(Policy::compiled_in().text()).expect("a policy");
    let digest = Policy::compiled_in().digest().to_string();
    assert_eq!(checked.to_string(), format!("It is a policy.\nDigest  {digest}\nRules   13\n"));
    assert_eq!(codes(&[]), [""; 0], "nor about the next version of it");
}

#[test]
fn a_text_that_did_not_count_on_is_remarkable() {
    assert_eq!(
        codes(&[("\"version\": 2", "\"version\": 1"), ("time_zone\": \"UTC", "time_zone\": \"Europe/Berlin")]),
        ["version"]
    );
}

#[test]
fn what_nobody_can_open_any_more_is_named() {
    assert_eq!(
        sentences(&[(
            "(context.scope >= 2 && context.duration_seconds <= 3600)",
            "(context.scope == 2 && context.duration_seconds <= 3600)"
        )]),
        ["Nobody can open Administer for “Maintenance” any more."]
    );
    assert_eq!(
        sentences(&[(
            "context.scope == 1 && context.duration_seconds <= 7200\n};",
            "context.scope == 7 && context.duration_seconds <= 7200\n};"
        )]),
        ["“Legal disclosure” opens nothing any more, at no Scope."]
    );
}

#[test]
fn what_only_some_can_open_at_some_hours_is_not() {
    let only = |condition: &str| {
        let rule =
            "@id(\"only\") @sentence(\"Only those.\")\nforbid(principal, action == Action::\"request\", resource)";
        codes(&[("// Who countersigns.", &format!("{rule} unless {{ {condition} }};"))])
    };
    assert_eq!(only("context.weekday == 6 && context.minute >= 600 && context.minute < 601"), [""; 0]);
    assert_eq!(only("principal in Group::\"night\""), [""; 0]);
    assert_eq!(only("principal in Role::\"administrator\""), [""; 0]);
    assert_eq!(only("principal has employer && principal.employer == \"acme gmbh\""), [""; 0]);
    assert_eq!(only("principal has country && principal.country == \"de\""), [""; 0]);
    assert_eq!(only("context.duration_seconds == 777"), [""; 0]);
    assert_eq!(only("context.weekday == 8"), ["opens-nothing"; 5]);
}

#[test]
fn administer_with_one_countersigner_is_remarkable() {
    let with_one = ("resource.scope == 3 || context.scope == 3 || ", "");
    assert_eq!(
        sentences(&[with_one]),
        [
            "“Security incident” opens Administer with one countersigner.",
            "“Maintenance” opens Administer with one countersigner."
        ]
    );
}

#[test]
fn what_nobody_may_countersign_is_remarkable() {
    let nobody = (
        "principal in Role::\"approver\", action == Action::\"approve\"",
        "principal in Role::\"approver\", action == Action::\"open\"",
    );
    assert_eq!(sentences(&[nobody]), ["Nobody may countersign anything, so nothing opens."]);
    let rule = "@id(\"no\") @sentence(\"No.\") forbid(principal, action == Action::\"approve\", resource) when { resource.scope == 3 };";
    assert_eq!(
        sentences(&[("// Who countersigns.", rule)]),
        [
            "Nobody can countersign Administer for “Security incident”, so it never opens.",
            "Nobody can countersign Administer for “Maintenance”, so it never opens."
        ]
    );
    let from_security = "@id(\"security\") @sentence(\"One is from security.\") forbid(principal, action == Action::\"open\", resource) unless { context.approver_groups.contains(Group::\"security\") };";
    assert_eq!(codes(&[("// Who countersigns.", from_security)]), [""; 0], "somebody of that group can");
    let not_from_it = "@id(\"not\") @sentence(\"Not them.\") forbid(principal in Group::\"security\", action == Action::\"approve\", resource);";
    assert_eq!(codes(&[("// Who countersigns.", &format!("{from_security}\n{not_from_it}"))]), ["nobody-countersigns"]);
}

#[test]
fn a_wish_that_no_rule_keeps_is_remarkable() {
    let wish = (
        "\"organizations\": {}",
        "\"organizations\": {\"fjord\": {\"refuses_employers\": [\"acme gmbh\"], \"refuses_countries\": [\"us\"]}}",
    );
    assert_eq!(codes(&[wish]), [""; 0], "the default policy keeps it");
    assert_eq!(
        sentences(&[
            wish,
            ("resource.refuses_countries.contains(principal.country)", "resource.refuses_countries.contains(\"de\")")
        ]),
        ["fjord refuses people who work in us, but no rule keeps them out of everything."]
    );
    assert_eq!(
        sentences(&[
            wish,
            ("resource.refuses_employers.contains(principal.employer)", "resource.refuses_employers.contains(\"de\")")
        ]),
        ["fjord refuses people of acme gmbh, but no rule keeps them out of everything."]
    );
}

#[test]
fn each_problem_is_told_with_what_to_do() {
    let text = changed(&[
        ("\"version\": 2", "\"version\": 0"),
        ("time_zone\": \"UTC", "time_zone\": \"Mars/Olympus"),
        ("context.approvals >= 1", "context.aprovals >= 1"),
        ("@id(\"maintenance\")", "@id(\"security-incident\")"),
        ("@sentence(\"Approvers countersign.\")", "@sentence(\"\")"),
    ]);
    let wrong = checked(&text).expect_err("wrong");
    let messages: Vec<&str> = wrong.problems.iter().map(|p| p.message.as_str()).collect();
    let beginnings = [
        "versions begin with 1",
        "no such time zone: Mars/Olympus",
        "a rule speaks of what there is not: rule 12 (“one-other-person”), ",
        "rule 4 of the text needs an @id of its own",
        "the rule “approvers-decide” needs a @sentence",
    ];
    assert_eq!(messages.len(), beginnings.len(), "{messages:#?}");
    for (message, beginning) in messages.iter().zip(beginnings) {
        assert!(message.starts_with(beginning), "{message}");
    }
    assert!(wrong.problems.iter().all(|p| p.next.ends_with('.')));
    assert_eq!(wrong.to_string().lines().count(), 10);
}

#[test]
fn every_rule_that_is_no_cedar_is_told_with_its_line() {
    let text = changed(&[
        ("context.approvals < 2", "context.approvals <"),
        ("context.approvals >= 1", "context.approvals >="),
    ]);
    let wrong = checked(&text).expect_err("wrong");
    let line_of = |id: &str| 1 + text.lines().position(|line| line == format!("@id(\"{id}\")")).expect("a line");
    let lines: Vec<bool> = wrong
        .problems
        .iter()
        .zip(["one-other-person", "two-for-what-weighs-most"])
        .map(|(p, id)| p.message.ends_with(&format!(", in the rule of line {}", line_of(id))))
        .collect();
    assert_eq!(lines, [true, true], "{wrong}");
}

#[test]
fn what_a_text_says_draws_no_line_of_ours() {
    let wrong = checked(&changed(&[("\"UTC\"", "\"\\u001b[2J\\n  - fine\"")])).expect_err("no such zone");
    assert!(!wrong.to_string().contains('\u{1b}'), "{wrong}");
    assert_eq!(wrong.to_string().lines().count(), 2);
}
