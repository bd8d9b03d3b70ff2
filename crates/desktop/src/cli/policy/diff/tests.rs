mod asked;

use super::*;

/// The default policy with these changes, as version 2.
fn changed(changes: &[(&str, &str)]) -> Policy {
    let text = Policy::compiled_in().text().replace("\"version\": 1", "\"version\": 2");
    let text = changes.iter().fold(text, |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    });
    Policy::read(&text).expect("a policy")
}

fn from_default(changes: &[(&str, &str)]) -> String {
    Difference::of(&Policy::compiled_in(), &changed(changes), Facts::default()).to_string()
}

/// The indented lines under this title.
fn under<'a>(title: &str, text: &'a str) -> Vec<&'a str> {
    let after = text.split(&format!("\n{title}\n")).nth(1).unwrap_or_else(|| panic!("no {title} in {text}"));
    after.lines().take_while(|line| line.starts_with("  ")).map(str::trim_start).collect()
}

fn offers_after(changes: &[(&str, &str)]) -> Vec<String> {
    under("What an engineer is offered", &from_default(changes)).into_iter().map(str::to_owned).collect()
}

#[test]
fn nothing_differs_from_itself() {
    let default = Policy::compiled_in();
    let digest = default.digest();
    let expected = format!(
        "Old  {digest}\nNew  {digest}\n\nHeading\n  Nothing differs.\n\nRules\n  Nothing differs.\n\nWhat an engineer is offered\n  \
         Nothing differs.\n\nRules that differ: 0; offers that differ: 0."
    );
    assert_eq!(Difference::of(&default, &default, Facts::default()).to_string(), expected);
}

#[test]
fn the_heading_is_compared() {
    let text = from_default(&[
        ("time_zone\": \"UTC", "time_zone\": \"Europe/Berlin"),
        ("\"organizations\": {}", "\"organizations\": {\"fjord\": {\"refuses_countries\": [\"us\"]}}"),
    ]);
    assert_eq!(
        under("Heading", &text),
        [
            "version: 2 instead of 1",
            "time zone: Europe/Berlin instead of UTC",
            "wishes of fjord: refuses people who work in us, which is new"
        ]
    );
}

#[test]
fn rules_that_were_added_removed_and_changed_are_named() {
    let text = from_default(&[
        ("@id(\"externals-do-not-decide\")", "@id(\"others-do-not\")"),
        ("One other person countersigns.", "Somebody else countersigns."),
        ("context.approvals < 2", "context.approvals < 3"),
    ]);
    assert_eq!(
        under("Rules", &text),
        [
            "removed  externals-do-not-decide      forbids  Members of the group “external” do not countersign.",
            "added    others-do-not                forbids  Members of the group “external” do not countersign.",
            "changed  one-other-person             permits  Somebody else countersigns.",
            "It said: One other person countersigns.",
            "Its conditions are the same.",
            "changed  two-for-what-weighs-most     forbids  Administer, and every legal disclosure, take two other people.",
            "Its conditions are others; its sentence is the same.",
        ]
    );
    assert!(text.ends_with("\nRules that differ: 4; offers that differ: 3."), "{text}");
}

#[test]
fn a_rule_that_forbids_what_it_permitted_is_changed() {
    let text = from_default(&[("permit(principal in Role::\"approver\"", "forbid(principal in Role::\"approver\"")]);
    let rules = under("Rules", &text);
    assert_eq!(rules[0], "changed  approvers-decide             forbids  Approvers countersign.");
}

#[test]
fn another_order_is_told() {
    let (a, b) = ("@id(\"refused-employer\")", "@id(\"refused-country\")");
    let text = Policy::compiled_in().text().to_owned();
    let (from, to) = (text.find(a).expect("a rule"), text.find("@id(\"unknown-employer\")").expect("a rule"));
    let moved = format!("{}{}{}", &text[..from], &text[to..], &text[from..to]);
    assert!(moved.contains(b));
    let text =
        Difference::of(&Policy::compiled_in(), &Policy::read(&moved).expect("a policy"), Facts::default()).to_string();
    assert_eq!(
        under("Rules", &text),
        ["The rules stand in another order: where several forbid, the first one is read."]
    );
}

