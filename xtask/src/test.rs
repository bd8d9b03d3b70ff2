//! `cargo xtask test`.

use std::path::Path;
use std::process::Command;

use crate::{build, commands, folders, fuzz, packages, replay, story};

/// Each parser is tried so long where nobody waits for it.
const FUZZED_SECONDS: u32 = 60;
/// What fails there is to fail here too.
const FUZZED_FROM: u32 = 1;
/// Room that their build may take.
const FUZZERS_TAKE_KIB: u64 = 3 * 1024 * 1024;

/// Every test, cheapest first; on a machine that checks what lands, the fuzzers too.
pub fn run() -> anyhow::Result<()> {
    packages::ensure()?;
    let root = folders::root();
    build::node_modules("ui")?;
    commands::run(&root.join("ui"), "npm", &["test", "--silent"])?;
    build::node_modules("demo/idp")?;
    commands::run(&root.join("demo/idp"), "npm", &["test", "--silent"])?;
    build::node_modules("docs/api/types")?;
    commands::run(&root.join("docs/api/types"), "npm", &["test", "--silent"])?;
    let cargo = &commands::cargo();
    if commands::exists("cargo-nextest") {
        commands::run(&root, cargo, &["nextest", "run", "--workspace", "--no-tests=pass"])?;
        commands::run(&root, cargo, &["test", "--workspace", "--doc", "--quiet"])?;
    } else {
        commands::run(&root, cargo, &["test", "--workspace", "--quiet"])?;
    }
    build::programs()?;
    story::walk(story::Which::Line)?;
    replay::local()?;
    if std::env::var_os("CI").is_none() {
        return Ok(());
    }
    if let Some(room) = room_kib(&root).filter(|room| *room < FUZZERS_TAKE_KIB) {
        println!("\nskipped: the fuzzers are built apart, and {room} KiB of disk are too little for that");
        return Ok(());
    }
    fuzz::run(None, FUZZED_SECONDS, Some(FUZZED_FROM))
}

/// What is free where this lies, as `df` says.
fn room_kib(folder: &Path) -> Option<u64> {
    let said = Command::new("df").args(["--output=avail", "-k"]).arg(folder).output().ok()?;
    String::from_utf8_lossy(&said.stdout).lines().nth(1)?.trim().parse().ok()
}
