use super::*;

/// The default policy with these changes.
fn changed(changes: &[(&str, &str)]) -> Policy {
    let text = changes.iter().fold(Policy::compiled_in().text().to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    });
    Policy::read(&text).expect("a policy")
}

/// What is said of the step from the one to the other.
fn said(before: &Policy, now: &Policy) -> Vec<String> {
    let word = |widens| match widens {
        Widens::Permits(rule) => format!("permits {}", rule.id),
        Widens::StoodInTheWay(rule) => format!("was {}", rule.id),
    };
    now.widens(before).into_iter().map(word).collect()
}

fn there_and_back(changes: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
    let (default, other) = (Policy::compiled_in(), changed(changes));
    (said(&default, &other), said(&other, &default))
}

fn with(rule: &str) -> Policy {
    Policy::read(&format!("{}\n@id(\"x\") @sentence(\"X.\") {rule}", Policy::compiled_in().text())).expect(rule)
}

const NOTHING: [&str; 0] = [];
const ADMINISTER: (&str, &str) = (
    "(context.scope == 3 && context.duration_seconds <= 3600)",
    "(context.scope == 3 && context.duration_seconds <= 7200)",
);

#[test]
fn a_text_widens_nothing_against_itself() {
    assert_eq!(said(&Policy::compiled_in(), &Policy::compiled_in()), NOTHING);
}

#[test]
fn a_longer_duration_widens_and_a_shorter_one_does_not() {
    let (longer, shorter) = there_and_back(&[ADMINISTER]);
    assert_eq!(longer, ["permits security-incident"]);
    assert_eq!(shorter, NOTHING);
}

#[test]
fn numbers_are_compared_whichever_way_a_rule_says_them() {
    let forbids =
        |when: &str| with(&format!("forbid(principal, action == Action::\"request\", resource) when {{ {when} }};"));
    for (more, less) in [
        ("context.minute <= 600", "context.minute <= 540"),
        ("context.minute < 602", "context.minute <= 600"),
        ("context.minute < 600", "context.minute < 500"),
        ("context.minute >= 600", "context.minute > 600"),
        ("context.minute > 598", "context.minute >= 600"),
        ("context.minute <= 600", "context.minute == 600"),
        ("context.minute <= 600 || context.weekday > 5", "context.weekday > 6"),
        ("!(context.minute <= 500)", "!(context.minute <= 600)"),
        ("context.weekday > 5", "context.weekday > 5 && context.scope == 3"),
    ] {
        let (more_forbidden, less_forbidden) = (forbids(more), forbids(less));
        assert_eq!(said(&more_forbidden, &less_forbidden), ["was x"], "{more} became {less}");
        assert_eq!(said(&less_forbidden, &more_forbidden), NOTHING, "{less} became {more}");
    }
}

#[test]
fn what_forbade_and_is_gone_widens_and_what_forbids_anew_does_not() {
    let rule = "forbid(principal, action == Action::\"request\", resource) when { context.weekday > 5 };";
    assert_eq!(said(&with(rule), &Policy::compiled_in()), ["was x"]);
    assert_eq!(said(&Policy::compiled_in(), &with(rule)), NOTHING);
}

#[test]
fn what_permits_anew_widens_and_what_permitted_and_is_gone_does_not() {
    let rule = "permit(principal in Group::\"sre\", action == Action::\"approve\", resource);";
    assert_eq!(said(&Policy::compiled_in(), &with(rule)), ["permits x"]);
    assert_eq!(said(&with(rule), &Policy::compiled_in()), NOTHING);
}

#[test]
fn a_head_that_speaks_of_everything_holds_what_speaks_of_one() {
    let everybody = with("forbid(principal, action, resource) when { context.scope == 3 };");
    let some = with("forbid(principal in Group::\"x\", action, resource) when { context.scope == 3 };");
    assert_eq!(said(&everybody, &some), ["was x"]);
    assert_eq!(said(&some, &everybody), NOTHING);
}