#[test]
fn offers_are_compared_in_words() {
    let administer = (
        "(context.scope >= 2 && context.duration_seconds <= 3600)",
        "(context.scope == 2 && context.duration_seconds <= 3600)",
    );
    assert_eq!(offers_after(&[administer]), ["Maintenance no longer opens Administer."]);
    let new = (
        "context.scope == 1 && context.duration_seconds <= 7200\n};",
        "context.scope <= 1 && context.duration_seconds <= 7200\n};",
    );
    assert_eq!(
        offers_after(&[new]),
        ["Legal disclosure now opens Diagnostics, for 2 h at most, with 2 countersigners."]
    );
    let shorter = ("context.duration_seconds <= 1800", "context.duration_seconds <= 900");
    assert_eq!(
        offers_after(&[shorter]),
        ["Data-subject request opens Read & write for 15 min at most instead of 30 min."]
    );
    let three = ("context.approvals < 2", "context.approvals < 3");
    assert_eq!(offers_after(&[three])[0], "Security incident opens Administer with 3 countersigners instead of 2.");
    let both = (
        "(context.scope == 2 && context.duration_seconds <= 1800)",
        "(context.scope == 2 && context.duration_seconds <= 60)",
    );
    let two = (
        "resource.scope == 3 ||",
        "resource.reason == Reason::\"data-subject-request\" && resource.scope == 2 || resource.scope == 3 ||",
    );
    assert_eq!(
        offers_after(&[both, two]),
        [
            "Data-subject request opens Read & write for 1 min at most instead of 30 min, with 2 countersigners instead of 1."
        ]
    );
}

#[test]
fn hours_are_named_when_it_differs_at_some() {
    let closed = |condition: &str| {
        let rule = "@id(\"by-day\") @sentence(\"By day.\") forbid(principal, action == Action::\"request\", resource)";
        let when = "when { context.reason == Reason::\"legal-disclosure\" &&";
        ("// Who countersigns.", format!("{rule} {when} ({condition}) }};\n// Who countersigns."))
    };
    let after = |condition: &str, zone: &str| {
        let (from, to) = closed(condition);
        offers_after(&[(from, &to), ("time_zone\": \"UTC", &format!("time_zone\": \"{zone}"))])
    };
    let only = |when: &str| [format!("{when}:"), "Legal disclosure no longer opens Read.".to_owned()];
    assert_eq!(after("context.minute < 480 || context.minute >= 1080", "UTC"), only("00:00 to 08:00, 18:00 to 00:00"));
    assert_eq!(after("context.weekday > 5", "UTC"), only("Saturday 00:00 to Monday 00:00"));
    assert_eq!(
        after("context.weekday == 7 && context.minute > 1199", "Europe/Berlin"),
        only("Sunday 20:00 to Monday 00:00")
    );
    assert_eq!(after("context.minute >= 0", "UTC"), ["Legal disclosure no longer opens Read."]);
}

#[test]
fn what_differs_at_the_same_hours_stands_together() {
    let rule = "@id(\"by-day\") @sentence(\"By day.\") forbid(principal, action == Action::\"request\", resource) \
                when { context.scope == 2 && context.minute < 480 };\n// Who countersigns.";
    let administer = "(context.scope >= 2 && context.duration_seconds <= 3600)";
    let changes = [("// Who countersigns.", rule), (administer, &administer.replace(">=", "=="))];
    assert_eq!(
        offers_after(&changes),
        [
            "Maintenance no longer opens Administer.",
            "00:00 to 08:00:",
            "Customer-reported problem no longer opens Read & write.",
            "Security incident no longer opens Read & write.",
            "Maintenance no longer opens Read & write.",
            "Data-subject request no longer opens Read & write.",
        ]
    );
}

#[test]
fn requests_are_asked_under_both() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let ask = |name: &str, rest: &str| format!("[[ask]]\nname = \"{name}\"\nreason = \"maintenance\"\n{rest}\n");
    let cases_text = [
        ask("a", "scope = \"read\"\nminutes = 180"),
        ask("b", "scope = \"read-write\"\nminutes = 60"),
        ask("c", "scope = \"administer\"\nminutes = 60"),
        ask("d", "scope = \"diagnostics\"\nminutes = 60"),
    ];
    std::fs::write(file.path(), cases_text.concat()).expect("written");
    let new = changed(&[
        (
            "(context.scope == 1 && context.duration_seconds <= 7200) ||\n   (context.scope >= 2",
            "(context.scope == 1 && context.duration_seconds <= 14400) ||\n   (context.scope >= 3",
        ),
        ("context.approvals < 2", "context.approvals < 3"),
    ]);
    let old = Policy::compiled_in();
    let asked = requests(&old, &new, &cases(file.path()).expect("cases"));
    let text = Difference::of(&old, &new, Facts { requests: Some(asked), ..Facts::default() }).to_string();
    assert_eq!(
        under("Requests", &text),
        [
            "a",
            "was  refused: “Maintenance” opens Read for 2 h at most. (duration-out-of-policy)",
            "is   allowed with 1 countersigner",
            "b",
            "was  allowed with 1 countersigner",
            "is   refused: “Maintenance” does not open Read & write. (scope-not-for-reason)",
            "c",
            "was  allowed with 2 countersigners",
            "is   allowed with 3 countersigners",
        ]
    );
    assert!(
        text.ends_with(
            "; of 4 requests, 1 would have been allowed, 1 refused and 1 would have needed more countersigners."
        ),
        "{text}"
    );
}
