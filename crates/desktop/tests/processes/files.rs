use std::path::Path;
use std::time::Duration;

use super::child::{run_without_room, writer};
use super::sign_in::join_file;
use super::*;

fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_full_disk_is_told_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let join = join_file(folder.path(), "http://127.0.0.1:1");
    let profile = folder.path().join("data/mara");
    let first = run_without_room(folder.path(), &["join", &join]);
    let error = first.error();
    assert_eq!((first.well, error["code"].as_str()), (false, Some("disk-full")), "{error}");
    assert!(error["next"].as_str().unwrap().contains("Make room"));
    assert_eq!(names(&profile), [""; 0], "no half of a file stays");

    assert!(run(folder.path(), &["join", &join]).well);
    let kept = std::fs::read(profile.join("join.json")).unwrap();
    let before = names(&profile);
    assert_eq!(run_without_room(folder.path(), &["join", &join]).error()["code"], "disk-full");
    assert_eq!(std::fs::read(profile.join("join.json")).unwrap(), kept, "what was there is still there");
    assert_eq!(names(&profile), before);
    assert!(run(folder.path(), &["join", &join]).well, "and with room it goes on");
}

#[test]
fn a_process_killed_in_the_middle_of_writing_leaves_a_whole_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("profile/state");
    for wait in [40, 55, 70, 85, 100, 120, 140, 160] {
        let mut child = Child::begin(writer(&path));
        std::thread::sleep(Duration::from_millis(wait));
        child.0.kill().unwrap();
        child.0.wait().unwrap();
        if let Some(content) = keys::read_private(&path).unwrap() {
            assert_eq!(content.len(), 1 << 20, "whole");
            assert!(content.iter().all(|b| *b == content[0]), "and of one writing");
        }
    }
    keys::write_private(&path, b"goes on").unwrap();
    assert_eq!(keys::read_private(&path).unwrap().unwrap(), b"goes on");
}
