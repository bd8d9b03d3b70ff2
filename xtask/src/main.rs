//! The project's own tasks. `cargo xtask --help` lists them.

mod bench;
mod build;
mod certificate;
mod commands;
mod contracts;
mod demo;
mod desk;
mod ending;
mod faults;
mod folders;
mod fuzz;
mod http;
mod mutants;
mod outside;
mod packages;
mod process;
mod release;
mod replay;
mod services;
mod story;
mod test;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", version, about = "What the project does with itself")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Starts everything and opens the desktop app as engineer, approver, reviewer and administrator.
    Demo {
        /// Needs no display: walks the whole story by itself and leaves pictures under target/demo/.
        #[arg(long)]
        headless: bool,
    },
    /// Runs every test: the UI's, the workspace's, and the story over the command line.
    Test,
    /// Walks one story against the programs as they are built now.
    Story {
        #[arg(value_enum)]
        which: story::Which,
    },
    /// Takes one check at a time out of the verifier, in a copy, and fails when no test notices.
    Mutants {
        /// A file of crates/statement/src, without `.rs`; may be given again.
        #[arg(long, value_name = "FILE")]
        only: Vec<String>,
        /// Lists what would be tried.
        #[arg(long)]
        list: bool,
    },
    /// Measures what things cost, each beside something that everybody can judge.
    Bench {
        #[arg(value_enum)]
        what: bench::What,
    },
    /// Kills, stops and starves the real services in the middle of a Session, and holds what is left to what was answered.
    Faults(faults::Wanted),
    /// Holds key services that others wrote to what they owe: moto's AWS KMS, which is installed for it, and those named.
    Contracts {
        /// A file of lines `transit URL KEY TOKEN-FILE` and `aws-kms URL REGION KEY CREDENTIALS-FILE`.
        #[arg(long, value_name = "FILE")]
        services: Option<std::path::PathBuf>,
    },
    /// Has a witness and verifiers that others wrote look at a log: C2SP programs from the Python registry, which are installed for it.
    Outside {
        /// How many entries it has.
        #[arg(long, default_value_t = 104_000)]
        entries: u32,
        /// A Python of 3.12 or newer.
        #[arg(long)]
        python: Option<String>,
    },
    /// Holds replays to pictures of real pages: applications behind the real gateway, recorded, and played again.
    Replay(replay::Wanted),
    /// Fuzzes the parsers that strangers reach, guided by coverage.
    Fuzz {
        /// A target of tests/fuzz; all of them when none is named.
        target: Option<String>,
        /// How long each is tried.
        #[arg(long, default_value_t = 60)]
        seconds: u32,
    },
    /// Builds what ships and packs it for Debian.
    Release(release::Wanted),
    /// Writes the generated TypeScript bindings again.
    Bindings,
    /// Writes the documents of the services' calls (docs/api) and their TypeScript again.
    Api,
}

fn main() -> ExitCode {
    let task = Arguments::parse().task;
    match ending::on_signals().and_then(|()| run(task)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            ending::unless_interrupted();
            eprintln!("\n{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> anyhow::Result<()> {
    match task {
        Task::Demo { headless } => demo::run(headless),
        Task::Test => test::run(),
        Task::Story { which } => story::walk(which),
        Task::Mutants { only, list } => mutants::run(&only, list),
        Task::Bench { what } => bench::run(what),
        Task::Faults(wanted) => faults::run(&wanted),
        Task::Contracts { services } => contracts::run(services.as_deref()),
        Task::Outside { entries, python } => outside::run(entries, python.as_deref()),
        Task::Replay(wanted) => replay::run(&wanted),
        Task::Fuzz { target, seconds } => fuzz::run(target.as_deref(), seconds, None),
        Task::Release(wanted) => release::run(&wanted),
        Task::Bindings => build::bindings(),
        Task::Api => build::api(),
    }
}
