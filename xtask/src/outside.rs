//! `cargo xtask outside`: a witness and two verifiers that others wrote look at a log of ours (`xtask/outside/log.py`).

use anyhow::Context as _;

use crate::{build, commands, contracts, folders};

/// What the verifiers of the registry need at least.
const PYTHONS: [&str; 3] = ["python3.13", "python3.12", "python3"];

/// Installs them beside the build, writes so many entries, and has them looked at.
///
/// # Errors
/// When one of them cannot be installed, or does not agree.
pub fn run(entries: u32, with: Option<&str>) -> anyhow::Result<()> {
    build::programs()?;
    let (root, folder) = (folders::root(), folders::target().join("outside"));
    std::fs::create_dir_all(&folder)?;
    let mut pythons = with.into_iter().chain(PYTHONS.into_iter().filter(|_| with.is_none()));
    let python =
        pythons.find(|name| is_new_enough(name)).context("Python 3.12 or newer is missing; name it with --python")?;
    let python = contracts::environment(&folder, python, &root.join("xtask/outside/requirements.txt"))?;
    let (script, program) = (root.join("xtask/outside/log.py"), folders::program("countersignd"));
    let work = folder.join("work");
    let arguments =
        [script.to_string_lossy(), program.to_string_lossy(), work.to_string_lossy(), entries.to_string().into()];
    commands::run(&folder, &python.to_string_lossy(), &arguments.iter().map(AsRef::as_ref).collect::<Vec<_>>())
}

fn is_new_enough(python: &str) -> bool {
    let asked =
        std::process::Command::new(python).args(["-c", "import sys; sys.exit(sys.version_info < (3, 12))"]).output();
    asked.is_ok_and(|answered| answered.status.success())
}
