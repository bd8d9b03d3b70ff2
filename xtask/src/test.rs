//! `cargo xtask test`.

use crate::{build, commands, folders, fuzz, packages, story};

/// Each parser is tried so long where nobody waits for it.
const FUZZED_SECONDS: u32 = 60;
/// What fails there is to fail here too.
const FUZZED_FROM: u32 = 1;

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
    if std::env::var_os("CI").is_some() { fuzz::run(None, FUZZED_SECONDS, Some(FUZZED_FROM)) } else { Ok(()) }
}
