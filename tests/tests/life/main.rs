//! The life of a Grant as a state machine: the real audit service over its real database and two real gateways, under a broker
//! that logs and leases whatever it likes, while proptest draws requests of one and of two persons, openings, races, lost
//! answers, repeated messages, ends, kills and clocks that go wrong. After every step the log itself is read.
//!
//! What has to hold is in `held.rs`; what may happen, in `machine.rs`. `COUNTERSIGN_MODEL_CASES` and
//! `COUNTERSIGN_MODEL_SEED` draw more and other walks.

mod company;
mod extending;
mod grants;
mod held;
mod machine;
mod window;

use std::sync::atomic::Ordering;

use proptest::test_runner::{Config, RngSeed, TestRunner};
use proptest_state_machine::{ReferenceStateMachine as _, StateMachineTest as _};

use machine::{Machine, TALLY, Wishes};

fn from_environment(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

#[test]
fn no_step_opens_without_two_persons_twice_or_after_the_end() {
    let cases = u32::try_from(from_environment("COUNTERSIGN_MODEL_CASES", 10)).expect("a small number");
    let seed = from_environment("COUNTERSIGN_MODEL_SEED", 7);
    let config = Config {
        cases,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(seed),
        max_shrink_iters: 24,
        ..Config::default()
    };
    let walks = Wishes::sequential_strategy(30..45);
    let ran = TestRunner::new(config.clone()).run(&walks, |(initial, steps, seen)| {
        Machine::test_sequential(config.clone(), initial, steps, seen);
        Ok(())
    });
    ran.unwrap_or_else(|error| panic!("{error}"));
    let tally = TALLY.each_ref().map(|n| n.load(Ordering::Relaxed));
    println!("opened, refused, used, killed, outlasted, extended, used after the first end: {tally:?}");
    assert!(tally.iter().all(|n| *n > 0), "a walk on which nothing happens proves nothing: {tally:?}");
}
