//! The project's own tasks. `cargo xtask --help` lists them.

mod build;
mod commands;
mod demo;
mod desk;
mod folders;
mod http;
mod packages;
mod process;
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
    /// Writes the generated TypeScript bindings again.
    Bindings,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().task {
        Task::Demo { headless } => demo::run(headless),
        Task::Test => test::run(),
        Task::Bindings => build::bindings(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\n{error:#}");
            ExitCode::FAILURE
        }
    }
}
