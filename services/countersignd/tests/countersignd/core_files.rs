//! What a role holds in memory gets into no file by a crash.

use std::os::unix::process::ExitStatusExt as _;
use std::process::Command;

use super::people::Company;

#[test]
fn l_01_no_role_leaves_a_core_file() {
    let company = Company::new();
    let mut role = company.installation.start("audit");
    let id = role.process.id();
    let limits = std::fs::read_to_string(format!("/proc/{id}/limits")).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).expect("a limit");
    let bounds: Vec<&str> = core.split_whitespace().skip(4).take(2).collect();
    assert_eq!(bounds, ["0", "0"], "neither it nor whoever starts it can raise that: {core}");
    assert!(Command::new("kill").args(["-ABRT", &id.to_string()]).status().unwrap().success());
    let status = role.process.wait().unwrap();
    assert_eq!(status.signal(), Some(6));
    // Where the kernel hands cores to a program, the limit does not bind it: that is for whoever runs the computer.
    if !std::fs::read_to_string("/proc/sys/kernel/core_pattern").unwrap().starts_with('|') {
        assert!(!status.core_dumped());
    }
}
