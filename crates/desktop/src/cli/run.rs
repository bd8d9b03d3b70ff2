use std::sync::Arc;

use domain::SystemClock;
use keyring_core::CredentialStore;

use super::account::{account, enrol, login, revoke};
use super::args::{Arguments, Command};
use super::break_glass::break_glass;
use super::factor::{enrol_code, recovery_codes, replace_factor, reset_factor};
use super::files::data_dir;
use super::forget::forget;
use super::open;
use super::policy::{adopting, policy};
use super::print::{self, Printer};
use super::records::{records, verify_offline};
use super::reveal::reveal;
use super::watch::watch;
use crate::view::{RequestForm, UiError};
use crate::{Engine, EngineConfig};

/// Carries out one command and prints its outcome. What it refused is told after the person was.
pub(super) async fn command(arguments: Arguments, keyring: Option<Arc<CredentialStore>>, printer: &Printer) -> bool {
    if let Command::Verify { trust: Some(trust), file } = &arguments.command {
        return printed(verify_offline(trust, file, printer), printer);
    }
    if let Command::Policy { command } = &arguments.command
        && let Some(done) = policy(command, printer)
    {
        return printed(done, printer);
    }
    let config = |arguments: &Arguments| {
        Ok::<_, UiError>(EngineConfig {
            profile: arguments.profile.clone(),
            data_dir: arguments.data_dir.clone().map_or_else(data_dir, Ok)?,
            keyring,
            clock: Arc::new(SystemClock),
        })
    };
    let engine = match config(&arguments).and_then(Engine::new) {
        Ok(engine) => engine,
        Err(error) => return printed(Err(error), printer),
    };
    let done = printed(carry_out(&engine, arguments.command, printer).await, printer);
    engine.settle().await;
    done
}

fn printed(outcome: Result<(), UiError>, printer: &Printer) -> bool {
    outcome.inspect_err(|error| printer.error(error)).is_ok()
}

async fn carry_out(engine: &Engine, command: Command, printer: &Printer) -> Result<(), UiError> {
    match command {
        Command::Open { request, code, certificate } => open::open(engine, &request, code, certificate, printer).await,
        Command::End { request } => open::end(engine, &request, printer).await,
        Command::Watch { session } => watch(engine, &session, printer).await,
        Command::Login { no_browser } => login(engine, no_browser, printer).await,
        Command::Enrol { person, device, code } => enrol(engine, &person, device, &code, printer).await,
        Command::Revoke { what } => revoke(engine, what, printer).await,
        Command::Policy { command } => adopting(engine, command, printer).await,
        Command::Forget { command } => forget(engine, command, printer).await,
        Command::Reveal { command } => reveal(engine, command, printer).await,
        Command::BreakGlass { command } => break_glass(engine, command, printer).await,
        Command::EnrolCode { code } => enrol_code(engine, code, printer).await,
        Command::ReplaceFactor { code } => replace_factor(engine, &code, printer).await,
        Command::RecoveryCodes { code } => recovery_codes(engine, &code, printer).await,
        Command::ResetFactor { person, reason, code } => reset_factor(engine, &person, &reason, &code, printer).await,
        command @ (Command::Key { .. }
        | Command::Join { .. }
        | Command::Status
        | Command::Logout
        | Command::Code { .. }
        | Command::Enrolments
        | Command::Devices { .. }
        | Command::Organizations
        | Command::CheckLog) => account(engine, command, printer).await,
        command @ (Command::Request { .. }
        | Command::Extend { .. }
        | Command::Requests { .. }
        | Command::Approve { .. }
        | Command::Deny { .. }
        | Command::Withdraw { .. }) => requests(engine, command, printer).await,
        command => records(engine, command, printer).await,
    }
}

async fn requests(engine: &Engine, command: Command, printer: &Printer) -> Result<(), UiError> {
    let view = match command {
        Command::Request { organization, reason, ticket, justification, scope, minutes, seconds } => {
            let duration_seconds = seconds.unwrap_or(minutes.saturating_mul(60));
            engine
                .sign_request(RequestForm { organization, reason, ticket, justification, scope, duration_seconds })
                .await?
        }
        Command::Extend { request, minutes, seconds, code } => {
            let more = seconds.unwrap_or(minutes.saturating_mul(60));
            engine.ask_for_more(&request, more, code).await?
        }
        Command::Approve { request, code, comment } => engine.approve(&request, &comment, &code).await?,
        Command::Deny { request, comment } => engine.deny(&request, &comment).await?,
        Command::Withdraw { request } => engine.withdraw(&request).await?,
        Command::Requests { view } if !["mine", "inbox", "decided"].contains(&view.as_str()) => {
            engine.request(&view).await?
        }
        Command::Requests { view } => {
            let list = engine.requests(&view).await?;
            printer.show(&list, || print::requests(&list));
            return Ok(());
        }
        _ => return Ok(()),
    };
    printer.show(&view, || print::request(&view));
    Ok(())
}
