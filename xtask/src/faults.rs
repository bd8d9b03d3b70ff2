//! `cargo xtask faults`: what the services do when they are killed, stopped, or lose their disk, in the middle of a Session. The
//! services are the real ones, and people work in terminals. docs/faults.md says what each sweep holds.

mod eio;
mod full;
mod heads;
mod kill;
mod kills;
mod marks;
pub mod people;
mod proof;
mod report;
mod role;
mod stop;
mod strace;
mod world;

use std::time::Instant;

use anyhow::{bail, ensure};
use domain::{Clock as _, SystemClock};

use crate::{build, commands, folders};
use report::Report;
use role::Role;
use world::World;

/// What is to be swept.
#[derive(Debug, Clone, clap::Args)]
pub struct Wanted {
    /// A sweep, such as `kill/audit`, or a kind of them, such as `kill`; all of them when none is named.
    names: Vec<String>,
    /// Every point instead of a few of each kind.
    #[arg(long)]
    all: bool,
    /// Leaves out a sweep or a kind of them; may be given again.
    #[arg(long, value_name = "NAME")]
    without: Vec<String>,
    /// The order and the pauses of `kills/200`; another one each time when it is not given.
    #[arg(long)]
    seed: Option<u64>,
}

const SWEEPS: [&str; 9] = [
    "kill/audit",
    "kill/gateway",
    "eio/audit",
    "eio/gateway",
    "full/audit",
    "full/gateway",
    "stop/audit",
    "stop/gateway",
    "kills/200",
];

/// Sweeps what is wanted; a sweep that fails keeps no other from being tried.
///
/// # Errors
/// When one of them failed.
pub fn run(wanted: &Wanted) -> anyhow::Result<()> {
    let sweeps = chosen(wanted)?;
    ensure!(commands::exists("strace"), "strace is missing: install the package strace");
    if sweeps.iter().any(|sweep| sweep.starts_with("full/")) {
        full::go_apart()?;
    }
    build::programs()?;
    std::fs::create_dir_all(folders::target().join("faults"))?;
    let begin = Instant::now();
    let mut failed = Vec::new();
    let mut world: Option<World> = None;
    for sweep in sweeps {
        let outcome = match world.as_mut() {
            Some(world) => one(world, sweep, wanted),
            None => one(world.insert(World::set()?), sweep, wanted),
        };
        if let Err(error) = outcome {
            eprintln!("{error:#}");
            failed.push(sweep);
            // What is left of this world may be anything.
            world = None;
        }
    }
    println!("{} in {:.0} s", if failed.is_empty() { "all held" } else { "FAILED" }, begin.elapsed().as_secs_f64());
    if !failed.is_empty() {
        bail!("these sweeps failed: {}", failed.join(", "));
    }
    Ok(())
}

fn one(world: &mut World, sweep: &'static str, wanted: &Wanted) -> anyhow::Result<()> {
    let mut report = Report::new(sweep);
    let role = if sweep.ends_with("/audit") { Role::Audit } else { Role::Gateway };
    match sweep.split('/').next() {
        Some("kill") => kill::sweep(world, role, wanted.all, &mut report),
        Some("eio") => eio::sweep(world, role, wanted.all, &mut report),
        Some("full") => full::sweep(world, role, wanted.all, &mut report),
        Some("stop") => stop::sweep(world, role, &mut report),
        Some("kills") => kills::sweep(world, wanted.seed.unwrap_or_else(any), &mut report),
        _ => bail!("no sweep is called {sweep}"),
    }
}

fn chosen(wanted: &Wanted) -> anyhow::Result<Vec<&'static str>> {
    let is_meant = |sweep: &str, name: &String| sweep == name || sweep.split('/').next() == Some(name);
    for name in wanted.names.iter().chain(&wanted.without) {
        ensure!(SWEEPS.iter().any(|sweep| is_meant(sweep, name)), "no sweep is called {name}: {}", SWEEPS.join(", "));
    }
    let named = |sweep: &&str| wanted.names.is_empty() || wanted.names.iter().any(|name| is_meant(sweep, name));
    let left = |sweep: &&str| !wanted.without.iter().any(|name| is_meant(sweep, name));
    Ok(SWEEPS.into_iter().filter(named).filter(left).collect())
}

/// A seed that is another one each time.
fn any() -> u64 {
    SystemClock.now_millis().unsigned_abs()
}
