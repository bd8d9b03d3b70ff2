//! `cargo xtask test`.

use crate::{build, commands, folders, packages, story};

/// Every test, cheapest first.
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
    story::walk(story::Which::Line)
}
