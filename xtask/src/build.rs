//! Building the programs, and what is generated from them.

use std::process::Command;

use anyhow::bail;

use crate::{commands, folders::root};

/// Builds every program of the demo and what the identity provider needs.
pub fn programs() -> anyhow::Result<()> {
    println!("building (the first time takes minutes)");
    commands::run(
        &root(),
        &commands::cargo(),
        &["build", "--quiet", "-p", "countersign", "-p", "countersign-verify", "-p", "countersignd", "-p", "payroll"],
    )?;
    node_modules("demo/idp")
}

/// Installs a folder's npm packages when its lock file is newer than what is installed.
pub fn node_modules(folder: &str) -> anyhow::Result<()> {
    let folder = root().join(folder);
    let changed = |file: &str| folder.join(file).metadata().and_then(|metadata| metadata.modified()).ok();
    if matches!((changed("package-lock.json"), changed("node_modules/.package-lock.json")), (Some(lock), Some(installed)) if lock <= installed)
    {
        return Ok(());
    }
    if !commands::exists("npm") {
        bail!("Node.js is missing: install Node.js 20 or newer, then start again");
    }
    commands::output(Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(folder)).map(drop)
}

/// Writes what is generated from the app's commands: the TypeScript and the list of who may call what.
pub fn bindings() -> anyhow::Result<()> {
    let tests = ["test", "--quiet", "-p", "countersign", "--test", "bindings", "--test", "capabilities"];
    commands::output(
        Command::new(commands::cargo()).args(tests).current_dir(root()).env("COUNTERSIGN_WRITE_BINDINGS", "1"),
    )
    .map(drop)
}

/// Writes the documents of the services' calls, and the TypeScript of the documents.
pub fn api() -> anyhow::Result<()> {
    let tests = ["test", "--quiet", "-p", "broker", "-p", "audit", "-p", "gateway", "the_committed_document"];
    commands::output(
        Command::new(commands::cargo()).args(tests).current_dir(root()).env("COUNTERSIGN_WRITE_API", "1"),
    )?;
    node_modules("docs/api/types")?;
    commands::run(&root().join("docs/api/types"), "npm", &["run", "--silent", "write"])
}
