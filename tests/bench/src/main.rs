//! Measures what things cost beside something that everybody can judge, and writes `target/bench/NAME.json`.
//!
//! What it is not: a test of anything, and nothing that ships.

mod log;
mod measure;
mod statement;

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

use measure::Case;

#[derive(Parser)]
#[command(about = "Measures what things cost")]
struct Arguments {
    #[arg(value_enum)]
    what: What,
    /// Where the table is written as JSON.
    #[arg(long)]
    out: PathBuf,
    /// How large the log is in which proofs are made.
    #[arg(long, default_value_t = 10_000_000)]
    entries: u64,
}

#[derive(Clone, Copy, ValueEnum)]
enum What {
    Statement,
    Log,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let cases: Vec<Case> = match arguments.what {
        What::Statement => statement::cases()?,
        What::Log => log::cases(arguments.entries).await?,
    };
    for case in &cases {
        println!("{case}");
    }
    std::fs::write(&arguments.out, serde_json::to_vec_pretty(&cases)?)?;
    Ok(())
}
