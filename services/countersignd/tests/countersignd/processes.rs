use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// The process that runs this role of this installation.
pub fn process_of(dir: impl AsRef<Path>, role: &str) -> Option<u32> {
    let config = dir.as_ref().join(role).join(format!("{role}.toml"));
    let wanted = format!("\0{role}\0--config\0{}\0", config.display());
    let processes = fs::read_dir("/proc").unwrap().flatten();
    processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).find(|process: &u32| {
        fs::read(format!("/proc/{process}/cmdline")).is_ok_and(|line| String::from_utf8_lossy(&line).contains(&wanted))
    })
}

pub fn signal(name: &str, process: u32) {
    assert!(Command::new("sh").arg("-c").arg(format!("kill {name} {process}")).status().unwrap().success());
}

pub fn soon(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(30), "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}
