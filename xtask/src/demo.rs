//! `cargo xtask demo`.

use crate::{build, desk::Desk, folders, packages, story};

/// Installs, builds, starts and shows everything.
pub fn run(headless: bool) -> anyhow::Result<()> {
    packages::ensure()?;
    if std::env::var_os("DEMO_BUILT").is_none() { build::programs()?; }
    let mut stage = story::Stage::set(folders::demo(), |state, logs| Desk::apart(state, logs))?;
    let _ = headless;
    story::line::tell(&mut stage)
}
