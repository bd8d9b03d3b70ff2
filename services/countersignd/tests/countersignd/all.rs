//! `countersignd all` with the three real roles: ready, a role that is killed, and the end.

use std::fs;
use std::process::Command;

use super::processes::{process_of, signal, soon};
use super::rig::Installation;

#[test]
fn a_killed_role_comes_back_and_the_end_leaves_nothing() {
    let mut running = Installation::new().all();
    for role in ["audit", "broker", "gateway"] {
        let before = process_of(running.dir(), role).expect("it runs");
        signal("-KILL", before);
        soon(role, || process_of(running.dir(), role).is_some_and(|now| now != before));
    }
    signal("-TERM", running.supervisor.id());
    assert!(running.supervisor.wait().unwrap().success());
    for role in ["audit", "broker", "gateway"] {
        assert_eq!(process_of(running.dir(), role), None, "{role}");
    }
}

#[test]
fn no_role_outlives_a_killed_supervisor() {
    let running = Installation::new().all();
    signal("-KILL", running.supervisor.id());
    for role in ["audit", "broker", "gateway"] {
        soon(role, || process_of(running.dir(), role).is_none());
    }
}

#[test]
fn a_role_that_refuses_to_start_stops_everything() {
    let installation = Installation::new();
    let folder = installation.dir();
    let config = folder.join("gateway/gateway.toml");
    let text = fs::read_to_string(&config).unwrap();
    fs::write(&config, format!("surprise = 1\n{text}")).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_countersignd")).args(["all", "--dir"]).arg(&folder).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("surprise") && said.contains("the gateway refused to start"), "{said}");
    assert_eq!(process_of(&folder, "audit"), None);
}
