use super::csv::{head, quoted};
use super::{Exporting, Unfinished, name};

#[test]
fn a_19_no_cell_of_an_export_is_a_formula_or_breaks_its_line() {
    for cell in
        ["=cmd|'/c calc'!A0", "+1", "-1+2", "@SUM(1)", "\t=1", "\r=1", " =1", "\"=1", "'=1", "＝1", "\u{a0}@x", "\n-2"]
    {
        assert!(quoted(cell).starts_with("\"'"), "{cell:?}: {}", quoted(cell));
    }
    for (cell, written) in [
        ("Kinloch \"Hotels\"", "\"Kinloch \"\"Hotels\"\"\""),
        ("a,b", "\"a,b\""),
        ("a\r\nb", "\"a\u{FFFD}\u{FFFD}b\""),
        ("Ma\u{202e}ra", "\"Ma\u{FFFD}ra\""),
        ("", "\"\""),
        ("KP-1", "\"KP-1\""),
        ("1=1", "\"1=1\""),
    ] {
        assert_eq!(quoted(cell), written);
    }
    assert!(head().ends_with("\r\n") && head().matches("\",\"").count() == 23);
}

#[test]
fn a_file_is_there_once_it_is_whole_and_nothing_is_written_over() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join(name(1_790_000_000));
    assert!(path.to_string_lossy().ends_with("countersign-sessions-2026-09-21-141320.csv"), "{}", path.display());
    let mut file = Unfinished::create(path.clone()).expect("a new file");
    file.write("half").expect("writes");
    assert!(!path.exists());
    assert_eq!(Unfinished::create(path.clone()).map(|_| ()).expect_err("it is being written").code, "file");
    drop(file);
    assert_eq!(std::fs::read_dir(folder.path()).expect("folder").count(), 0, "what was not finished is gone");
    let mut file = Unfinished::create(path.clone()).expect("a new file");
    file.write("whole").expect("writes");
    file.finish().expect("finishes");
    assert_eq!(std::fs::read_to_string(&path).expect("reads"), "whole");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(Unfinished::create(path.clone()).map(|_| ()).expect_err("it is there").code, "file");
    assert_eq!(std::fs::read_to_string(&path).expect("reads"), "whole");
}

#[test]
fn one_export_runs_at_a_time_and_is_cancelled_until_the_next() {
    let exporting = Exporting::default();
    let turn = exporting.begin().expect("the first");
    assert_eq!(exporting.begin().map(|_| ()).expect_err("it runs").code, "export-runs");
    turn.0.check().expect("nobody stopped it");
    exporting.stopped.store(true, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(turn.0.check().expect_err("stopped").code, "cancelled");
    drop(turn);
    exporting.begin().expect("the next").0.check().expect("begins anew");
}
