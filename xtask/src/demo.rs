//! `cargo xtask demo`.

use std::{
    io::Read as _,
    sync::mpsc::channel,
    thread::{sleep, spawn},
    time::Duration,
};

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
        return story::walk(story::Which::Windows);
    }
    folders::fresh(&folders::demo())?;
    let stage = story::Stage::set(folders::demo(), &[], |state, logs| Ok(Desk::of_this_session(state, logs)))?;
    let join = stage.join_file().to_string_lossy().into_owned();
    let mut windows = Vec::new();
    for (profile, role) in WINDOWS {
        commands::output(stage.desk.countersign(profile).args(["join", &join]))?;
        let mut window = stage.desk.countersign(profile);
        windows.push(Process::start(&format!("window-{profile}"), &mut window, &stage.logs, "")?);
        println!("{profile} ({role}) has a window");
    }
    println!("\nSign in in each window as the person it is named after. Ben lets the others in under Approvals.");
    println!("Then Mara asks, Tomasz countersigns, and Ines finds the session under Sessions.");
    println!("Press Enter or Ctrl-C here to end everything.");
    until_ended(&mut windows)
}

/// Enter ends it, and so does closing every window. Without a terminal there is nobody to press Enter.
fn until_ended(windows: &mut [Process]) -> anyhow::Result<()> {
    let (told, is_told) = channel();
    spawn(move || {
        if std::io::stdin().read(&mut [0]).is_ok_and(|count| count > 0) {
            let _ = told.send(());
        }
    });
    while is_told.try_recv().is_err() {
        let mut open = false;
        for window in &mut *windows {
            open |= window.is_running()?;
        }
        if !open {
            break;
        }
        sleep(Duration::from_millis(200));
    }
    Ok(())
}
