//! The documents of the services' calls (`docs/api`) beside what else speaks of them: the walks of all callers, the tables in
//! `wire`, and the threat model.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// A verb and a path each.
type Calls = BTreeSet<String>;

const SERVICES: [&str; 3] = ["broker", "audit", "gateway"];

/// Callers that a walk may not leave out. At the gateway people are known by the certificate of their Session alone.
fn callers(service: &str) -> Vec<&'static str> {
    let mut callers = vec!["nobody", "engineer", "approver", "administrator", "broker", "audit", "requester"];
    callers.extend(match service {
        "gateway" => vec!["thief", "page", "service", "other-service", "requester-late"],
        _ => vec!["not-enrolled", "no-second-factor", "no-role", "reviewer", "gateway", "bearer-only", "other-device"],
    });
    callers
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: impl AsRef<Path>) -> String {
    std::fs::read_to_string(root().join(path)).expect("the file")
}

fn document(service: &str) -> Value {
    serde_json::from_str(&read(format!("docs/api/{service}.json"))).expect("JSON")
}

/// Each operation with its call.
fn operations(document: &Value) -> Vec<(String, &Value)> {
    let paths = document["paths"].as_object().expect("paths");
    let calls = paths.iter().flat_map(|(path, verbs)| verbs.as_object().expect("verbs").iter().map(move |v| (path, v)));
    calls.map(|(path, (verb, operation))| (format!("{} {path}", verb.to_ascii_uppercase()), operation)).collect()
}

fn calls(document: &Value) -> Calls {
    operations(document).into_iter().map(|(call, _)| call).collect()
}

#[test]
fn every_operation_is_walked_by_every_caller() {
    for service in SERVICES {
        let golden = read(format!("services/{service}/tests/golden/roles.txt")).replace("{*", "{");
        for call in calls(&document(service)) {
            let words = |line: &'_ str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            let walked: BTreeSet<String> = golden
                .lines()
                .map(words)
                .filter(|words| format!("{} {}", words[0], words[1]) == call)
                .map(|words| words[2].clone())
                .collect();
            for caller in callers(service) {
                assert!(walked.contains(caller), "{service}: {caller} never tried {call}");
            }
        }
        let walked: Calls =
            golden.lines().map(|line| line.split_whitespace().take(2).collect::<Vec<_>>().join(" ")).collect();
        assert_eq!(walked, calls(&document(service)), "{service}");
    }
}

#[test]
fn the_tables_in_wire_list_every_operation() {
    for service in SERVICES {
        let source = read(format!("crates/wire/src/{service}.rs"));
        let rows = source.lines().filter_map(|line| line.strip_prefix("//! | `"));
        let listed: Calls = rows.filter_map(|row| row.split(['`', '?']).next()).map(str::to_owned).collect();
        assert_eq!(listed, calls(&document(service)), "{service}");
    }
}

#[test]
fn every_operation_says_what_it_is_and_every_reference_leads_somewhere() {
    for service in SERVICES {
        let document = document(service);
        let mut ids = BTreeSet::new();
        for (call, operation) in operations(&document) {
            assert!(operation["summary"].as_str().is_some_and(|s| s.ends_with('.')), "{call}");
            assert!(ids.insert(operation["operationId"].as_str().expect("an id")), "{call}");
            assert!(operation["x-callers"].as_array().is_some_and(|callers| !callers.is_empty()), "{call}");
            assert!(operation["security"].as_array().is_some_and(|ways| !ways.is_empty()), "{call}");
            let answers = operation["responses"].as_object().expect("responses");
            assert!(answers.contains_key("default"), "{call}");
            assert!(answers.contains_key("200") || answers.contains_key("204"), "{call}");
        }
        let text = document.to_string();
        for reference in text.split("\"$ref\":\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(document.pointer(reference).is_some(), "{service}: {reference}");
        }
    }
}

/// Calls that tell something of somebody and leave nothing are open points of the threat model, each by its name.
#[test]
fn silent_calls_stand_in_the_threat_model() {
    let silent: Calls = SERVICES
        .iter()
        .flat_map(|service| {
            let document = document(service);
            let silent = operations(&document).into_iter().filter(|(_, o)| o["x-events"].get("silent").is_some());
            silent.map(|(call, _)| call).collect::<Vec<_>>()
        })
        .collect();
    let model = read("docs/threat-model.md");
    let named =
        model.split('`').skip(1).step_by(2).filter(|word| word.starts_with("GET ") || word.starts_with("POST "));
    assert_eq!(named.map(str::to_owned).collect::<Calls>(), silent);
}

/// The patterns stand beside the checks, not in them: both take and refuse the same.
#[test]
fn ids_match_their_patterns_and_nothing_else_does() {
    let document = document("audit");
    let pattern = |name: &str| {
        let pattern = document["components"]["schemas"][name]["pattern"].as_str().expect("a pattern");
        regex::Regex::new(pattern).expect("an expression")
    };
    let long = "a".repeat(64);
    let digest = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";
    let mut texts: Vec<String> =
        ["", "*", "a", "7", "-", "-a", "a-", "a--b", "A", "a/b", "a..b", "a b", "a\n", "к", &long]
            .map(str::to_owned)
            .to_vec();
    texts.extend([
        format!("{long}a"),
        "kinloch-hotels".into(),
        digest.into(),
        format!("{digest}="),
        digest.replace('_', "+"),
    ]);
    for last in ('0'..='9').chain('a'..='z').chain('A'..='Z').chain(['-', '_']) {
        texts.push(format!("{}{last}", &digest[..42]));
    }
    for text in texts {
        assert_eq!(pattern("OrgId").is_match(&text), text.parse::<domain::OrgId>().is_ok(), "{text:?}");
        assert_eq!(pattern("Digest").is_match(&text), text.parse::<domain::Digest>().is_ok(), "{text:?}");
        assert_eq!(pattern("SessionId").is_match(&text), text.parse::<domain::SessionId>().is_ok(), "{text:?}");
    }
}

#[test]
fn what_ships_has_no_schemas() {
    for package in ["countersignd", "countersign", "countersign-verify", "payroll"] {
        let tree = Command::new(env!("CARGO"))
            .args([
                "tree",
                "--offline",
                "--locked",
                "-e",
                "no-dev",
                "--prefix",
                "none",
                "-f",
                "{p} [{f}]",
                "-p",
                package,
            ])
            .current_dir(root())
            .output()
            .expect("cargo tree runs");
        let tree = String::from_utf8(tree.stdout).expect("text");
        let ours = ["domain", "statement", "recording", "wire", "serve"].map(|name| format!("{name} v"));
        let mut found = tree.lines().filter(|line| ours.iter().any(|name| line.starts_with(name))).peekable();
        assert!(found.peek().is_some(), "{package}: {tree}");
        for line in found {
            assert!(!line.contains("schema"), "{package}: {line}");
        }
    }
}
