//! `cargo xtask release`: what people install.

mod bare;
mod doors;
mod package;

use clap::Args;

use crate::{commands, folders, packages};

/// Nothing downloads programs while it builds, so nobody makes an AppImage here.
const NO_APPIMAGE: &str = "no AppImage: its runtime and linuxdeploy are published as downloads only, in no registry of packages, \
     and WebKitGTK's own processes stand at absolute paths that would have to be patched (docs/decisions/0036)";

#[derive(Args)]
pub struct Wanted {
    /// Installs the package into a Debian with nothing else in it, starts the window there and removes it again. Needs
    /// root, debootstrap and a mirror.
    #[arg(long)]
    bare: bool,
}

/// Builds what ships, refuses a program with a door for developers in it, packs it, and says what was made.
pub fn run(wanted: &Wanted) -> anyhow::Result<()> {
    packages::ensure()?;
    println!("building what ships (the first time takes minutes)");
    commands::run(&folders::root(), &commands::cargo(), &["build", "--quiet", "--release", "-p", "countersign"])?;
    doors::are_shut(&folders::shipped("countersign"))?;
    let made = package::make()?;
    println!("{}\n{NO_APPIMAGE}", made.display());
    if wanted.bare {
        bare::prove(&made)?;
    }
    Ok(())
}
