//! `countersign-verify` as its user meets it: arguments, exit codes, answers, the summary, and what it is built from.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use countersign_verify::{LARGEST_EVIDENCE, Outcome, run};
use tests::forge::Case;

const OPEN: i64 = 1_800_000_000;

/// What it may not bring in, by package name: it asks nobody and decides at no moment.
const NEVER: &[&str] = &[
    "tokio",
    "mio",
    "socket2",
    "hyper",
    "reqwest",
    "rustls",
    "axum",
    "sqlx",
    "keyring-core",
    "rand",
    "time",
    "clap",
    "tauri",
];

struct Answer {
    outcome: Outcome,
    out: String,
    problems: String,
}

fn answer(arguments: &[&str]) -> Answer {
    let (mut out, mut problems) = (Vec::new(), Vec::new());
    let outcome = run(arguments.iter().map(OsString::from), &mut out, &mut problems).expect("written");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    Answer { outcome, out: text(out), problems: text(problems) }
}

/// A folder with a good file and its trust file; gives their paths.
fn files(folder: &Path) -> (String, String, Vec<u8>) {
    let case = Case::new(OPEN);
    let (trust, file) = (folder.join("trust.json"), folder.join("session.evidence"));
    std::fs::write(&trust, serde_json::to_vec(&case.trust).expect("JSON")).expect("written");
    std::fs::write(&file, &case.bytes).expect("written");
    (trust.display().to_string(), file.display().to_string(), case.bytes)
}

#[test]
fn what_holds_is_said_in_words_in_json_and_as_a_page() {
    let folder = tempfile::tempdir().expect("a folder");
    let (trust, file, _) = files(folder.path());
    let plain = answer(&["--trust", &trust, &file]);
    assert_eq!(plain.outcome, Outcome::Proven, "{}", plain.problems);
    assert!(plain.out.starts_with("VERIFIED.\n\nSession "), "{}", plain.out);
    assert!(plain.out.contains("\nProven:\n") && plain.out.contains("\nNot proven by this file:\n"), "{}", plain.out);
    let page = folder.path().join("summary.html").display().to_string();
    let json = answer(&["--json", "--html", &page, "--trust", &trust, &file]);
    assert_eq!(json.outcome, Outcome::Proven);
    let said: serde_json::Value = serde_json::from_str(&json.out).expect("one line of JSON");
    let proven = said["verified"]["proven"].as_array().expect("sentences");
    let page = std::fs::read_to_string(page).expect("a page");
    assert!(!page.contains("<script"));
    assert_eq!(page.matches("<li>").count(), proven.len() + said["verified"]["not_proven"].as_array().unwrap().len());
}

#[test]
fn what_does_not_hold_is_named_and_leaves_no_page() {
    let folder = tempfile::tempdir().expect("a folder");
    let (trust, file, bytes) = files(folder.path());
    let mut changed = bytes;
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    std::fs::write(&file, changed).expect("written");
    let page = folder.path().join("summary.html");
    let plain = answer(&["--trust", &trust, "--html", &page.display().to_string(), &file]);
    assert_eq!(plain.outcome, Outcome::Rejected);
    assert!(plain.out.starts_with("REJECTED. ") && !plain.out.contains("Proven"), "{}", plain.out);
    assert!(!page.exists());
    let json = answer(&["--trust", &trust, "--json", &file]);
    let said: serde_json::Value = serde_json::from_str(&json.out).expect("one line of JSON");
    assert!(said["rejected"]["part"].is_string() && said["verified"].is_null(), "{said}");
    let large = std::fs::File::create(&file).expect("made");
    large.set_len(LARGEST_EVIDENCE + 1).expect("a hole");
    let plain = answer(&["--trust", &trust, &file]);
    assert_eq!((plain.outcome, plain.out.contains("larger than evidence is")), (Outcome::Rejected, true));
}

#[test]
fn nothing_is_judged_without_what_it_takes() {
    let folder = tempfile::tempdir().expect("a folder");
    let (trust, file, _) = files(folder.path());
    let missing = folder.path().join("no such/page.html").display().to_string();
    for arguments in [
        vec![],
        vec![file.as_str()],
        vec!["--trust", &trust],
        vec!["--trust", &trust, &file, &file],
        vec!["--trust", &trust, "--trust", &trust, &file],
        vec!["--trust", &trust, "--unknown", &file],
        vec!["--trust", &file, &file],
        vec!["--trust", &trust, &missing],
        vec!["--trust", &missing, &file],
        vec!["--trust", &trust, "--html", &missing, &file],
    ] {
        let answer = answer(&arguments);
        assert_eq!(answer.outcome, Outcome::NotJudged, "{arguments:?}");
        assert!(answer.problems.starts_with("countersign-verify: ") && answer.out.is_empty(), "{arguments:?}");
    }
    assert!(answer(&["--help"]).out.contains("Exit codes"));
}

#[test]
fn it_is_built_from_little_and_nothing_that_reaches_out() {
    let output = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--locked",
            "--offline",
            "-p",
            "countersign-verify",
            "-e",
            "normal",
            "--prefix",
            "none",
            "-f",
            "{p}",
        ])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")))
        .output()
        .expect("cargo tree runs");
    let tree = String::from_utf8(output.stdout).expect("text");
    let packages: std::collections::BTreeSet<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(packages.contains("verify"), "{tree}");
    for never in NEVER {
        assert!(!packages.contains(never), "{never} is in it");
    }
    assert!(packages.len() <= 130, "{} packages", packages.len());
}
