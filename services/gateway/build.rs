//! Bundles the page recorder into `OUT_DIR`. Nothing is done while its sources and its lock file are as they were.

use std::path::{Path, PathBuf};
use std::process::Command;

fn main() {
    for source in ["build.rs", "recorder/src", "recorder/package.json", "recorder/package-lock.json"] {
        println!("cargo::rerun-if-changed={source}");
    }
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let here =
        PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR")).join("recorder");
    let work = out.join("recorder");
    install(&here, &work);
    copy(&here.join("src"), &work.join("src"));
    bundle(&work, &out, "recorder", "iife");
    bundle(&work, &out, "whole", "esm");
}

fn bundle(work: &Path, out: &Path, name: &str, format: &str) {
    let options = ["--bundle", "--minify", "--target=es2020", "--legal-comments=none", "--log-level=warning"];
    let mut esbuild = Command::new(work.join("node_modules/.bin/esbuild"));
    esbuild.arg(format!("src/{name}.ts")).args(options).arg(format!("--format={format}"));
    run(esbuild.arg(format!("--outfile={}", out.join(format!("{name}.js")).display())).current_dir(work));
}

/// `npm ci` in a folder of our own, unless the lock file is the one that was installed.
fn install(here: &Path, work: &Path) {
    let lock = std::fs::read(here.join("package-lock.json")).expect("recorder/package-lock.json is part of the source");
    let done = work.join("installed.json");
    if std::fs::read(&done).is_ok_and(|installed| installed == lock) {
        return;
    }
    std::fs::create_dir_all(work).expect("OUT_DIR can be written");
    for file in ["package.json", "package-lock.json"] {
        std::fs::copy(here.join(file), work.join(file)).expect("OUT_DIR can be written");
    }
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    run(Command::new(npm).args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(work));
    std::fs::write(done, lock).expect("OUT_DIR can be written");
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("OUT_DIR can be written");
    for entry in std::fs::read_dir(from).expect("recorder/src is part of the source") {
        let entry = entry.expect("recorder/src can be read");
        std::fs::copy(entry.path(), to.join(entry.file_name())).expect("OUT_DIR can be written");
    }
}

fn run(command: &mut Command) {
    let status =
        command.status().unwrap_or_else(|error| panic!("{command:?}: {error}. Node 20 or newer with npm is needed."));
    assert!(status.success(), "{command:?} ended with {status}");
}
