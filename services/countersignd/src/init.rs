//! `countersignd init`: everything that a new installation needs, made once, beside nothing that exists.

pub mod authority;
pub mod files;
mod pinned;
pub mod provider;
mod roles;
mod secrets;
mod services;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use domain::{Clock as _, SystemClock};

use crate::arguments::InitArguments;
use authority::Authority;
use pinned::Pinned;
use secrets::Secrets;
use services::Services;

/// Makes the folder as a whole, or leaves nothing behind.
///
/// # Errors
/// A sentence that says what to do.
pub async fn run(arguments: &InitArguments) -> anyhow::Result<()> {
    check(arguments)?;
    let services = Services::read(&arguments.targets)?;
    let provider_ca = arguments.provider_ca.as_deref().map(files::read).transpose()?;
    let provider_keys =
        provider::keys(&arguments.issuer, arguments.provider_keys.as_deref(), provider_ca.as_deref()).await?;
    let staging = staging_for(&arguments.dir)?;
    let made = fill(&staging, arguments, &services, provider_ca.as_deref(), provider_keys)
        .and_then(|()| fs::rename(&staging, &arguments.dir).context("the finished folder cannot be put in its place"));
    if made.is_err() {
        let _ = fs::remove_dir_all(&staging);
    }
    made?;
    tell_what_is_next(arguments);
    Ok(())
}

fn check(arguments: &InitArguments) -> anyhow::Result<()> {
    let administrators: BTreeSet<_> = arguments.first_administrators.iter().collect();
    if administrators.len() < 2 {
        bail!(
            "at least two different first administrators are needed, so that each can enrol the other; ask two people for \
             what `countersign key` prints on their computers and give each with --first-administrator"
        );
    }
    if arguments.operator.trim().is_empty() || arguments.name.trim().is_empty() {
        bail!("--operator and --name must say something");
    }
    if arguments.name.chars().any(|c| c.is_whitespace() || c == '+') {
        bail!("--name may hold neither spaces nor `+`: it becomes part of the log's name");
    }
    if arguments.max_duration_seconds < 1 {
        bail!("--max-duration-seconds must be at least 1");
    }
    if arguments.base_port.checked_add(2).is_none() || arguments.base_port == 0 {
        bail!("--base-port must leave room for three ports");
    }
    let taken = fs::read_dir(&arguments.dir).is_ok_and(|mut entries| entries.next().is_some());
    if taken || arguments.dir.is_file() {
        bail!("{} is there already and is not overwritten; choose another folder", arguments.dir.display());
    }
    Ok(())
}

fn staging_for(dir: &Path) -> anyhow::Result<PathBuf> {
    let name = dir.file_name().context("--dir must name a folder")?;
    let staging = dir.with_file_name(format!(".{}.unfinished", name.to_string_lossy()));
    if staging.exists() {
        bail!("{} was left by an earlier try; remove it and start again", staging.display());
    }
    files::folder(&staging)?;
    Ok(staging)
}

fn fill(
    dir: &Path,
    arguments: &InitArguments,
    services: &Services,
    provider_ca: Option<&str>,
    provider_keys: String,
) -> anyhow::Result<()> {
    let authority = Authority::make(&arguments.operator, SystemClock.now())?;
    let secrets = Secrets::make()?;
    let pinned = Pinned::new(arguments, &secrets)?;
    authority.keep(&dir.join("ca"))?;
    roles::write(
        dir,
        &roles::Plan { arguments, authority: &authority, secrets: &secrets, pinned: &pinned, services, provider_ca },
    )?;
    files::public(&dir.join("join.json"), &pinned.join_file(arguments, authority.certificate_pem())?)?;
    files::public(&dir.join("trust.json"), &pinned.trust_file(provider_keys)?)
}

fn tell_what_is_next(arguments: &InitArguments) {
    let dir = arguments.dir.display();
    println!("Made {dir}. Next:");
    println!("  countersignd all --dir {dir}      runs the three services on this computer");
    println!("  {dir}/join.json      is what each desktop opens once");
    println!("  {dir}/trust.json     is what evidence is verified with, by anybody");
    println!("  {dir}/ca/ca.key      signs the services' certificates; keep it offline");
}
