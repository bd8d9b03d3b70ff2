//! What is fuzzed, as functions of bytes. Each panics when something does not hold that must.
//!
//! What it is not: a fuzzer. `src/main.rs` hands these to libFuzzer, `tests/replay.rs` to a plain mutator.

mod files;
mod keys;
mod mutate;
mod requests;
mod statements;
mod texts;

pub use files::verifies;
pub use mutate::Mutator;
pub use statements::kinds;
pub use texts::{Note, note};

/// Something that reads bytes of strangers.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    pub name: &'static str,
    pub run: fn(&[u8]),
}

/// Everything that is fuzzed.
pub const TARGETS: [Target; 9] = [
    Target { name: "statement", run: statements::statement },
    Target { name: "pk_token", run: statements::pk_token },
    Target { name: "dpop", run: statements::dpop },
    Target { name: "policy", run: texts::policy },
    Target { name: "checkpoint", run: texts::checkpoint },
    Target { name: "bundle", run: files::bundle },
    Target { name: "evidence", run: files::evidence },
    Target { name: "head", run: requests::head },
    Target { name: "path", run: requests::path },
];

/// The target with this name.
#[must_use]
pub fn target(name: &str) -> Option<Target> {
    TARGETS.into_iter().find(|t| t.name == name)
}
