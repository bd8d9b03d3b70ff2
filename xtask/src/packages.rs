//! The Debian packages that the demo and the tests need.

use std::{path::Path, process::Command};

use anyhow::bail;

use crate::commands;

/// To build the desktop app.
const BUILD: &[&str] = &[
    "build-essential",
    "pkg-config",
    "cmake",
    "libwebkit2gtk-4.1-dev",
    "libayatana-appindicator3-dev",
    "librsvg2-dev",
    "libxdo-dev",
    "libssl-dev",
];

/// To drive it with no display.
const HEADLESS: &[&str] = &[
    "xvfb",
    "xauth",
    "openbox",
    "xdotool",
    "imagemagick",
    "x11-utils",
    "webkit2gtk-driver",
    "chromium",
    "chromium-driver",
    "fonts-dejavu-core",
    "dbus",
    "dbus-daemon",
    "gnome-keyring",
    "xdg-utils",
    "curl",
    "ca-certificates",
];

/// Installs what is missing through apt when it may; otherwise says the one line to run and stops.
///
/// # Errors
/// When something is missing and cannot be installed from here.
pub fn ensure() -> anyhow::Result<()> {
    if !cfg!(target_os = "linux") || !commands::exists("dpkg-query") {
        return Ok(());
    }
    let missing = missing();
    if missing.is_empty() {
        return Ok(());
    }
    let line = format!("apt-get install -y --no-install-recommends {}", missing.join(" "));
    if !is_root() {
        bail!("some system packages are missing. Run this once, then start again:\n\n    sudo {line}\n");
    }
    println!("installing {} system packages", missing.len());
    let apt = |arguments: &[&str]| {
        let mut all = vec!["DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300"];
        all.extend(arguments);
        commands::run(Path::new("/"), "env", &all)
    };
    apt(&["update"])?;
    let mut arguments = vec!["install", "-y", "--no-install-recommends"];
    arguments.extend(&missing);
    apt(&arguments)
}

fn missing() -> Vec<&'static str> {
    let wanted = || BUILD.iter().chain(HEADLESS).copied();
    let query =
        Command::new("dpkg-query").args(["-W", "-f", "${db:Status-Status} ${Package}\n"]).args(wanted()).output();
    let listed = query.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    wanted().filter(|name| !listed.lines().any(|line| line == format!("installed {name}"))).collect()
}

/// Whether we may install, and browsers need to be told so.
pub fn is_root() -> bool {
    commands::output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}
