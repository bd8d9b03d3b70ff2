//! `cargo xtask replay`: real applications behind the real gateway, used in a browser, recorded, and played again. Pictures of
//! both at the same moments are compared. docs/replay.md says what is held and what was seen.

mod apps;
mod browser;
mod hard;
mod report;
mod session;

use std::time::Instant;

use anyhow::{bail, ensure};

use crate::{build, folders, packages};
use apps::App;
use report::Report;
use session::World;

/// What is to be played again.
#[derive(Debug, Clone, clap::Args)]
pub struct Wanted {
    /// An application; all of them when none is named. Those that are fetched need the registries of Python or Node.
    #[arg(value_enum)]
    names: Vec<App>,
    /// So many loads of each page with the recorder, and as many without.
    #[arg(long, default_value_t = 15)]
    loads: u32,
    /// Leaves the payroll service's rules for masking in force: what they mask is then not held to its looks.
    #[arg(long)]
    masked: bool,
}

/// Plays what is wanted; an application that fails keeps no other from being tried.
///
/// # Errors
/// When one of them failed.
pub fn run(wanted: &Wanted) -> anyhow::Result<()> {
    packages::ensure()?;
    build::programs()?;
    build::node_modules("ui")?;
    apart(&wanted.names, wanted.loads, wanted.masked)
}

/// What needs nothing from outside, for where everything is tested already.
///
/// # Errors
/// When it is not replayed as it looked.
pub fn local() -> anyhow::Result<()> {
    apart(&[App::Payroll, App::Hard], 0, false)
}

fn apart(names: &[App], loads: u32, masked: bool) -> anyhow::Result<()> {
    let all = App::all();
    let names = if names.is_empty() { &all[..] } else { names };
    let begin = Instant::now();
    let folder = folders::target().join("replay");
    std::fs::create_dir_all(&folder)?;
    let (mut ready, mut failed) = (Vec::new(), Vec::new());
    for app in names {
        match app.install(&folder) {
            Ok(()) => ready.push(*app),
            Err(error) => {
                eprintln!("FAILED  {}: {error:#}", app.name());
                failed.push(app.name());
            }
        }
    }
    ensure!(!ready.is_empty(), "nothing could be installed: {}", failed.join(", "));
    let mut world = World::set(&folder, &ready, masked)?;
    let mut reports = Vec::new();
    for app in ready {
        match play(&mut world, app, loads) {
            Ok(report) => reports.push(report),
            Err(error) => {
                eprintln!("FAILED  {}: {error:#}", app.name());
                failed.push(app.name());
            }
        }
    }
    let seeks = browser::seek(&folder)?;
    report::table(&reports);
    seeks.iter().for_each(report::Seek::print);
    if !seeks.iter().all(report::Seek::is_good) {
        failed.push("seek");
    }
    failed.extend(reports.iter().filter(|report| !report.is_good()).map(Report::name));
    println!("{} in {:.0} s", if failed.is_empty() { "all held" } else { "FAILED" }, begin.elapsed().as_secs_f64());
    if !failed.is_empty() {
        bail!("these were not replayed as they looked: {}", failed.join(", "));
    }
    Ok(())
}

fn play(world: &mut World, app: App, loads: u32) -> anyhow::Result<Report> {
    let held = world.open(app)?;
    // What they say of themselves is not to be mixed up with pages that keep the recorder out.
    let loads = if app == App::Hard { 0 } else { loads };
    let driven = browser::drive(world, app, &held, loads);
    let recording = world.end(app, &held);
    driven?;
    let recording = recording?;
    let report = browser::compare(world, app, &recording)?;
    if app == App::Hard {
        hard::hold(&world.folder(app), &recording, report.unseen())?;
    }
    Ok(report)
}
