//! The list of abuse cases (`tests/abuse/cases.txt`) beside the sources: each case has a test that is there and is run, and no
//! test bears an id that the list does not have. A case of operations that has no test stands in `tests/abuse/left.txt`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A case's id, and its tests as file and name.
type Cases = BTreeMap<String, Vec<(String, String)>>;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn cases() -> Cases {
    let text = std::fs::read_to_string(root().join("tests/abuse/cases.txt")).expect("the list");
    let mut cases = Cases::new();
    let mut last = String::new();
    for line in text.lines().filter(|l| !l.is_empty() && !l.starts_with('#')) {
        if let Some(test) = line.strip_prefix("  ") {
            let (path, name) = test.split_once(' ').expect("a file and a name");
            cases.get_mut(&last).expect("a case above").push((path.to_owned(), name.to_owned()));
        } else {
            let (id, words) = line.split_once(' ').expect("an id and words");
            assert!(words.len() > 8, "{id} says what is tried");
            assert!(cases.insert(id.to_owned(), Vec::new()).is_none(), "{id} stands twice");
            last = id.to_owned();
        }
    }
    cases
}

/// Names of the functions of a source that are tests, ignored ones left out.
fn tests_in(path: &str, source: &str) -> BTreeSet<String> {
    if path.ends_with(".ts") {
        return titles_in(source);
    }
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    let is_test = |at: usize| {
        let above = lines[..at].iter().rev().take_while(|l| l.starts_with("#[") || l.starts_with("//"));
        let attributes: Vec<&&str> = above.filter(|l| l.starts_with("#[")).collect();
        attributes.iter().any(|a| a.starts_with("#[test") || a.starts_with("#[tokio::test"))
            && !attributes.iter().any(|a| a.contains("ignore"))
    };
    let name = |line: &str| {
        let rest = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ")?;
        rest.split_once('(').map(|(name, _)| name.to_owned())
    };
    lines.iter().enumerate().filter(|(at, _)| is_test(*at)).filter_map(|(_, line)| name(line)).collect()
}

/// Titles of a source's tests in the UI: what stands behind `test(` or `test.each(…)(`.
fn titles_in(source: &str) -> BTreeSet<String> {
    let title = |line: &str| {
        let call =
            line.strip_prefix("test(").or_else(|| line.strip_prefix("test.each(")?.split_once(")(").map(|(_, c)| c))?;
        call.strip_prefix('"')?.split_once('"').map(|(title, _)| title.to_owned())
    };
    source.lines().filter_map(title).collect()
}

/// A kind as it stands in a test's name, and as it stands in the list.
const KINDS: [(&str, &str); 10] = [
    ("o", "O"),
    ("d", "D"),
    ("a", "A"),
    ("m", "M"),
    ("g", "G"),
    ("r", "R"),
    ("l", "L"),
    ("v", "V"),
    ("x", "X"),
    ("ops", "Ops"),
];

/// The cases of operations, each of which is tested or left for a reason.
const OPERATIONS: [&str; 8] = ["Ops-05", "Ops-06", "Ops-07", "Ops-09", "Ops-10", "Ops-11", "Ops-12", "Ops-13"];

/// The ids that a test's name begins with: `m_03_m_08_a_hundred` is M-03 and M-08.
fn ids(name: &str) -> Vec<String> {
    // A title of the UI's tests begins with the id as it is written.
    if let Some((id, _)) = name.split_once(' ') {
        let known = |(_, written): &(&str, &str)| id.strip_prefix(written).is_some_and(|rest| rest.starts_with('-'));
        return KINDS.iter().any(known).then(|| id.to_owned()).into_iter().collect();
    }
    let parts: Vec<&str> = name.split('_').collect();
    let id = |pair: &[&str]| {
        let [kind, number] = pair else { return None };
        let (_, written) = KINDS.iter().find(|(in_names, _)| in_names == kind)?;
        (number.len() == 2 && number.bytes().all(|b| b.is_ascii_digit())).then(|| format!("{written}-{number}"))
    };
    parts.chunks(2).map_while(id).collect()
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        if path.is_dir() && !["target", "node_modules", ".git"].contains(&name) {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") || name.ends_with(".test.ts") {
            found.push(path);
        }
    }
}

