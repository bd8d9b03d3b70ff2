//! The corpus, and mutations of it for a few seconds; `COUNTERSIGN_FUZZ_SECONDS` and `COUNTERSIGN_FUZZ_SEED` try more and others.

use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use fuzz::{Mutator, TARGETS, Target, target};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn corpus(target: Target) -> Vec<Vec<u8>> {
    let files = std::fs::read_dir(folder("corpus").join(target.name)).expect("its corpus");
    let mut paths: Vec<PathBuf> = files.map(|f| f.expect("a file").path()).collect();
    paths.sort();
    paths.iter().map(|p| std::fs::read(p).expect("a file")).collect()
}

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// Runs one input; one that fails is kept and named.
fn run(target: Target, input: &[u8]) {
    if catch_unwind(|| (target.run)(input)).is_ok() {
        return;
    }
    let crashes = folder("crashes");
    std::fs::create_dir_all(&crashes).expect("a folder");
    let path = crashes.join(format!("{}-{}", target.name, &statement::sha256(input).as_str()[..16]));
    std::fs::write(&path, input).expect("kept");
    panic!("{} fails on {}", target.name, path.display());
}

fn tried(name: &str) {
    let target = target(name).expect("a target");
    let corpus = corpus(target);
    assert!(!corpus.is_empty(), "{name} has a corpus");
    for input in &corpus {
        run(target, input);
    }
    let mut mutator = Mutator::new(number("COUNTERSIGN_FUZZ_SEED", 1), corpus);
    let until = Instant::now() + Duration::from_secs(number("COUNTERSIGN_FUZZ_SECONDS", 2));
    let mut count = 0_u64;
    while Instant::now() < until {
        run(target, &mutator.draw());
        count += 1;
    }
    println!("{name}: {count}");
    assert!(count > 0);
}

/// Mutations of a seed that is refused as a whole reach little.
#[test]
fn each_seed_of_a_statement_is_read_as_its_kind() {
    let seeds = corpus(target("statement").expect("a target"));
    let signed: Vec<&Vec<u8>> = seeds.iter().filter(|seed| seed.starts_with(b"{")).collect();
    assert_eq!(signed.len(), 15, "one a kind");
    for seed in signed {
        assert_eq!(fuzz::kinds(seed), 1, "{}", String::from_utf8_lossy(seed));
    }
}

#[test]
fn each_bundle_adoption_and_forgetting_holds() {
    let seeds = corpus(target("bundle").expect("a target"));
    assert_eq!(seeds.len(), 3, "one of each");
    for seed in seeds {
        assert!(fuzz::verifies(&seed), "{}", String::from_utf8_lossy(&seed));
    }
}

/// The two others are signed by the target itself, or of another log.
#[test]
fn each_seed_of_a_note_is_read_as_what_it_is() {
    let read = |name: &str| {
        let text = std::fs::read_to_string(folder("corpus/checkpoint").join(name)).expect("a seed");
        fuzz::note(&text)
    };
    for (name, kind) in [
        ("cosigned", fuzz::Note::Cosigned),
        ("own", fuzz::Note::Checkpoint),
        ("submission", fuzz::Note::Submission),
        ("first-submission", fuzz::Note::Submission),
        ("witness-key", fuzz::Note::WitnessKey),
        ("key", fuzz::Note::LogKey),
    ] {
        assert_eq!(read(name), Some(kind), "{name}");
    }
}

macro_rules! replays {
    ($($name:ident),*) => {
        $(#[test]
        fn $name() {
            tried(stringify!($name));
        })*

        #[test]
        fn every_target_is_replayed() {
            let names: Vec<&str> = TARGETS.iter().map(|t| t.name).collect();
            assert_eq!(names, [$(stringify!($name)),*]);
        }
    };
}

replays!(statement, pk_token, dpop, policy, checkpoint, bundle, evidence, head, path);
