//! `countersign reveal`: what marks in a Recording stand for, once a reviewer and a second person have signed.

use clap::Subcommand;
use domain::legible;

use super::code::code;
use super::print::{Printer, time, waits};
use crate::Engine;
use crate::view::{OriginalView, RevealView, UiError};

#[derive(Subcommand)]
pub(super) enum RevealCommand {
    /// List what was asked for in the last day.
    List,
    /// Sign that what marks of a sealed Recording stand for is shown on this computer (reviewers). A second person has to sign
    /// the same.
    Propose {
        #[arg(allow_hyphen_values = true)]
        session: String,
        /// The 16 digits of a mark; as often as there are.
        #[arg(long = "mark", required = true)]
        marks: Vec<String>,
        /// Why, in 20 characters or more.
        #[arg(long)]
        justification: String,
        /// Of this moment; each is good once. `-` reads it from standard input.
        #[arg(long, value_parser = code)]
        code: String,
    },
    /// Sign what a reviewer proposed (reviewers and approvers): they can read the values for a quarter of an hour.
    Sign {
        #[arg(allow_hyphen_values = true)]
        proposal: String,
        /// Of this moment; each is good once. `-` reads it from standard input.
        #[arg(long, value_parser = code)]
        code: String,
    },
    /// Read the values, on the computer that proposed it. Each time stands in the log.
    Read {
        #[arg(allow_hyphen_values = true)]
        proposal: String,
    },
}

pub(super) async fn reveal(engine: &Engine, command: RevealCommand, printer: &Printer) -> Result<(), UiError> {
    match command {
        RevealCommand::List => {
            let list = engine.reveals().await?;
            let words = || {
                if list.is_empty() {
                    "None.".into()
                } else {
                    list.iter().map(in_words).collect::<Vec<_>>().join("\n\n")
                }
            };
            printer.show(&list, words);
        }
        RevealCommand::Propose { session, marks, justification, code } => {
            let view = engine.propose_reveal(&session, &marks, &justification, &code).await?;
            printer.show(&view, || in_words(&view));
        }
        RevealCommand::Sign { proposal, code } => {
            let view = engine.countersign_reveal(&proposal, &code).await?;
            printer.show(&view, || in_words(&view));
        }
        RevealCommand::Read { proposal } => {
            let values = engine.read_marks(&proposal).await?;
            printer.show(&values, || values.iter().map(value).collect::<Vec<_>>().join("\n"));
        }
    }
    Ok(())
}

fn value(one: &OriginalView) -> String {
    format!("[masked {} {}]  {}", legible(&one.rule), legible(&one.mark), legible(&one.value))
}

fn in_words(view: &RevealView) -> String {
    let next = match (view.readable_until, view.is_own) {
        (None, _) => waits(view.signer_saw.as_deref(), "a second person has to sign it").to_owned(),
        (Some(until), true) => format!("to be read here until {}", time(until)),
        (Some(until), false) => {
            format!("to be read by {} until {}", legible(view.by.first().map_or("", String::as_str)), time(until))
        }
    };
    format!(
        "{}\n  {} of {} ({}), Session {} of {}\n  signed by {}, proposed on {}: {}\n  {next}",
        legible(&view.id),
        legible(&view.marks.join(", ")),
        legible(&view.organization.name),
        legible(&view.organization.id),
        legible(&view.session),
        legible(&view.whose),
        legible(&view.by.join(" and ")),
        time(view.at),
        legible(&view.justification),
    )
}