#[test]
fn fewer_countersigners_widen() {
    let (fewer, more) = there_and_back(&[("context.approvals < 2", "context.approvals < 1")]);
    assert_eq!(fewer, ["was two-for-what-weighs-most"]);
    assert_eq!(more, NOTHING);
    let (fewer, _) = there_and_back(&[("resource.scope == 3 || context.scope == 3 || ", "")]);
    assert_eq!(fewer, ["was two-for-what-weighs-most"]);
}

#[test]
fn an_unless_is_the_other_way_round() {
    let unless =
        |body: &str| with(&format!("forbid(principal, action == Action::\"request\", resource) unless {{ {body} }};"));
    let (few, many) = (unless("context.scope == 0"), unless("context.scope == 0 || context.scope == 1"));
    assert_eq!(said(&few, &many), ["was x"]);
    assert_eq!(said(&many, &few), NOTHING);
}

#[test]
fn other_words_and_another_name_and_place_widen_nothing() {
    let (there, back) = there_and_back(&[
        ("@id(\"maintenance\")", "@id(\"upkeep\")"),
        ("Maintenance opens", "Upkeep opens"),
        ("// Who countersigns.", "// Who signs too."),
    ]);
    assert_eq!((there, back), (Vec::new(), Vec::new()));
}

#[test]
fn a_rule_that_could_fail_stood_in_the_way_whatever_it_was() {
    let reckons = |effect: &str| {
        with(&format!(
            "{effect}(principal, action == Action::\"request\", resource) when {{ context.minute + 9223372036854775000 > 5 && context.scope == 0 }};"
        ))
    };
    for effect in ["permit", "forbid"] {
        assert_eq!(said(&reckons(effect), &Policy::compiled_in()), ["was x"], "{effect}");
        assert_eq!(said(&reckons(effect), &reckons(effect)), NOTHING, "{effect}");
    }
}

#[test]
fn what_is_not_proven_may_widen() {
    let permit =
        |body: &str| with(&format!("permit(principal, action == Action::\"request\", resource) when {{ {body} }};"));
    let (one, other) = (
        permit("if context.scope == 0 then true else context.minute > 5"),
        permit("context.scope == 0 || context.minute > 5"),
    );
    assert_eq!(said(&one, &other), ["permits x"]);
    assert_eq!(said(&other, &one), ["permits x"]);
    // Alike, but too long to find out.
    let long = |numbers: std::ops::Range<u32>| {
        permit(
            &numbers
                .map(|n| format!("(context.ticket == \"{n}\" && (context.minute == {n} || context.weekday == {n}))"))
                .collect::<Vec<_>>()
                .join(" && "),
        )
    };
    let begun = std::time::Instant::now();
    assert_eq!(said(&long(0..16), &long(20..36)), ["permits x"]);
    assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
}

#[test]
fn what_rules_speak_of_is_found_however_it_is_spelt() {
    let ids = |policy: &Policy, words: &[&str]| {
        policy.speaking_of(words).iter().map(|rule| rule.id.clone()).collect::<Vec<_>>()
    };
    let spelt = "forbid(principal, action == Action::\"request\", resource) when { context[\"week\\u{64}ay\"] > 5 };";
    assert_eq!(ids(&with(spelt), &["weekday", "minute"]), ["x"]);
    assert_eq!(
        ids(&with("forbid(principal, action == Action::\"request\", resource in Label::\"bank\");"), &["Label"]),
        ["x"]
    );
    assert_eq!(
        ids(
            &with("forbid(principal, action == Action::\"request\", resource) when { resource has region };"),
            &["region"]
        ),
        ["x"]
    );
    assert_eq!(ids(&Policy::compiled_in(), &["weekday", "minute", "Label", "region"]), NOTHING);
    assert_eq!(ids(&Policy::compiled_in(), &["refuses_employers"]), ["refused-employer", "unknown-employer"]);
}
