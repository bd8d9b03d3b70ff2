//! `cargo xtask demo`.

use std::io::Read as _;

use crate::{build, commands, desk::Desk, folders, packages, process::Process, story};

/// Who gets a window of their own: the profile and what they are.
const WINDOWS: [(&str, &str); 4] =
    [("ben", "administrator"), ("mara", "engineer"), ("tomasz", "approver"), ("ines", "reviewer")];

/// Installs, builds, starts and shows everything.
pub fn run(headless: bool) -> anyhow::Result<()> {
    packages::ensure()?;
    build::programs()?;
    let display = ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some());
    if headless || !display {
        let mut stage = story::Stage::set(folders::demo(), |state, logs| Desk::apart(state, logs))?;
        return story::windows::tell(&mut stage);
    }
    let stage = story::Stage::set(folders::demo(), |state, logs| Ok(Desk::of_this_session(state, logs)))?;
    let join = stage.join_file().to_string_lossy().into_owned();
    let mut windows = Vec::new();
    for (profile, role) in WINDOWS {
        commands::output(stage.desk.countersign(profile).args(["join", &join]))?;
        windows.push(Process::start(
            &format!("window-{profile}"),
            &mut stage.desk.countersign(profile),
            &stage.logs,
            "",
        )?);
        println!("{profile} ({role}) has a window");
    }
    println!("\nSign in in each window as the person it is named after. Ben lets the others in under Approvals.");
    println!("Then Mara asks, Tomasz countersigns, and Ines finds the session under Sessions.");
    println!("Press Enter here to end everything.");
    std::io::stdin().read(&mut [0])?;
    Ok(())
}
