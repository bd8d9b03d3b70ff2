//! `countersign forget`: an Organization's key is destroyed, once two administrators have signed it.

use clap::Subcommand;
use domain::legible;

use super::code::code;
use super::print::{self, Printer, time, waits};
use crate::Engine;
use crate::view::{ForgettingView, ForgettingsView, ForgottenSessionView, SessionPage, UiError};

#[derive(Subcommand)]
pub(super) enum ForgetCommand {
    /// List the Organizations that were forgotten, and what is proposed (administrators).
    List,
    /// Sign that an Organization is forgotten: its Recordings and whatever else is sealed under its key. Another administrator has
    /// to sign the same; then nothing brings it back.
    Propose {
        organization: String,
        /// Why, in 20 characters or more. It stays readable when nothing else is.
        #[arg(long)]
        justification: String,
        /// Of this moment; each is good once. `-` reads it from standard input.
        #[arg(long, value_parser = code)]
        code: String,
    },
    /// Sign what another administrator proposed: what was recorded is destroyed at once.
    Sign {
        #[arg(allow_hyphen_values = true)]
        proposal: String,
        /// Of this moment; each is good once. `-` reads it from standard input.
        #[arg(long, value_parser = code)]
        code: String,
    },
}

pub(super) async fn forget(engine: &Engine, command: ForgetCommand, printer: &Printer) -> Result<(), UiError> {
    let view = match command {
        ForgetCommand::List => engine.forgettings().await?,
        ForgetCommand::Propose { organization, justification, code } => {
            engine.propose_forgetting(&organization, &justification, &code).await?
        }
        ForgetCommand::Sign { proposal, code } => engine.countersign_forgetting(&proposal, &code).await?,
    };
    printer.show(&view, || in_words(&view));
    Ok(())
}

fn in_words(view: &ForgettingsView) -> String {
    let proposed = view.proposed.iter().map(|one| {
        let next = waits(one.signer_saw.as_deref(), "another administrator has to sign it");
        format!("{}\n  {}\n  {next}", legible(&one.id), line("proposed", one))
    });
    let all: Vec<String> = view.forgotten.iter().map(destroyed).chain(proposed).collect();
    if all.is_empty() { "None.".into() } else { all.join("\n\n") }
}

fn destroyed(one: &ForgettingView) -> String {
    match one.signer_saw.as_deref() {
        None => line("destroyed", one),
        saw => format!("{}\n  {}", line("destroyed", one), waits(saw, "")),
    }
}

fn line(what: &str, view: &ForgettingView) -> String {
    format!(
        "{} ({}) {what} on {}, as signed by {}: {}",
        legible(&view.organization.name),
        legible(&view.organization.id),
        time(view.at),
        legible(&view.by.join(" and ")),
        legible(&view.justification)
    )
}

/// A page of Sessions, with what the log has left of those that were forgotten.
pub(super) fn with_forgotten(page: &SessionPage) -> String {
    if page.forgotten.is_empty() {
        return print::sessions(&page.sessions);
    }
    let left = |one: &ForgottenSessionView| {
        format!("{}  {}  {}  {}", one.id, time(one.opened_at), one.scope, destroyed(&one.forgotten))
    };
    let sessions = page.sessions.iter().map(|one| print::sessions(std::slice::from_ref(one)));
    sessions.chain(page.forgotten.iter().map(left)).collect::<Vec<_>>().join("\n")
}
