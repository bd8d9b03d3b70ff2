//! fsync fails: the process ends, and does not go on as if nothing had been.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{bail, ensure};

use super::{
    kill::{spread, survey},
    proof,
    report::{Case, Report},
    role::Role,
    strace::{Fault, Strace},
    world::{Held, World},
};

const KINDS: [&str; 2] = ["fsync", "fdatasync"];
/// Points of each kind, unless all are asked for.
const OF_EACH: usize = 8;
const REACHED: Duration = Duration::from_secs(5);
/// A process that was told of the error ends within this.
const ENDED: Duration = Duration::from_secs(3);

/// Sweeps one role.
pub fn sweep(world: &mut World, role: Role, all: bool, report: &mut Report) -> anyhow::Result<()> {
    let held = world.open()?;
    let seen = survey(world, role, &held)?;
    for kind in KINDS {
        let Some(calls) = seen.get(kind) else { continue };
        let numbers: Vec<u32> = calls.keys().copied().collect();
        let points = if all { numbers } else { spread(&numbers, OF_EACH) };
        report.take(kind, |case| {
            for when in points {
                point(world, role, &held, kind, when, case)?;
            }
            let heads = world.settle(role, &held)?;
            case.found = format!("{} answered so far, {heads} heads consistent", held.marks.count());
            Ok(())
        })?;
    }
    report.take("the recording in the end", |case| proof::end(world, held, case))
}

fn point(world: &mut World, role: Role, held: &Held, kind: &str, when: u32, case: &mut Case) -> anyhow::Result<()> {
    held.marks.label(&format!("{}-eio-{kind}-{when}", role.name()));
    world.heads.keep(&world.verifier)?;
    world.roles.kill(role)?;
    let strace = Strace::inject(kind, Fault::Eio, when, &world.strace_log(role));
    world.roles.begin(role, Some(&strace))?;
    case.points += 1;
    let (end, mut worked) = (Instant::now() + REACHED, false);
    while !strace.has_injected() && Instant::now() < end {
        if let Some(status) = world.roles.status(role)? {
            if strace.has_injected() {
                break;
            }
            bail!("the {} ended by itself ({status}):\n{}", role.name(), world.roles.tail(role));
        }
        worked = worked || world.roles.is_open(role);
        sleep(Duration::from_millis(20));
    }
    if strace.has_injected() {
        let about = strace.met().unwrap_or_else(|| "unknown".into());
        let Some(status) = world.roles.ended_within(role, ENDED)? else {
            if kind == "fsync" && about == role.database_folder() {
                case.met += 1;
                *case
                    .to
                    .entry(format!("{about}, by SQLite, which goes on; the folder is forced again"))
                    .or_default() += 1;
                return world.roles.kill(role);
            }
            bail!("the {} goes on after {kind} number {when} of a thread failed, which was of {about}", role.name());
        };
        ensure!(!status.success(), "the {} ended as if all were well after {kind} failed", role.name());
        case.met += 1;
        case.at_work += u32::from(worked);
        *case.to.entry(about).or_default() += 1;
    }
    world.roles.kill(role)
}
