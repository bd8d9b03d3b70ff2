//! The one program over Countersign's three services: `broker`, `gateway` and `audit` run one role each, `all`
//! supervises the three on one computer, and `init` makes their folders, keys, certificates and the join file.
//!
//! What it is not: it holds no rule of the domain. Which statements open what is decided by the services' own crates.

mod arguments;
mod certificates;
mod init;
mod permissions;
mod renew;
mod rewrap;
mod role;
mod supervise;
mod trust;

use std::process::ExitCode;
use std::time::Duration;

use arguments::{Arguments, Command};
use clap::Parser as _;
use domain::{Clock as _, SystemClock};

/// A role that will refuse again however often it is started ends with this; the supervisor does not try again.
const REFUSED_TO_START: u8 = 2;
/// What a role still has under way when it has stopped, such as a write that waits for room on the disk, gets so long.
const LAST_MOMENT: Duration = Duration::from_millis(500);

fn main() -> ExitCode {
    if rustls::crypto::aws_lc_rs::default_provider().install_default().is_err() {
        eprintln!("countersignd: another TLS library was installed first");
        return ExitCode::FAILURE;
    }
    log_to_stderr();
    if let Err(error) = leave_no_core_file() {
        eprintln!(
            "countersignd: a crash would leave its keys in a file, and the system does not let that be kept from happening: {error}"
        );
        return ExitCode::FAILURE;
    }
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("countersignd: this computer gives no threads: {error}");
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(run());
    runtime.shutdown_timeout(LAST_MOMENT);
    code
}

/// A core file would hold the keys of a role and whatever it has in its hands.
fn leave_no_core_file() -> std::io::Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    Ok(setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?)
}

async fn run() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Init(arguments) => init::run(&arguments).await.map_err(refused),
        Command::Trust(arguments) => trust::run(&arguments).await.map_err(refused),
        Command::Certificates(arguments) => certificates::run(&arguments.dir, SystemClock.now()).map_err(refused),
        Command::Renew(arguments) => renew::run(&arguments, SystemClock.now()).map_err(refused),
        Command::Rewrap(arguments) => rewrap::run(&arguments).await.map_err(refused),
        Command::Broker(arguments) => role::broker(&arguments).await,
        Command::Gateway(arguments) => role::gateway(&arguments).await,
        Command::Audit(arguments) => role::audit(&arguments).await,
        Command::All(arguments) => supervise::run(&arguments.dir).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(role::Failure::Refused(error)) => {
            eprintln!("countersignd: {error:#}");
            ExitCode::from(REFUSED_TO_START)
        }
        Err(role::Failure::Broke(error)) => {
            eprintln!("countersignd: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn refused(error: anyhow::Error) -> role::Failure {
    role::Failure::Refused(error)
}

fn log_to_stderr() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_env_filter(filter).init();
}
