//! The command line: the same engine, keys and rules as the windows, for people in terminals and for scripts. It can
//! do nothing that a window could not.

mod account;
mod args;
mod break_glass;
mod code;
mod factor;
mod files;
mod forget;
mod open;
mod policy;
mod print;
mod records;
mod reveal;
mod run;
mod watch;

use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser as _;
use keyring_core::CredentialStore;

use args::Arguments;
pub use files::data_dir;
use print::Printer;

/// Runs one command and waits for it. `args` begins with the program's name.
#[must_use]
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    run_with(args, None)
}

/// The same with another keyring than this computer's own.
#[must_use]
pub fn run_with(args: impl IntoIterator<Item = OsString>, keyring: Option<Arc<CredentialStore>>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(args) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are answers; everything else is a mistake.
            drop(error.print());
            return if error.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS };
        }
    };
    let printer = Printer::new(arguments.json);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("countersign: no threads: {error}");
            return ExitCode::FAILURE;
        }
    };
    let done = runtime.block_on(run::command(arguments, keyring, &printer));
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    if done { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
