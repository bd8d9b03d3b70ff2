//! kill -9 of gateway and audit service at random moments of one Session.

use std::{thread::sleep, time::Duration};

use anyhow::{Context as _, ensure};

use super::{
    proof,
    report::{Case, Report},
    role::Role,
    world::{Held, PATIENCE, World},
};

pub const KILLS: u32 = 200;
/// So many are one case.
const OF_EACH: u32 = 50;

/// All of them; the same seed is the same order and the same pauses.
pub fn sweep(world: &mut World, seed: u64, report: &mut Report) -> anyhow::Result<()> {
    println!("seed {seed}");
    let held = world.open()?;
    let mut random = Random(seed);
    for part in 0..KILLS / OF_EACH {
        report.take(&format!("kills {} to {}, seed {seed}", part * OF_EACH + 1, (part + 1) * OF_EACH), |case| {
            for number in 0..OF_EACH {
                one(world, &held, &mut random, part * OF_EACH + number, case)?;
            }
            for role in [Role::Audit, Role::Gateway] {
                world.roles.answers(role)?;
            }
            held.marks.more(4, PATIENCE)?;
            let heads = world.hold_log()?;
            case.found = format!("{} answered so far, {heads} heads consistent", held.marks.count());
            Ok(())
        })?;
    }
    report.take("the recording in the end", |case| proof::end(world, held, case))
}

fn one(world: &mut World, held: &Held, random: &mut Random, number: u32, case: &mut Case) -> anyhow::Result<()> {
    held.marks.label(&format!("kill-{number}"));
    let role = if random.below(2) == 0 { Role::Audit } else { Role::Gateway };
    let before = held.marks.count();
    // Three of four come while somebody works; the others while something starts.
    if random.below(4) > 0 {
        held.marks.more(1, PATIENCE).with_context(|| format!("before kill {number}"))?;
    }
    sleep(Duration::from_millis(random.below(400)));
    world.heads.keep(&world.verifier)?;
    let status = world.roles.status(role)?;
    ensure!(status.is_none(), "the {} had ended by itself: {status:?}\n{}", role.name(), world.roles.tail(role));
    world.roles.kill(role)?;
    world.roles.begin(role, None)?;
    case.points += 1;
    case.met += 1;
    case.at_work += u32::from(held.marks.count() > before);
    *case.to.entry(role.name().to_owned()).or_default() += 1;
    Ok(())
}

/// SplitMix64: the same numbers from the same seed, wherever it runs.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn the_same_seed_is_the_same_order() {
        let numbers =
            |seed| (0..5).map(|_| 0).scan(Random(seed), |random, _| Some(random.below(1000))).collect::<Vec<_>>();
        assert_eq!(numbers(7), numbers(7));
        assert_ne!(numbers(7), numbers(8));
    }
}
