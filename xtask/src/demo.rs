//! `cargo xtask demo`.

use crate::{build, desk::Desk, folders, packages, story};

/// Installs, builds, starts and shows everything.
pub fn run(headless: bool) -> anyhow::Result<()> {
    packages::ensure()?;
    if std::env::var_os("DEMO_BUILT").is_none() { build::programs()?; }
    let mut stage = story::Stage::set(folders::demo(), |state, logs| Desk::apart(state, logs))?;
    if headless && std::env::var_os("DEMO_LINE").is_none() {
        return story::windows::tell(&mut stage);
    }
    story::line::tell(&mut stage)
}
