//! `countersignd all` with the three real roles: ready, a role that is killed, and the end.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use statement::DeviceKey;

struct Running {
    supervisor: Child,
    folder: PathBuf,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.supervisor.kill();
        let _ = self.supervisor.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn init(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("countersignd-all-{name}-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("jwks.json"), r#"{"keys":[]}"#).unwrap();
    let key = || DeviceKey::generate().unwrap().0.public().thumbprint().to_string();
    let made = Command::new(env!("CARGO_BIN_EXE_countersignd"))
        .current_dir(&folder)
        .args([
            "init",
            "--dir",
            "d",
            "--operator",
            "Kestrel",
            "--issuer",
            "http://127.0.0.1:9",
            "--provider-keys",
            "jwks.json",
        ])
        .args([
            "--person-claim",
            "employee_id",
            "--roles-claim",
            "roles",
            "--base-port",
            &three_free_ports().to_string(),
        ])
        .args(["--first-administrator", &key(), "--first-administrator", &key()])
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    folder
}

fn three_free_ports() -> u16 {
    loop {
        let first = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        if first < 65_000 && (first..first + 3).all(|port| TcpListener::bind(("127.0.0.1", port)).is_ok()) {
            return first;
        }
    }
}

fn all(name: &str) -> Running {
    let folder = init(name);
    let mut supervisor = Command::new(env!("CARGO_BIN_EXE_countersignd"))
        .args(["all", "--dir"])
        .arg(folder.join("d"))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(supervisor.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "ready\n");
    Running { supervisor, folder }
}

/// The process that runs this role of this installation.
fn process_of(folder: &Path, role: &str) -> Option<u32> {
    let config = folder.join("d").join(role).join(format!("{role}.toml"));
    let wanted = format!("\0{role}\0--config\0{}\0", config.display());
    let processes = fs::read_dir("/proc").unwrap().flatten();
    processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).find(|process: &u32| {
        fs::read(format!("/proc/{process}/cmdline")).is_ok_and(|line| String::from_utf8_lossy(&line).contains(&wanted))
    })
}

fn signal(name: &str, process: u32) {
    assert!(Command::new("sh").arg("-c").arg(format!("kill {name} {process}")).status().unwrap().success());
}

fn soon(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(20), "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_killed_role_comes_back_and_the_end_leaves_nothing() {
    let mut running = all("back");
    for role in ["audit", "broker", "gateway"] {
        let before = process_of(&running.folder, role).expect("it runs");
        signal("-KILL", before);
        soon(role, || process_of(&running.folder, role).is_some_and(|now| now != before));
    }
    signal("-TERM", running.supervisor.id());
    assert!(running.supervisor.wait().unwrap().success());
    for role in ["audit", "broker", "gateway"] {
        assert_eq!(process_of(&running.folder, role), None, "{role}");
    }
}

#[test]
fn no_role_outlives_a_killed_supervisor() {
    let running = all("orphans");
    signal("-KILL", running.supervisor.id());
    for role in ["audit", "broker", "gateway"] {
        soon(role, || process_of(&running.folder, role).is_none());
    }
}

#[test]
fn a_role_that_refuses_to_start_stops_everything() {
    let folder = init("refused");
    let config = folder.join("d/gateway/gateway.toml");
    let text = fs::read_to_string(&config).unwrap();
    fs::write(&config, format!("surprise = 1\n{text}")).unwrap();
    let output =
        Command::new(env!("CARGO_BIN_EXE_countersignd")).args(["all", "--dir"]).arg(folder.join("d")).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("surprise") && said.contains("the gateway refused to start"), "{said}");
    assert_eq!(process_of(&folder, "audit"), None);
    let _ = fs::remove_dir_all(&folder);
}
