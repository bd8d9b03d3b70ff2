//! One program: the command line when a subcommand is given, the window otherwise.
#![cfg_attr(all(not(debug_assertions), target_os = "windows"), windows_subsystem = "windows")]

use std::process::ExitCode;

use countersign_app::{Start, run, start_of};

fn main() -> ExitCode {
    if rustls::crypto::aws_lc_rs::default_provider().install_default().is_err() {
        eprintln!("countersign: the cryptographic provider could not be set");
        return ExitCode::FAILURE;
    }
    let arguments = std::env::args_os().skip(1).map(|argument| argument.to_string_lossy().into_owned());
    let outcome = match start_of(arguments) {
        Start::CommandLine => return desktop::cli::run(std::env::args_os()),
        Start::Window(settings) => run(settings),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("countersign: {error:#}");
            ExitCode::FAILURE
        }
    }
}
