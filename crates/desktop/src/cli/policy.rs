//! `countersign policy`: for whoever writes the installation's policy. Most of it reads files and the compiled-in text, and
//! nothing else; `list`, `text`, `propose`, `adopt` and `diff --from` are about the installation that the profile joined.

mod adopting;
mod args;
mod cases;
mod check;
mod diff;
mod evidence;
mod requests;
mod show;
mod test;

use std::path::Path;

use ::policy::Policy;

pub(super) use adopting::adopting;
pub(super) use args::PolicyCommand;

use super::files::read;
use super::print::Printer;
use crate::fault::fault;
use crate::view::UiError;

/// What needs nobody to be signed in; `None` for the others.
pub(super) fn policy(command: &PolicyCommand, printer: &Printer) -> Option<Result<(), UiError>> {
    match command {
        PolicyCommand::Diff(compared) if compared.from.is_some() => None,
        PolicyCommand::List
        | PolicyCommand::Text { .. }
        | PolicyCommand::Propose { .. }
        | PolicyCommand::Adopt { .. } => None,
        read => Some(of_texts(read, printer)),
    }
}

fn of_texts(command: &PolicyCommand, printer: &Printer) -> Result<(), UiError> {
    match command {
        PolicyCommand::Show { file } => {
            let shown = show::Shown::of(&named_or_pinned(file.as_deref())?);
            printer.show(&shown, || shown.to_string());
            Ok(())
        }
        PolicyCommand::Check { file } => check::check(file, printer),
        PolicyCommand::Test { file, cases } => test::test(&of_file(file)?, cases, printer),
        PolicyCommand::Diff(asked) => diff::diff(asked, printer),
        _ => Ok(()),
    }
}

/// The policy of that file, or else the one that is compiled in.
fn named_or_pinned(file: Option<&Path>) -> Result<Policy, UiError> {
    file.map_or_else(|| Ok(Policy::compiled_in()), of_file)
}

fn of_file(file: &Path) -> Result<Policy, UiError> {
    let path = file.display();
    Policy::read(&read(file)?).map_err(|problem| {
        let look = format!("Look at `countersign policy check {path}`, which says all that is wrong.");
        fault("not-a-policy", format!("{path} is not a policy: {problem}."), look)
    })
}
