use super::*;
use crate::view::AllowsMoreView::*;

/// The default policy with these changes, as version 2.
fn changed(changes: &[(&str, &str)]) -> Policy {
    let text = Policy::compiled_in().text().replace("\"version\": 1", "\"version\": 2");
    let text = changes.iter().fold(text, |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    });
    Policy::read(&text).expect("a policy")
}

/// What is said when `changes` are made to the default policy, and when they are taken back.
fn there_and_back(changes: &[(&str, &str)]) -> (Vec<AllowsMoreView>, Vec<AllowsMoreView>) {
    let (default, other) = (Policy::compiled_in(), changed(changes));
    (allows_more(&default, &other), allows_more(&other, &default))
}

fn terms(hours: u32, countersigners: u32) -> TermsView {
    TermsView { max_duration_seconds: hours * 3600, countersigners }
}

fn offered(reason: &str, scope: &str, old: Option<TermsView>, new: TermsView) -> AllowsMoreView {
    Offer { reason: reason.into(), scope: scope.into(), old, new, when: None }
}

/// Only the kinds of what is said.
fn kinds(all: &[AllowsMoreView]) -> Vec<String> {
    let kind = |one| serde_json::to_value(one).expect("JSON")["kind"].as_str().expect("a kind").to_owned();
    all.iter().map(kind).collect()
}

const NOTHING: [AllowsMoreView; 0] = [];
/// The end of the heading, for more of it.
const HEADING: &str = "\"organizations\": {}";
/// The beginning of the rules.
const RULES: &str = "// What each reason opens, and for how long.";

fn with_rule(rule: &str) -> String {
    format!("@id(\"x\") @sentence(\"X.\") {rule}\n{RULES}")
}

#[test]
fn the_same_rules_under_another_name_are_known_to_allow_nothing_more() {
    let (there, back) = there_and_back(&[("Countersign default policy", "Ours")]);
    assert_eq!((there, back), (Vec::new(), Vec::new()));
}

#[test]
fn what_opens_anew_is_told_and_what_no_longer_opens_is_not() {
    let (there, back) = there_and_back(&[(
        "context.scope == 1 && context.duration_seconds <= 7200\n",
        "context.scope <= 1 && context.duration_seconds <= 7200\n",
    )]);
    assert_eq!(there[0], offered("legal-disclosure", "diagnostics", None, terms(2, 2)));
    assert_eq!(kinds(&there), ["offer", "permits"]);
    assert_eq!(back, NOTHING);
}

#[test]
fn longer_is_told_and_shorter_is_not() {
    let (there, back) = there_and_back(&[(
        "(context.scope == 3 && context.duration_seconds <= 3600)",
        "(context.scope == 3 && context.duration_seconds <= 7200)",
    )]);
    assert_eq!(there[0], offered("security-incident", "administer", Some(terms(1, 2)), terms(2, 2)));
    assert_eq!(kinds(&there), ["offer", "permits"]);
    assert_eq!(back, NOTHING);
}

#[test]
fn fewer_countersigners_are_told_and_more_are_not() {
    let (there, back) =
        there_and_back(&[("(resource.scope == 3 || context.scope == 3 || resource.reason", "(resource.reason")]);
    let administer = |reason| offered(reason, "administer", Some(terms(1, 2)), terms(1, 1));
    assert_eq!(there[..2], [administer("security-incident"), administer("maintenance")]);
    assert_eq!(kinds(&there), ["offer", "offer", "stood-in-the-way"]);
    assert_eq!(back, NOTHING);
}

#[test]
fn longer_with_more_countersigners_is_told_too() {
    let (there, _) = there_and_back(&[
        (
            "(context.scope >= 2 && context.duration_seconds <= 3600)",
            "(context.scope >= 2 && context.duration_seconds <= 7200)",
        ),
        ("(resource.scope == 3", "(resource.scope == 2 || resource.scope == 3"),
    ]);
    assert!(there.contains(&offered("maintenance", "read-write", Some(terms(1, 1)), terms(2, 2))), "{there:?}");
}

#[test]
fn wider_hours_are_told_with_when() {
    let hours = |from: u32| {
        with_rule(&format!(
            "forbid(principal, action == Action::\"request\", resource) when {{ context.minute < {from} }};"
        ))
    };
    let (narrow, wide) = (changed(&[(RULES, &hours(480))]), changed(&[(RULES, &hours(420))]));
    let there = allows_more(&narrow, &wide);
    let Some(Offer { old, when, .. }) = there.first() else { panic!("{there:?}") };
    assert_eq!((*old, when.as_deref()), (None, Some("07:00 to 08:00")));
    assert_eq!(there.last(), Some(&StoodInTheWay { rule: "x".into(), sentence: "X.".into() }));
    assert_eq!(allows_more(&wide, &narrow), NOTHING);
}

