//! Measures what things cost beside something that everybody can judge, and writes `target/bench/NAME.json`.
//!
//! What it is not: a test of anything, and nothing that ships.

#[cfg(feature = "forge")]
mod gateway;
mod log;
mod measure;
mod recording;
mod role;
mod sessions;
#[cfg(feature = "forge")]
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
    /// How many Sessions the list is measured with.
    #[arg(long, default_value_t = 1_000_000)]
    sessions: u64,
    /// Measures the cases of the log, the Sessions or the gateway alone whose names begin like this.
    #[arg(long, default_value = "")]
    only: String,
}

#[derive(Clone, Copy, ValueEnum)]
enum What {
    #[cfg(feature = "forge")]
    Statement,
    Log,
    Recording,
    Sessions,
    #[cfg(feature = "forge")]
    Gateway,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    provider.install_default().map_err(|_| anyhow::anyhow!("another TLS provider is in use"))?;
    if role::be_it().await? {
        return Ok(());
    }
    let arguments = Arguments::parse();
    let cases: Vec<Case> = match arguments.what {
        #[cfg(feature = "forge")]
        What::Statement => statement::cases()?,
        #[cfg(feature = "forge")]
        What::Gateway => gateway::cases(&arguments.only).await?,
        What::Recording => recording::cases()?,
        What::Sessions => sessions::cases(arguments.sessions, &arguments.only).await?,
        What::Log => log::cases(arguments.entries, &arguments.only).await?,
    };
    for case in &cases {
        println!("{case}");
    }
    std::fs::write(&arguments.out, serde_json::to_vec_pretty(&cases)?)?;
    Ok(())
}
