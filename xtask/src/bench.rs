//! `cargo xtask bench`.

mod desktop;

use std::fs;

use clap::ValueEnum;

use crate::{commands, folders};

#[derive(Clone, Copy, ValueEnum)]
pub enum What {
    /// One whole decision to open.
    Statement,
    /// The log: durable entries, proofs, verification.
    Log,
    /// Sealing and opening of recordings.
    Recording,
    /// The list of a million Sessions beside the bare indexed rows. Needs 4 GB of disk.
    Sessions,
    /// The gateway beside nginx: requests a second, latency, memory. Needs nginx.
    Gateway,
    /// The desktop app beside an empty window and a browser: until its page stands, memory, size.
    Desktop,
}

/// Builds the benchmark as what ships is built, runs it, and leaves `target/bench/NAME.json`.
pub fn run(what: What) -> anyhow::Result<()> {
    let name = match what {
        What::Statement => "statement",
        What::Log => "log",
        What::Recording => "recording",
        What::Sessions => "sessions",
        What::Gateway => "gateway",
        What::Desktop => "desktop",
    };
    let folder = folders::target().join("bench");
    fs::create_dir_all(&folder)?;
    let out = folder.join(format!("{name}.json"));
    if matches!(what, What::Desktop) {
        return desktop::run(&out);
    }
    let out = out.to_string_lossy();
    let arguments = ["run", "--release", "--quiet", "-p", "bench", "--", name, "--out", &out];
    commands::run(&folders::root(), &commands::cargo(), &arguments)
}