#[test]
fn hours_of_another_time_zone_may_be_more() {
    let forbid = with_rule(
        "forbid(principal in Group::\"x\", action == Action::\"request\", resource) when { context.weekday > 5 };",
    );
    let zone = ("\"time_zone\": \"UTC\"", "\"time_zone\": \"Europe/Berlin\"");
    let (there, _) = (allows_more(&changed(&[(RULES, &forbid)]), &changed(&[(RULES, &forbid), zone])), ());
    assert_eq!(there, [TimeZone { old: "UTC".into(), new: "Europe/Berlin".into() }]);
    assert_eq!(there_and_back(&[zone]), (Vec::new(), Vec::new()), "no rule speaks of hours");
}

#[test]
fn shorter_waits_are_told_and_longer_ones_are_not() {
    let (longer, back) = there_and_back(&[(
        HEADING,
        "\"organizations\": {}, \"waiting\": {\"ask_seconds\": 60, \"approve_seconds\": 7200}",
    )]);
    assert_eq!(longer, NOTHING);
    let expected =
        [WaitToAsk { old_seconds: 60, new_seconds: 0 }, WaitToCountersign { old_seconds: 7200, new_seconds: 3600 }];
    assert_eq!(back, expected);
}

#[test]
fn recordings_that_are_destroyed_earlier_are_told() {
    let (there, back) = there_and_back(&[(HEADING, "\"organizations\": {}, \"retention\": {\"recording_days\": 30}")]);
    assert_eq!(there, [Recordings { old_days: 365, new_days: 30 }]);
    assert_eq!(back, NOTHING);
}

#[test]
fn whom_an_organization_no_longer_refuses_is_told() {
    let wishes = r#""organizations": {"fjord": {"refuses_employers": ["acme"], "refuses_countries": ["xx"]}}"#;
    let (there, back) = there_and_back(&[(HEADING, wishes)]);
    assert_eq!(there, NOTHING);
    assert_eq!(back, [LetsIn { organization: "fjord".into(), who: vec!["acme".into(), "xx".into()] }]);
}

#[test]
fn an_organization_that_refuses_more_may_let_somebody_in_where_a_rule_asks_for_it_in_its_own_way() {
    let own = with_rule(
        "permit(principal, action == Action::\"request\", resource) when { resource.refuses_employers.contains(\"acme\") };",
    );
    let wishes = r#""organizations": {"fjord": {"refuses_employers": ["acme"]}}"#;
    let there = allows_more(&changed(&[(RULES, &own)]), &changed(&[(RULES, &own), (HEADING, wishes)]));
    assert_eq!(there, [Organization { organization: "fjord".into() }]);
}

#[test]
fn labels_and_regions_may_let_somebody_in_where_rules_ask_for_them() {
    let wishes = r#""organizations": {"fjord": {"labels": ["bank"], "region": "eu"}}"#;
    assert_eq!(there_and_back(&[(HEADING, wishes)]), (Vec::new(), Vec::new()), "no rule asks for them");
    for rule in [
        "forbid(principal, action == Action::\"request\", resource in Label::\"bank\");",
        "forbid(principal, action == Action::\"request\", resource) when { resource has region && resource.region == \"eu\" };",
    ] {
        let rule = with_rule(rule);
        let (without, wished) = (changed(&[(RULES, &rule)]), changed(&[(RULES, &rule), (HEADING, wishes)]));
        assert_eq!(allows_more(&wished, &without), [Organization { organization: "fjord".into() }], "{rule}");
    }
}

#[test]
fn what_no_table_shows_is_named_and_never_passed_over() {
    let sre = with_rule("permit(principal in Group::\"sre\", action == Action::\"approve\", resource);");
    let (there, back) = there_and_back(&[(RULES, &sre)]);
    assert_eq!(there, [Permits { rule: "x".into(), sentence: "X.".into() }]);
    assert_eq!(back, NOTHING);
    let office = with_rule(
        "forbid(principal, action == Action::\"request\", resource) when { principal has address && !principal.address.isInRange(ip(\"192.0.2.0/24\")) };",
    );
    let (there, back) = there_and_back(&[(RULES, &office)]);
    assert_eq!(there, NOTHING);
    assert_eq!(back, [StoodInTheWay { rule: "x".into(), sentence: "X.".into() }]);
}

#[test]
fn a_text_with_too_much_in_it_is_said_not_to_be_compared() {
    let minutes: Vec<String> = (0..100).map(|n| format!("context.minute == {}", n * 11)).collect();
    let busy = format!("context.weekday == 3 && ({})", minutes.join(" || "));
    let rule = with_rule(&format!("forbid(principal, action == Action::\"request\", resource) when {{ {busy} }};"));
    let begun = std::time::Instant::now();
    assert_eq!(allows_more(&Policy::compiled_in(), &changed(&[(RULES, &rule)])), [NotCompared]);
    assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
}
