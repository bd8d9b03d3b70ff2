use std::path::Path;

use domain::legible;
use serde_json::json;

use super::args::Command;
use super::files::{self, copy};
use super::forget::with_forgotten;
use super::print::{self, Printer};
use crate::Engine;
use crate::fault::fault;
use crate::view::{ExchangeView, RecordingCheck, SessionFilter, UiError};

pub(super) async fn records(engine: &Engine, command: Command, printer: &Printer) -> Result<(), UiError> {
    match command {
        Command::Sessions { organization, person, scope, filters, text, order, csv } => {
            let filter =
                SessionFilter { organization, person, scope, tokens: filters, text, order, ..SessionFilter::default() };
            if let Some(file) = csv {
                let exported = engine.export_sessions(filter, &file).await?;
                printer.show(&exported, || format!("{} Sessions in {}", exported.sessions, exported.path));
                return Ok(());
            }
            let page = engine.sessions(filter).await?;
            printer.show(&page, || with_forgotten(&page));
        }
        Command::Session { session } => {
            let detail = engine.session(&session).await?;
            printer.show(&detail, || {
                let proof = format!(
                    "{} (entry {}, Checkpoint {})",
                    legible(&detail.proof.detail),
                    detail.proof.entry,
                    detail.proof.checkpoint
                );
                format!(
                    "{}\n{}\n{proof}",
                    print::sessions(std::slice::from_ref(&detail.session)),
                    print::request(&detail.request)
                )
            });
        }
        Command::Recording { session } => {
            let recording = engine.recording(&session).await?;
            printer.show(&recording, || {
                let line = |e: &ExchangeView| {
                    format!(
                        "{:>5} {} {} {} {}",
                        e.number,
                        legible(&e.method),
                        legible(&e.path),
                        e.status,
                        legible(&e.refused)
                    )
                };
                let gaps = recording.gaps.iter().map(|g| format!("    - {}", legible(&g.detail)));
                let lines = recording.exchanges.iter().map(line).chain(gaps);
                std::iter::once(legible(&recording.detail)).chain(lines).collect::<Vec<_>>().join("\n")
            });
            if recording.check == RecordingCheck::DoesNotMatch {
                return Err(fault("does-not-match", recording.detail, "Do not review it. Tell security."));
            }
        }
        Command::Review { session, verdict, note } => {
            let detail = engine.review(&session, &verdict, &note).await?;
            printer.show(&detail, || "The review is signed and in the log.".into());
        }
        Command::Entries { before } => {
            let list = engine.entries(before).await?;
            printer.show(&list, || print::entries(&list));
        }
        Command::Evidence { session, organization, from, to, out } => {
            let path = match (session, organization, from, to) {
                (Some(session), ..) => engine.make_evidence(&session).await?,
                (None, Some(organization), Some(from), Some(to)) => {
                    engine.make_period_evidence(&organization, from, to).await?
                }
                _ => return Ok(()),
            };
            let path = copy(&path, out)?;
            printer.show(&json!({ "path": path }), || path.display().to_string());
        }
        Command::Trust { file } => {
            let trust = engine.trust_file().await?;
            let text = serde_json::to_vec_pretty(&trust).unwrap_or_default();
            std::fs::write(&file, text)
                .map_err(|_| fault("file", format!("{} cannot be written.", file.display()), "Check the path."))?;
            printer.show(&json!({ "path": file }), || file.display().to_string());
        }
        Command::Verify { file, .. } => {
            let report = engine.verify_evidence(&file).await?;
            printer.show(&report, || report.to_string());
        }
        _ => {}
    }
    Ok(())
}

pub(super) fn verify_offline(trust: &Path, file: &Path, printer: &Printer) -> Result<(), UiError> {
    let report = crate::verify_file(file, &files::trust(trust)?)?;
    printer.show(&report, || report.to_string());
    Ok(())
}
