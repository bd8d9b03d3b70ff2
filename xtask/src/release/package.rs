//! The Debian package.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, bail};

use crate::{commands, folders};

const TOOL: (&str, &str) = ("cargo-deb", "3.8.0");
/// The goal for what people download.
const LARGEST: u64 = 20_000_000;
/// What has to be in it beside the icons.
const CONTENTS: [&str; 3] =
    ["./usr/bin/countersign", "./usr/share/applications/countersign.desktop", "./usr/share/doc/countersign/copyright"];
/// What the window is drawn with.
const ENGINE: &str = "libwebkit2gtk-4.1-0";

/// Packs what was built, looks into the package, and answers where it is.
pub fn make() -> anyhow::Result<PathBuf> {
    let tool = tool()?;
    let folder = folder();
    folders::fresh(&folder)?;
    let mut pack = Command::new(tool);
    pack.args(["-p", "countersign", "--no-build", "--quiet", "--output"]).arg(&folder).current_dir(folders::root());
    // Files bear the date of the commit, so that two packages of one commit are alike.
    if let Ok(date) =
        commands::output(Command::new("git").args(["log", "-1", "--format=%ct"]).current_dir(folders::root()))
    {
        pack.env("SOURCE_DATE_EPOCH", date.trim());
    }
    commands::output(&mut pack)?;
    let made = made()?;
    look_into(&made)?;
    let sums =
        commands::output(Command::new("sha256sum").arg(made.file_name().unwrap_or_default()).current_dir(&folder))?;
    fs::write(folder.join("SHA256SUMS"), sums)?;
    Ok(made)
}

/// The package that was made last.
pub fn made() -> anyhow::Result<PathBuf> {
    let mut there = fs::read_dir(folder()).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    there.find(|path| path.extension().is_some_and(|end| end == "deb")).context("there is no package")
}

fn folder() -> PathBuf {
    folders::target().join("packages")
}

/// cargo-deb of one version, from the registry, in a folder of ours.
fn tool() -> anyhow::Result<PathBuf> {
    let (name, version) = TOOL;
    let place = folders::target().join("tools");
    let program = place.join("bin").join(name);
    let is_it = || commands::output(Command::new(&program).arg("--version")).is_ok_and(|said| said.contains(version));
    if !is_it() {
        println!("installing {name} {version} into {}", place.display());
        let mut install = Command::new(commands::cargo());
        install.args(["install", "--quiet", "--locked", "--version", version, "--root"]).arg(&place).arg(name);
        commands::output(&mut install)?;
    }
    Ok(program)
}

fn look_into(package: &Path) -> anyhow::Result<()> {
    let size = package.metadata()?.len();
    let listed = commands::output(Command::new("dpkg-deb").arg("--contents").arg(package))?;
    let depends = commands::output(Command::new("dpkg-deb").arg("--field").arg(package).arg("Depends"))?;
    let control = commands::output(Command::new("dpkg-deb").args(["--info"]).arg(package))?;
    check(&listed, &depends, &control)?;
    println!("{:.1} MB; {}", size as f64 / 1e6, depends.trim());
    if size > LARGEST {
        bail!("the package has {size} bytes, the goal is {LARGEST}");
    }
    Ok(())
}

fn check(listed: &str, depends: &str, control: &str) -> anyhow::Result<()> {
    let icons = icons()?;
    let has = |path: &str| listed.lines().any(|line| line.ends_with(&format!(" {path}")));
    for path in icons.iter().map(String::as_str).chain(CONTENTS) {
        if !has(path) {
            bail!("the package lacks {path}");
        }
    }
    let roots = |line: &str| [" 0/0 ", " root/root "].iter().any(|owner| line.contains(owner));
    if let Some(line) = listed.lines().find(|line| line.starts_with('-') && !roots(line)) {
        bail!("not everything belongs to root: {line}");
    }
    if !depends.contains(ENGINE) {
        bail!("the package does not ask for {ENGINE}: {depends}");
    }
    for script in ["preinst", "postinst", "prerm", "postrm"] {
        if control.contains(script) {
            bail!("the package runs a script of ours as root: {script}");
        }
    }
    Ok(())
}

/// Where each picture of `icons/` has to stand.
fn icons() -> anyhow::Result<Vec<String>> {
    let mut places = Vec::new();
    for entry in fs::read_dir(folders::root().join("icons"))? {
        let path = entry?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        match path.extension().and_then(|end| end.to_str()) {
            Some("png") => places.push(format!("./usr/share/icons/hicolor/{name}/apps/countersign.png")),
            Some("svg") => places.push("./usr/share/icons/hicolor/scalable/apps/countersign.svg".to_owned()),
            _ => {}
        }
    }
    Ok(places)
}

#[cfg(test)]
mod tests;
