//! `cargo xtask release`: what people install.

mod bare;
mod channel;
mod doors;
mod package;

use std::{path::PathBuf, process::Command};

use anyhow::bail;
use clap::Args;

use crate::{commands, folders, packages};
use channel::Channel;

/// Nothing downloads programs while it builds, so nobody makes an AppImage here.
const NO_APPIMAGE: &str = "no AppImage: what makes one is published as downloads that nothing here verifies \
     (docs/decisions/0036-packages-and-updates.md)";

#[derive(Args)]
pub struct Wanted {
    /// Installs the package into a Debian with nothing else in it, starts the window there and removes it again. Needs
    /// root, debootstrap and a mirror.
    #[arg(long)]
    bare: bool,
    /// Takes the package that is there already: with `--signature`, or to prove it again.
    #[arg(long)]
    as_it_is: bool,
    /// The public key, as minisign wrote it. With it the app looks for newer versions.
    #[arg(long, value_name = "FILE", requires = "update_from")]
    update_key: Option<PathBuf>,
    /// The address of the manifest: `https://…/latest.json`. The package lies beside it.
    #[arg(long, value_name = "URL", requires = "update_key")]
    update_from: Option<String>,
    /// The secret key, as minisign wrote it; minisign asks for its password. Then the manifest is written.
    #[arg(long, value_name = "FILE", requires = "update_key", conflicts_with = "signature")]
    signing_key: Option<PathBuf>,
    /// The package's signature that was made on another computer. Then the manifest is written.
    #[arg(long, value_name = "FILE", requires = "update_key", requires = "as_it_is")]
    signature: Option<PathBuf>,
}

/// Builds what ships, refuses a program with a door for developers in it, packs it, and says what was made.
pub fn run(wanted: &Wanted) -> anyhow::Result<()> {
    packages::ensure()?;
    let channel = match (&wanted.update_key, &wanted.update_from) {
        (Some(key), Some(from)) => Some(Channel { update_key: key.clone(), update_from: from.clone() }),
        _ => None,
    };
    let package = if wanted.as_it_is { package::made()? } else { build(channel.as_ref())? };
    println!("{}\n{NO_APPIMAGE}", package.display());
    if wanted.bare {
        bare::prove(&package)?;
    }
    let Some(channel) = channel else { return Ok(()) };
    let signature = match (&wanted.signing_key, &wanted.signature) {
        (Some(key), _) => channel.sign(&package, key)?,
        (None, Some(signature)) => signature.clone(),
        (None, None) => {
            println!("to sign it where the key is:\n\n    {}\n", channel::line(&package)?);
            return Ok(());
        }
    };
    println!("{}", channel.announce(&package, &signature)?.display());
    Ok(())
}

fn build(channel: Option<&Channel>) -> anyhow::Result<PathBuf> {
    println!("building what ships (the first time takes minutes)");
    let mut cargo = Command::new(commands::cargo());
    cargo.args(["build", "--quiet", "--release", "-p", "countersign", "--bins"]).current_dir(folders::root());
    // Only what is asked for here decides about updates.
    match channel {
        Some(channel) => cargo.env("TAURI_CONFIG", channel.configuration()?),
        None => cargo.env_remove("TAURI_CONFIG"),
    };
    if !cargo.status()?.success() {
        bail!("what ships does not build");
    }
    doors::are_shut(&folders::shipped("countersign"))?;
    package::make()
}
