//! `cargo xtask fuzz`: libFuzzer over the targets of `tests/fuzz`, on the stable compiler.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use anyhow::{Context as _, anyhow, bail};

use crate::{commands, folders};

/// Each takes one core.
const AT_ONCE: usize = 2;
const PLATFORM: &str = "x86_64-unknown-linux-gnu";

/// What has LLVM count edges and compared values. None of it needs a nightly compiler, as a sanitizer would.
const COVERAGE: [&str; 6] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Cllvm-args=-simplifycfg-branch-fold-threshold=0",
];

/// Tries each target (or this one) for so long, with chance drawn from `seed` where a run is to be repeated; fails on the first input that does, which is kept and named.
pub fn run(target: Option<&str>, seconds: u32, seed: Option<u32>) -> anyhow::Result<()> {
    let corpus = folders::root().join("tests/fuzz/corpus");
    let known = targets(&corpus)?;
    let chosen: Vec<&String> = known.iter().filter(|name| target.is_none_or(|wanted| wanted == *name)).collect();
    if chosen.is_empty() {
        bail!("there is no such target; there are: {}", known.join(", "));
    }
    let program = build()?;
    for some in chosen.chunks(AT_ONCE) {
        thread::scope(|scope| {
            let running: Vec<_> = some
                .iter()
                .map(|name| {
                    println!("\n{name}, {seconds} s");
                    let (program, committed) = (&program, corpus.join(name));
                    scope.spawn(move || fuzz(program, &committed, name, seconds, seed))
                })
                .collect();
            running.into_iter().try_for_each(|one| one.join().map_err(|_| anyhow!("a fuzzer could not be watched"))?)
        })?;
    }
    Ok(())
}

/// The targets are what has a corpus; a test of `tests/fuzz` holds both lists together.
fn targets(corpus: &Path) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(corpus).context("the corpus cannot be read")? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// In a folder of its own, since everything is built again with other flags.
fn build() -> anyhow::Result<PathBuf> {
    let target = folders::target().join("fuzz");
    println!("building with coverage (the first time takes minutes)");
    let arguments =
        ["build", "--quiet", "--profile", "fuzz", "-p", "fuzz", "--features", "guided", "--target", PLATFORM];
    let status = Command::new(commands::cargo())
        .args(arguments)
        .current_dir(folders::root())
        .env("CARGO_TARGET_DIR", &target)
        .env("CARGO_ENCODED_RUSTFLAGS", COVERAGE.join("\u{1f}"))
        .status()
        .context("cargo cannot be started")?;
    if !status.success() {
        bail!("the fuzzer does not build ({status})");
    }
    Ok(target.join(PLATFORM).join("fuzz/fuzz"))
}

/// What is found new is kept beside the build; what is committed is only read.
fn fuzz(program: &Path, committed: &Path, name: &str, seconds: u32, seed: Option<u32>) -> anyhow::Result<()> {
    let found = folders::target().join("fuzz/found").join(name);
    let crashes = folders::root().join("tests/fuzz/crashes");
    for folder in [&found, &crashes] {
        std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    }
    let status = Command::new(program)
        .arg(&found)
        .arg(committed)
        .arg(format!("-max_total_time={seconds}"))
        .args(seed.map(|seed| format!("-seed={seed}")))
        .arg(format!("-artifact_prefix={}/{name}-", crashes.display()))
        .args(["-timeout=10", "-rss_limit_mb=2048", "-max_len=65536", "-print_final_stats=1", "-verbosity=0"])
        .env("COUNTERSIGN_FUZZ_TARGET", name)
        .status()
        .with_context(|| format!("{} cannot be started", program.display()))?;
    if !status.success() {
        bail!("{name} fails ({status}); the input is kept in {}", crashes.display());
    }
    Ok(())
}
