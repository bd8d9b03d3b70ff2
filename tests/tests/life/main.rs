//! The life of a Grant as a state machine: the real audit service over its real database and two real gateways, under a broker
//! that logs and leases whatever it likes, while proptest draws requests of one and of two persons and by what was signed in
//! advance, openings, races, lost answers, repeated messages, ends, revocations, kills and clocks that go wrong. After every
//! step the log itself is read.
//!
//! What may happen is in `steps.rs`; what has to hold, in `story.rs`, `held.rs` and beside the hands that do it.
//!
//! A walk that is written down, those of one seed, and those of a seed that is drawn for this run and printed:
//! `COUNTERSIGN_MODEL_SEED` draws the same walks again, `COUNTERSIGN_MODEL_CASES` more of them. What a step meets depends on
//! the moment too: a walk that failed may have to be drawn several times.
//!
//! A kill drops a service's runtime; death between two writes is `cargo xtask faults`. What is not in here, the real broker
//! first of all, is said in `docs/decisions/0025-the-life-of-a-grant-as-a-model.md`.

mod company;
mod extending;
mod glass;
mod grants;
mod held;
mod known;
mod machine;
mod opening;
mod people;
mod revoking;
mod steps;
mod story;
mod taken;
mod tally;
mod window;

use proptest::test_runner::{Config, RngSeed, TestRunner};
use proptest_state_machine::{ReferenceStateMachine as _, StateMachineTest as _};

use machine::Machine;
use steps::{Known, Wishes};

/// A number out of the environment.
fn asked_for(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is not a number")))
}

fn fresh_seed() -> u64 {
    let mut bytes = [0; 8];
    aws_lc_rs::rand::fill(&mut bytes).expect("randomness");
    u64::from_be_bytes(bytes)
}

/// Walks from this seed. A failure is shortened, and says how to draw the same walks again.
fn walk(walks: u64, seed: u64) {
    let walks = u32::try_from(asked_for("COUNTERSIGN_MODEL_CASES").unwrap_or(walks)).expect("a small number");
    println!("COUNTERSIGN_MODEL_SEED={seed} draws these walks again");
    let config = Config {
        cases: walks,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(seed),
        max_shrink_iters: 24,
        ..Config::default()
    };
    let drawn = Wishes::sequential_strategy(50..70);
    let ran = TestRunner::new(config.clone()).run(&drawn, |(initial, steps, seen)| {
        Machine::test_sequential(config.clone(), initial, steps, seen);
        Ok(())
    });
    ran.unwrap_or_else(|error| panic!("COUNTERSIGN_MODEL_SEED={seed} draws these walks again\n{error}"));
}

#[test]
fn no_step_opens_without_two_persons_twice_or_after_the_end() {
    Machine::test_sequential(Config::default(), Known::default(), known::walk(), None);
    walk(10, 7);
    let tally = tally::so_far();
    println!("{tally:?}");
    assert!(tally.iter().all(|(_, n)| *n > 0), "a walk on which nothing happens proves nothing: {tally:?}");
}

#[test]
fn nor_does_a_step_of_walks_that_nobody_drew_before() {
    walk(5, asked_for("COUNTERSIGN_MODEL_SEED").unwrap_or_else(fresh_seed));
}
