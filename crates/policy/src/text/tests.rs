use super::*;

const HEADING: &str = r#"{"name":"x","version":1,"time_zone":"UTC","organizations":{}}"#;
const RULE: &str = r#"@id("a") @sentence("A.") permit(principal, action == Action::"open", resource)"#;

fn read(heading: &str, rules: &str) -> Result<Policy, PolicyError> {
    Policy::read(&format!("{heading}\n---\n{rules}"))
}

fn when(condition: &str) -> Result<Policy, PolicyError> {
    read(HEADING, &format!("{RULE} when {{ {condition} }};"))
}

#[test]
fn the_compiled_in_policy_reads_and_keeps_its_text() {
    let policy = Policy::compiled_in();
    assert_eq!(policy.text(), COMPILED_IN);
    assert_eq!(policy.heading().version, 1);
    assert_eq!(policy.rules().len(), 13);
    assert_eq!(policy.digest(), &sha256(COMPILED_IN));
}

#[test]
fn one_changed_byte_is_another_policy() {
    let other = Policy::read(&COMPILED_IN.replacen("7200", "7201", 1)).expect("still a policy");
    assert_ne!(other.digest(), Policy::compiled_in().digest());
}

#[test]
fn headings_that_are_none() {
    let good = format!("{RULE};");
    let with = |from: &str, to: &str| read(&HEADING.replace(from, to), &good).expect_err("refused");
    assert!(read(HEADING, &good).is_ok());
    assert!(matches!(Policy::read(&good), Err(PolicyError::NoLine)));
    assert!(matches!(with("\"version\":1", "\"version\":0"), PolicyError::NoVersion));
    assert!(matches!(with("\"version\":1", "\"version\":-1"), PolicyError::Heading(_)));
    assert!(matches!(with("UTC", "Mars/Olympus"), PolicyError::NoTimeZone(_)));
    assert!(matches!(with("{}", r#"{"*":{}}"#), PolicyError::Heading(_)));
    assert!(matches!(with("{}", r#"{"fjord":{"region":"EU"}}"#), PolicyError::NotLowerCase(_)));
    assert!(matches!(with("{}", r#"{"fjord":{"refuses":[]}}"#), PolicyError::Heading(_)));
    assert!(matches!(with("\"x\"", "\"\u{202e}x\""), PolicyError::Misleads));
}

#[test]
fn rules_that_are_none() {
    let not_of_the_schema = [
        r#"context.aprovals >= 1"#,
        r#"context.approvals >= "1""#,
        r#"resource.reason == Reason::"maintainance""#,
        r#"context.approver_roles.contains(Role::"boss")"#,
        "principal.employer == \"us\"",
        "false",
    ];
    for condition in not_of_the_schema {
        assert!(matches!(when(condition), Err(PolicyError::NotOfTheSchema(_))), "{condition}");
    }
    for (rules, what) in [
        (RULE.to_owned(), "no semicolon"),
        (format!("{RULE} when {{ 1 + }};"), "no expression"),
        (format!("{};", RULE.replace("principal", "principal == ?principal")), "a template"),
    ] {
        assert!(matches!(read(HEADING, &rules), Err(PolicyError::NotCedar(_))), "{what}");
    }
    assert!(matches!(read(HEADING, &format!("{RULE};{RULE};")), Err(PolicyError::NoId(2))), "one id twice");
    assert!(matches!(read(HEADING, &format!("{};", RULE.replace("@id(\"a\")", ""))), Err(PolicyError::NoId(1))));
    assert!(matches!(read(HEADING, &format!("{};", RULE.replace("\"A.\"", "\"\""))), Err(PolicyError::NoSentence(_))));
    assert!(read(HEADING, "").is_ok(), "no rule permits nothing");
}

/// Refused before the parser, or parsed without harm: on a thread with as little stack as a worker has.
#[test]
fn depth_and_size_crash_nothing() {
    let million = "x".repeat(1 << 20);
    let nested = |open: &str, close: &str, n: usize| format!("{}true{}", open.repeat(n), close.repeat(n));
    let texts = vec![
        nested("(", ")", 100_000),
        nested("(", ")", 25),
        nested("[", "]", 500),
        nested("!", "", 4_000),
        nested("-", "", 4_000),
        nested("if true then true else ", "", 170),
        nested("true && ", "", 480),
        nested("true == ", "", 480),
        format!("1{} == 1", "+1".repeat(1_900)),
        format!("context{}", ".a".repeat(1_900)),
        nested("{a:", "}", 24),
        format!("\"{}", "\\\"".repeat(2_000)),
        million,
    ];
    let tried = std::thread::Builder::new().stack_size(2 << 20).spawn(move || {
        for text in texts {
            drop(when(&text));
        }
    });
    tried.expect("a thread").join().expect("no crash");
    assert!(matches!(when(&nested("(", ")", 25)), Err(PolicyError::TooDeep)));
    assert!(matches!(when(&"x".repeat(5_000)), Err(PolicyError::TooDeep)));
    assert!(matches!(when(&"x".repeat(1 << 20)), Err(PolicyError::TooLarge)));
    assert!(matches!(read(HEADING, &";".repeat(201)), Err(PolicyError::TooDeep)));
}
