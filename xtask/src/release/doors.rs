//! Nothing that helps developers is in what ships.

use std::{path::Path, process::Command};

use anyhow::bail;

use crate::{commands, folders};

/// Features of Tauri and its web view that open an inspector in a release.
const INSPECTORS: [&str; 2] = ["devtools", "wry-devtools"];

/// Fails when the program, as it was built, has an inspector, pages that a developer's server gives, or lets itself be
/// driven by WebDriver.
pub fn are_shut(program: &Path) -> anyhow::Result<()> {
    let arguments = ["tree", "-p", "countersign", "-e", "normal", "--prefix", "none", "-f", "{p}|{f}"];
    let tree = commands::output(Command::new(commands::cargo()).args(arguments).current_dir(folders::root()))?;
    features_are_of_a_release(&tree)?;
    let driven = Command::new(program)
        .args(["--data-dir", "/nonexistent/countersign"])
        .env("TAURI_WEBVIEW_AUTOMATION", "true")
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .output()?;
    let said = String::from_utf8_lossy(&driven.stderr);
    if driven.status.success() || !said.contains("WebDriver") {
        bail!("{} does not refuse to be driven: {}", program.display(), said.trim());
    }
    Ok(())
}

/// `tree` has a line `package version|feature,feature` for each package.
fn features_are_of_a_release(tree: &str) -> anyhow::Result<()> {
    let mut own_pages = false;
    for line in tree.lines() {
        let (package, features) = line.split_once('|').unwrap_or((line, ""));
        let mut features = features.trim_end_matches(" (*)").split(',');
        if features.clone().any(|feature| INSPECTORS.contains(&feature)) {
            bail!("{package} is built with its inspector");
        }
        own_pages |= package.starts_with("tauri v") && features.any(|feature| feature == "custom-protocol");
    }
    if !own_pages {
        bail!("tauri is built without `custom-protocol`: pages would come from a developer's server");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::features_are_of_a_release;

    const SHIPS: &str =
        "tauri v2.12.5|compression,custom-protocol,wry\nwry v0.57.1|linux-body,os-webview (*)\nlog v0.4.1|";

    #[test]
    fn what_ships_has_its_own_pages_and_no_inspector() {
        features_are_of_a_release(SHIPS).expect("it ships");
        for (with, without) in [
            (SHIPS.replace("os-webview", "devtools,os-webview"), "wry v0.57.1 is built with its inspector"),
            (SHIPS.replace("os-webview", "os-webview,devtools"), "wry v0.57.1 is built with its inspector"),
            (SHIPS.replace(",wry\n", ",wry,devtools\n"), "tauri v2.12.5 is built with its inspector"),
            (SHIPS.replace("custom-protocol,", ""), "tauri is built without `custom-protocol`"),
            (SHIPS.replace("tauri v", "tauri-utils v"), "tauri is built without `custom-protocol`"),
        ] {
            let refused = features_are_of_a_release(&with).expect_err("it does not ship").to_string();
            assert!(refused.starts_with(without), "{refused}");
        }
    }
}
