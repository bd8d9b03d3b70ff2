//! kill -9 at the N-th call of each kind that changes or tells something.

use std::{collections::BTreeMap, time::Duration};

use anyhow::ensure;

use super::{
    proof,
    report::{Case, Report},
    role::Role,
    strace::{Fault, KINDS, Strace},
    world::{Held, PATIENCE, World},
};

/// Points of each kind, unless all are asked for.
const OF_EACH: usize = 5;
/// A call that is not made within this is given up.
const REACHED: Duration = Duration::from_secs(6);
/// What happens to a Session's end, one after the other: each is met by the first call of its kind.
const AT_THE_END: [&str; 5] = ["rename", "fsync", "fdatasync", "sendto", "unlinkat"];

/// Sweeps one role.
pub fn sweep(world: &mut World, role: Role, all: bool, report: &mut Report) -> anyhow::Result<()> {
    let mut held = world.open()?;
    let mut seen = BTreeMap::new();
    report.take("what it calls", |case| {
        seen = survey(world, role, &held)?;
        case.found = seen.iter().map(|(kind, calls)| format!("{kind} {}", calls.len())).collect::<Vec<_>>().join(", ");
        Ok(())
    })?;
    for (kind, calls) in &seen {
        let numbers: Vec<u32> = calls.keys().copied().collect();
        let points = if all { numbers } else { spread(&numbers, OF_EACH) };
        report.take(kind, |case| {
            for when in points {
                point(world, role, &mut held, kind, when, case)?;
            }
            let heads = world.settle(role, &held)?;
            case.found = format!("{} answered so far, {heads} heads consistent", held.marks.count());
            Ok(())
        })?;
    }
    report.take("in the end of the session", |case| end(world, role, held, case))
}

/// What the role calls from its start until some work is done, counted as strace counts.
pub fn survey(world: &mut World, role: Role, held: &Held) -> anyhow::Result<BTreeMap<String, BTreeMap<u32, String>>> {
    let strace = Strace::survey(&KINDS, &world.strace_log(role));
    world.roles.kill(role)?;
    world.roles.begin(role, Some(&strace))?;
    world.roles.answers(role)?;
    held.marks.more(16, PATIENCE)?;
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
    let (strace, before) = (Strace::inject(kind, Fault::Kill, when, &world.strace_log(role)), held.marks.count());
    world.roles.begin(role, Some(&strace))?;
    let ended = world.roles.ended_within(role, REACHED)?;
    met(world, role, &strace, ended.is_some(), case)?;
    if ended.is_some() {
        case.at_work += u32::from(held.marks.count() > before);
    }
    world.roles.kill(role)
}

/// Counts a point. A role may only have ended because it was killed.
fn met(world: &mut World, role: Role, strace: &Strace, has_ended: bool, case: &mut Case) -> anyhow::Result<()> {
    case.points += 1;
    if let Some(status) = world.roles.status(role)?.filter(|_| has_ended) {
        ensure!(status.code().is_none(), "the {} ended by itself ({status}):\n{}", role.name(), world.roles.tail(role));
        case.met += 1;
        *case.to.entry(strace.met().unwrap_or_else(|| "unknown".into())).or_default() += 1;
    }
    Ok(())
}

/// The Session is ended while the role dies at one call after the other.
fn end(world: &mut World, role: Role, mut held: Held, case: &mut Case) -> anyhow::Result<()> {
    let answered = std::mem::replace(&mut held.marks, super::marks::Marks::none()).stop();
    for (number, kind) in AT_THE_END.into_iter().enumerate() {
        world.heads.keep(&world.verifier)?;
        world.roles.kill(role)?;
        let strace = Strace::inject(kind, Fault::Kill, 1, &world.strace_log(role));
        world.roles.begin(role, Some(&strace))?;
        if number == 0 {
            // Whether it hears of the end at once is not said: it may die before.
            let _ = world.roles.answers(role);
            let (request, desk) = (&held.request, &world.stage.desk);
            let _ = world.people.mara.says(desk, &["end", request]);
        }
        let ended = world.roles.ended_within(role, REACHED)?;
        met(world, role, &strace, ended.is_some(), case)?;
    }
    world.roles.kill(role)?;
    world.roles.start(role)?;
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
