//! Builds the UI so that `cargo build` is all there is to run, then gives each command a permission of its own:
//! a webview that no capability names can call nothing.

use std::{
    path::Path,
    process::{Command, exit},
};

const UI: &str = "../ui";
const SOURCES: [&str; 9] = [
    "src",
    "public",
    "index.html",
    "bar.html",
    "player.html",
    "package.json",
    "package-lock.json",
    "vite.config.ts",
    "tsconfig.json",
];
const COMMANDS: &[&str] = &include!("command-names.in");

fn main() {
    for source in SOURCES.iter().map(|name| Path::new(UI).join(name)).filter(|path| path.exists()) {
        println!("cargo:rerun-if-changed={}", source.display());
    }
    println!("cargo:rerun-if-changed=command-names.in");
    if dependencies_are_stale() {
        npm(&["ci", "--no-audit", "--no-fund"]);
    }
    npm(&["run", "build"]);
    let manifest = tauri_build::AppManifest::new().commands(COMMANDS);
    if let Err(error) = tauri_build::try_build(tauri_build::Attributes::new().app_manifest(manifest)) {
        eprintln!("{error:#}");
        exit(1);
    }
}

fn dependencies_are_stale() -> bool {
    let changed = |path: &str| Path::new(UI).join(path).metadata().and_then(|metadata| metadata.modified()).ok();
    match (changed("package-lock.json"), changed("node_modules/.package-lock.json")) {
        (Some(lock), Some(installed)) => lock > installed,
        _ => true,
    }
}

fn npm(arguments: &[&str]) {
    let program = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let output = match Command::new(program).args(arguments).current_dir(UI).output() {
        Ok(output) => output,
        Err(error) => {
            eprintln!("npm could not be started ({error}): install Node.js 20 or newer");
            exit(1);
        }
    };
    if !output.status.success() {
        eprintln!("npm {} failed in ui/:", arguments.join(" "));
        eprintln!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        exit(1);
    }
}
