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

#[test]
fn a_rule_is_told_from_its_effect_on_wherever_its_annotations_stand() {
    let effect = "permit(principal, action == Action::\"open\", resource) when { context.approvals >= 1 };";
    for annotations in [
        r#"@id("a") @sentence("A.") "#,
        "@id(\"a\")\n@sentence(\"A.\")\n",
        "@id(\"a\")\n  @sentence(\"A (b) \\\" c)\")\n// Why.\n@more\n",
        r#"@id ( "a" )@sentence("A.")"#,
    ] {
        let policy = read(HEADING, &format!("// First.\n{annotations}{effect}")).expect(annotations);
        assert_eq!(policy.rules()[0].cedar, effect, "{annotations}");
    }
}

#[test]
fn everything_that_is_wrong_is_found_at_once() {
    let problems = |heading: &str, rules: &str| {
        let problems = Policy::check(&format!("{heading}\n---\n{rules}")).expect_err("wrong");
        problems.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let heading = r#"{"name":"x","version":0,"time_zone":"Mars","organizations":{"a":{"region":"EU","labels":["B"]}}}"#;
    let no_id = r#"@sentence("B.") permit(principal, action, resource);"#;
    let found = problems(heading, &format!("{RULE} when {{ context.x }};\n{RULE} when {{ context.y }};\n{no_id}"));
    assert_eq!(found.len(), 8, "{found:#?}");
    assert_eq!(
        found[..4],
        ["versions begin with 1", "not in lower case: “EU”", "not in lower case: “B”", "no such time zone: Mars"]
    );
    assert!(found[4].contains("rule 1 (“a”), ") && found[5].contains("rule 2 (“a”), "), "{found:#?}");
    assert!(found[6].starts_with("rule 2 of the text needs an @id") && found[7].starts_with("rule 3 "), "{found:#?}");
    let one_line =
        problems(HEADING, &format!("// A comment; with a semicolon.\n{RULE};\n\n// Why.\n{RULE} when {{ 1 + }};"));
    assert_eq!(one_line.len(), 1, "{one_line:#?}");
    assert!(one_line[0].ends_with(", in the rule of line 7"), "{one_line:#?}");
}

#[test]
fn waiting_is_an_hour_for_who_countersigns_unless_the_heading_says_otherwise() {
    let read = |waiting: &str| {
        let heading = HEADING.replace(r#""organizations":{}"#, &format!(r#""organizations":{{}}{waiting}"#));
        Policy::read(&format!("{heading}\n---\n{RULE};"))
            .map(|policy| policy.heading().waiting.waits())
            .map(|waits| (waits.ask_seconds, waits.approve_seconds))
            .map_err(|why| why.to_string())
    };
    assert_eq!(read(""), Ok((0, 3600)));
    assert_eq!(read(r#","waiting":{"ask_seconds":60}"#), Ok((60, 3600)));
    assert_eq!(read(r#","waiting":{"ask_seconds":1209600,"approve_seconds":0}"#), Ok((1_209_600, 0)));
    for bad in [r#"{"ask_seconds":-1}"#, r#"{"approve_seconds":1209601}"#] {
        assert_eq!(read(&format!(",\"waiting\":{bad}")), Err("waiting is 0 to 1209600 seconds, two weeks".into()));
    }
    assert!(read(r#","waiting":{"administer_seconds":0}"#).is_err(), "nobody sets that");
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

#[test]
fn recordings_are_kept_for_a_year_unless_the_heading_says_otherwise() {
    let read = |retention: &str| {
        let heading = HEADING.replace(r#""organizations":{}"#, &format!(r#""organizations":{{}}{retention}"#));
        Policy::read(&format!("{heading}\n---\n{RULE};"))
            .map(|policy| policy.heading().retention.days())
            .map_err(|why| why.to_string())
    };
    assert_eq!(read(""), Ok(365));
    assert_eq!(read(r#","retention":{}"#), Ok(365));
    assert_eq!(read(r#","retention":{"recording_days":7}"#), Ok(7));
    assert_eq!(read(r#","retention":{"recording_days":3660}"#), Ok(3660));
    for bad in ["0", "6", "3661"] {
        let read = read(&format!(r#","retention":{{"recording_days":{bad}}}"#));
        assert_eq!(read, Err("Recordings are kept for 7 to 3660 days".into()), "{bad}");
    }
    assert!(read(r#","retention":{"recording_days":-1}"#).is_err());
    assert!(read(r#","retention":{"log_days":7}"#).is_err(), "the log is for ever");
}
