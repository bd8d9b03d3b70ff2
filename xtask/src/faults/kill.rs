//! kill -9 at the N-th call of each kind that changes or tells something.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use anyhow::ensure;

use super::{
    proof,
    report::{Case, Report},
    role::Role,
    strace::{Fault, KINDS, Strace},
    world::{Held, PATIENCE, World},
};
use crate::process::Process;

/// Points of each kind, unless all are asked for.
const OF_EACH: usize = 12;
/// A call that is not made within this is given up.
const REACHED: Duration = Duration::from_secs(6);
/// A Session goes on after its gateway started again for a quarter of an hour, with the code that opened it: one that was
/// opened longer ago than this makes way for another.
const LASTS: Duration = Duration::from_secs(8 * 60);
/// Points between two looks at that.
const AT_ONCE: usize = 50;
/// What the end of a Session dies at.
const AT_THE_END: [&str; 4] = ["rename", "fsync", "writev", "unlinkat"];

/// Sweeps one role.
pub fn sweep(world: &mut World, role: Role, all: bool, report: &mut Report) -> anyhow::Result<()> {
    let (mut held, mut began) = (world.open()?, Instant::now());
    let mut seen = BTreeMap::new();
    report.take("what it calls", |case| {
        seen = survey(world, role, &held)?;
        case.found = seen.iter().map(|(kind, calls)| format!("{kind} {}", calls.len())).collect::<Vec<_>>().join(", ");
        Ok(())
    })?;
    for (kind, calls) in &seen {
        let numbers: Vec<u32> = calls.keys().copied().collect();
        let points = if all { numbers } else { spread(&numbers, OF_EACH) };
        for (n, points) in points.chunks(AT_ONCE).enumerate() {
            let what = if n == 0 { kind.clone() } else { format!("{kind}, behind {}", n * AT_ONCE) };
            report.take(&what, |case| {
                for when in points {
                    point(world, role, &mut held, kind, *when, case)?;
                }
                let heads = world.settle(role, &held)?;
                case.found = format!("{} answered so far, {heads} heads consistent", held.marks.count());
                Ok(())
            })?;
            if began.elapsed() > LASTS {
                report.take("the recording so far", |case| proof::end(world, held, case))?;
                (held, began) = (world.open()?, Instant::now());
            }
        }
    }
    report.take("the recording in the end", |case| proof::end(world, held, case))?;
    for kind in AT_THE_END {
        let held = world.open()?;
        report.take(&format!("{kind} in the end of a session"), |case| end(world, role, held, kind, case))?;
    }
    Ok(())
}

/// What the role calls from its start until some work is done, counted as strace counts.
pub fn survey(world: &mut World, role: Role, held: &Held) -> anyhow::Result<BTreeMap<String, BTreeMap<u32, String>>> {
    let strace = Strace::survey(&KINDS, &world.strace_log(role));
    world.roles.kill(role)?;
    world.roles.begin(role, Some(&strace))?;
    world.roles.answers(role)?;
    held.marks.more(40, PATIENCE)?;
    world.roles.kill(role)?;
    let seen = strace.seen();
    ensure!(seen.contains_key("fsync") || seen.contains_key("fdatasync"), "nothing was forced to disk: {seen:?}");
    world.settle(role, held)?;
    Ok(seen)
}

/// The role, which runs or not, is started again and killed at this call, at work or before.
fn point(world: &mut World, role: Role, held: &mut Held, kind: &str, when: u32, case: &mut Case) -> anyhow::Result<()> {
    held.marks.label(&format!("{}-{kind}-{when}", role.name()));
    world.heads.keep(&world.verifier)?;
    world.roles.kill(role)?;
    let strace = Strace::inject(kind, Fault::Kill, when, &world.strace_log(role));
    world.roles.begin(role, Some(&strace))?;
    meets(world, role, &strace, case)?;
    world.roles.kill(role)
}

/// Waits until the role meets its fault, and counts. It may only have ended because it was killed.
fn meets(world: &mut World, role: Role, strace: &Strace, case: &mut Case) -> anyhow::Result<()> {
    let (worked, ended) = world.roles.worked_until(role, REACHED)?;
    case.points += 1;
    if let Some(status) = ended {
        ensure!(status.code().is_none(), "the {} ended by itself ({status}):\n{}", role.name(), world.roles.tail(role));
        case.met += 1;
        case.at_work += u32::from(worked);
        *case.to.entry(strace.met().unwrap_or_else(|| "unknown".into())).or_default() += 1;
    }
    Ok(())
}

/// The role dies at the first call of this kind after the person has ended the Session.
fn end(world: &mut World, role: Role, mut held: Held, kind: &str, case: &mut Case) -> anyhow::Result<()> {
    let answered = std::mem::replace(&mut held.marks, super::marks::Marks::none()).stop();
    world.heads.keep(&world.verifier)?;
    let strace = Strace::inject(kind, Fault::Kill, 1, &world.strace_log(role));
    let attached = world.roles.attach(role, &strace)?;
    let mut ending = world.stage.desk.countersign(world.people.mara.profile);
    let mut ending = Process::start("ending", ending.args(["--json", "end", &held.request]), &world.stage.logs, "")?;
    meets(world, role, &strace, case)?;
    world.roles.kill(role)?;
    drop(attached);
    world.roles.start(role)?;
    ensure!(ending.finish(PATIENCE)?, "the program could not end the session: {}", ending.text());
    held.door.ended_by(PATIENCE)?;
    proof::prove(world, &held, &answered, case)
}

/// So many of these numbers, from the first to the last.
pub fn spread(numbers: &[u32], count: usize) -> Vec<u32> {
    if numbers.len() <= count {
        return numbers.to_vec();
    }
    let last = numbers.len() - 1;
    let mut chosen: Vec<u32> = (0..count).filter_map(|n| numbers.get(n * last / (count - 1).max(1)).copied()).collect();
    chosen.dedup();
    chosen
}

#[cfg(test)]
mod tests {
    use super::spread;

    #[test]
    fn points_are_spread_from_the_first_to_the_last() {
        assert_eq!(spread(&[1, 2, 3], 5), [1, 2, 3]);
        assert_eq!(spread(&(1..=101).collect::<Vec<_>>(), 5), [1, 26, 51, 76, 101]);
    }
}
