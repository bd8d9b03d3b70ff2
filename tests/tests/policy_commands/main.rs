//! `countersign policy` as its user meets it: files, words, data, exit codes; and Evidence under another policy.

mod child;
mod evidence;

use std::path::Path;

use child::{Ended, policy};
use policy::Policy;

/// The default policy with one more rule, as version 2.
fn with_rule(rule: &str) -> String {
    format!("{}\n{rule}\n", Policy::compiled_in().text().replace("\"version\": 1", "\"version\": 2"))
}

fn default_cases() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/policy/default.cases.toml").display().to_string()
}

fn files_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let mut names: Vec<String> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn none_needs_a_profile_or_leaves_anything_behind() {
    let folder = tempfile::tempdir().expect("a folder");
    let cases = default_cases();
    std::fs::write(folder.path().join("new.policy"), with_rule("")).expect("written");
    for arguments in [
        vec!["show"],
        vec!["show", "new.policy"],
        vec!["check", "new.policy"],
        vec!["test", "new.policy", &cases],
        vec!["diff", "new.policy"],
        vec!["diff", "new.policy", "--old", "new.policy", "--requests", &cases],
    ] {
        let ended = policy(folder.path(), &arguments);
        assert!(ended.well, "{arguments:?} {}", ended.err);
        let json = policy(folder.path(), &[&arguments[..], &["--json"]].concat());
        assert!(json.well && json.answer().is_object(), "{arguments:?}");
    }
    assert_eq!(files_in(folder.path()), ["new.policy"]);
}

#[test]
fn the_pinned_policy_is_shown_without_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let shown = policy(folder.path(), &["show", "--json"]).answer();
    assert_eq!(shown["digest"], Policy::compiled_in().digest().as_str());
    assert_eq!(shown["rules"].as_array().expect("rules").len(), 13);
    let administer = shown["offers"].as_array().expect("offers").iter().find(|o| o["scope"] == "administer");
    assert_eq!(administer.expect("one")["countersigners"], 2);
    std::fs::write(folder.path().join("bad"), "{}").expect("written");
    let bad = policy(folder.path(), &["show", "bad", "--json"]);
    assert_eq!((bad.well, bad.code()), (false, "not-a-policy".to_owned()));
    assert_eq!(policy(folder.path(), &["show", "absent", "--json"]).code(), "file");
}

#[test]
fn check_ends_badly_on_any_problem_and_well_on_remarks() {
    let folder = tempfile::tempdir().expect("a folder");
    let check = |text: &str| -> Ended {
        std::fs::write(folder.path().join("text"), text).expect("written");
        policy(folder.path(), &["check", "text", "--json"])
    };
    let good = check(Policy::compiled_in().text());
    assert!(good.well && good.answer()["rules"] == 13 && good.answer()["remarks"] == serde_json::json!([]));
    let remarkable =
        check(&with_rule("@id(\"no\") @sentence(\"No.\") forbid(principal, action == Action::\"approve\", resource);"));
    assert!(remarkable.well, "{}", remarkable.err);
    assert_eq!(remarkable.answer()["remarks"][0]["code"], "nobody-countersigns");
    let wrong = check(&with_rule("@id(\"no\") permit(principal, action, resource);"));
    assert_eq!((wrong.well, wrong.code()), (false, "not-a-policy".to_owned()));
    assert!(wrong.answer()["problems"][0]["next"].as_str().expect("what to do").starts_with("Write "));
}

#[test]
fn test_ends_badly_when_a_case_differs() {
    let folder = tempfile::tempdir().expect("a folder");
    let cases = default_cases();
    let shorter = Policy::compiled_in().text().replace("<= 1800", "<= 1799");
    std::fs::write(folder.path().join("shorter"), shorter).expect("written");
    let differs = policy(folder.path(), &["test", "shorter", &cases, "--json"]);
    assert_eq!((differs.well, differs.code()), (false, "cases-differ".to_owned()));
    let differ = differs.answer()["differ"].clone();
    assert_eq!(differ.as_array().expect("cases").len(), 1, "{differ}");
    assert_eq!(differ[0]["outcome"]["refused"]["code"], "duration-out-of-policy");
    let words = policy(folder.path(), &["test", "shorter", &cases]);
    assert!(
        words.out.contains("Data-subject request opens Read & write for 30 min\n  expected  allowed with 1"),
        "{}",
        words.out
    );
}
