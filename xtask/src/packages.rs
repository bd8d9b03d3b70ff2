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
    "openssl",
    "ca-certificates",
];

/// What to do about packages that are missing.
#[derive(Debug, PartialEq, Eq)]
enum Way {
    Nothing,
    /// Through this program's own rights, or those that `sudo` gives without asking.
    Install {
        sudo: bool,
        arguments: Vec<String>,
    },
    /// Somebody who may has to run this line.
    Say(String),
}

/// Installs what is missing through apt when it may; otherwise says the one line to run and stops.
///
/// # Errors
/// When something is missing and cannot be installed from here.
pub fn ensure() -> anyhow::Result<()> {
    if !cfg!(target_os = "linux") || !commands::exists("dpkg-query") {
        return Ok(());
    }
    let missing = missing();
    let may_sudo = || commands::output(Command::new("sudo").args(["-n", "true"])).is_ok();
    match way(&missing, is_root(), may_sudo) {
        Way::Nothing => Ok(()),
        Way::Say(line) => {
            bail!("some system packages are missing. Run this once, then start again:\n\n    {line}\n")
        }
        Way::Install { sudo, arguments } => {
            println!("installing {} system packages: {}", missing.len(), missing.join(" "));
            apt(sudo, &["update".to_owned()])?;
            apt(sudo, &arguments)
        }
    }
}

fn way(missing: &[&str], is_root: bool, may_sudo: impl FnOnce() -> bool) -> Way {
    if missing.is_empty() {
        return Way::Nothing;
    }
    let options = ["install", "-y", "--no-install-recommends"];
    if is_root || may_sudo() {
        let arguments = options.iter().chain(missing).map(|&word| word.to_owned()).collect();
        return Way::Install { sudo: !is_root, arguments };
    }
    Way::Say(format!("sudo apt-get update && sudo apt-get {} {}", options.join(" "), missing.join(" ")))
}

fn apt(sudo: bool, arguments: &[String]) -> anyhow::Result<()> {
    let mut all = if sudo { vec!["sudo", "-n", "env"] } else { vec!["env"] };
    all.extend(["DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300"]);
    all.extend(arguments.iter().map(String::as_str));
    commands::run(Path::new("/"), all[0], &all[1..])
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

#[cfg(test)]
mod tests {
    use super::{Way, way};

    #[test]
    fn nobody_is_asked_when_nothing_is_missing() {
        assert_eq!(way(&[], false, || unreachable!("nothing is missing")), Way::Nothing);
    }

    #[test]
    fn who_may_installs() {
        let arguments: Vec<String> =
            ["install", "-y", "--no-install-recommends", "xvfb", "curl"].map(str::to_owned).to_vec();
        let installed = |sudo| Way::Install { sudo, arguments: arguments.clone() };
        assert_eq!(way(&["xvfb", "curl"], true, || unreachable!("no need to ask")), installed(false));
        assert_eq!(way(&["xvfb", "curl"], false, || true), installed(true));
    }

    #[test]
    fn who_may_not_is_told_the_one_line() {
        let line = "sudo apt-get update && sudo apt-get install -y --no-install-recommends xvfb curl";
        assert_eq!(way(&["xvfb", "curl"], false, || false), Way::Say(line.to_owned()));
    }
}
