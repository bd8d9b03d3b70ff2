use std::collections::BTreeSet;

use super::child::command;
use super::*;

#[test]
fn processes_that_start_together_make_one_key() {
    let folder = tempfile::tempdir().unwrap();
    let racing: Vec<Child> = (0..6).map(|_| Child::begin(command(folder.path(), &["key"]))).collect();
    let keys: BTreeSet<String> = racing
        .into_iter()
        .map(|child| {
            let ended = child.ended();
            assert!(ended.well, "{}", ended.err);
            ended.answer()["key"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(keys.len(), 1, "{keys:?}");
    let again = run(folder.path(), &["key"]).answer();
    assert_eq!(
        Some(again["key"].as_str().unwrap()),
        keys.first().map(String::as_str),
        "and it is the one that is kept"
    );
}

#[test]
fn a_process_that_is_killed_while_it_holds_the_lock_leaves_it_free() {
    let folder = tempfile::tempdir().unwrap();
    for wait in [5, 20, 60] {
        let mut first = Child::begin(command(folder.path(), &["key"]));
        std::thread::sleep(std::time::Duration::from_millis(wait));
        first.0.kill().unwrap();
        first.0.wait().unwrap();
        assert!(run(folder.path(), &["key"]).well, "after {wait} ms");
    }
}