#[test]
fn every_case_has_a_test_that_runs() {
    let cases = cases();
    assert!(cases.len() >= 81, "{}", cases.len());
    for (id, tests) in &cases {
        assert!(!tests.is_empty(), "{id} has no test");
        for (path, name) in tests {
            let source = std::fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{id}: {path}: {e}"));
            assert!(tests_in(path, &source).contains(name), "{id}: {path} has no test {name}");
            assert!(ids(name).contains(id), "{id}: {name} does not bear its id");
        }
    }
}

/// The cases without a test, each with its reason.
fn left() -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(root().join("tests/abuse/left.txt")).expect("the list of what is left");
    let lines = text.lines().filter(|l| !l.is_empty() && !l.starts_with('#'));
    let mut left = BTreeMap::new();
    for (id, reason) in lines.map(|line| line.split_once(' ').expect("an id and a reason")) {
        assert!(reason.len() > 20, "{id} says why it is left");
        assert!(left.insert(id.to_owned(), reason.to_owned()).is_none(), "{id} stands twice");
    }
    left
}

#[test]
fn every_case_of_operations_is_tested_or_left_for_a_reason() {
    let (cases, left) = (cases(), left());
    for id in OPERATIONS {
        assert!(cases.contains_key(id) != left.contains_key(id), "{id} is tested, or left for a reason, and not both");
    }
    let known = |id: &&String| !OPERATIONS.contains(&id.as_str());
    let unknown: Vec<&String> =
        cases.keys().filter(|id| id.starts_with("Ops-")).chain(left.keys()).filter(known).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[test]
fn ids_are_read_from_names() {
    assert_eq!(ids("m_03_m_08_a_hundred"), ["M-03", "M-08"]);
    assert_eq!(ids("ops_09_a_secret"), ["Ops-09"]);
    assert_eq!(ids("opening_09_a_secret"), [""; 0]);
    assert_eq!(ids("ops_9_a_secret"), [""; 0]);
    assert_eq!(ids("V-04 what a page reports"), ["V-04"]);
    assert_eq!(ids("says 1 of 2"), [""; 0]);
    let titles =
        titles_in("test(\"V-04 one\", () => {\ntest.each(rows(\"V-01\"))(\"V-01 %s\", () => {\n  test(\"V-09 inner\")");
    assert_eq!(titles.into_iter().collect::<Vec<_>>(), ["V-01 %s", "V-04 one"]);
}

/// Each test of the sources that bears ids, with its file.
fn tests_with_ids() -> Cases {
    let mut files = Vec::new();
    for folder in ["crates", "services", "src-tauri", "tests", "demo", "xtask", "ui"] {
        sources(&root().join(folder), &mut files);
    }
    files.sort();
    let mut found = Cases::new();
    for file in files {
        let source = std::fs::read_to_string(&file).expect("a source");
        let path = file.strip_prefix(root()).expect("below").to_string_lossy().into_owned();
        for name in tests_in(&path, &source) {
            for id in ids(&name) {
                found.entry(id).or_default().push((path.clone(), name.clone()));
            }
        }
    }
    found
}

#[test]
fn every_test_that_bears_an_id_is_listed() {
    let found = tests_with_ids();
    if std::env::var_os("COUNTERSIGN_BLESS").is_some() {
        write_again(&found);
    }
    let cases = cases();
    for (id, tests) in &found {
        let listed = cases.get(id).unwrap_or_else(|| panic!("{id} of {tests:?} is no case of tests/abuse/cases.txt"));
        for test in tests {
            assert!(listed.contains(test), "{id}: {test:?} is not in tests/abuse/cases.txt");
        }
    }
}

fn write_again(found: &Cases) {
    let path = root().join("tests/abuse/cases.txt");
    let old = std::fs::read_to_string(&path).expect("the list");
    let mut new = String::new();
    for line in old.lines().filter(|l| !l.starts_with("  ")) {
        new.push_str(&format!("{line}\n"));
        for (file, name) in line.split_once(' ').and_then(|(id, _)| found.get(id)).into_iter().flatten() {
            new.push_str(&format!("  {file} {name}\n"));
        }
    }
    std::fs::write(path, new).expect("written");
}
