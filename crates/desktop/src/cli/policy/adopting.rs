use std::fmt::Write as _;

use domain::legible;
use serde::Serialize;

use super::args::{PolicyCommand, Signing};
use super::diff::diff_in_log;
use crate::Engine;
use crate::cli::files::read;
use crate::cli::print::{Printer, time, waits};
use crate::fault::fault;
use crate::view::{PoliciesView, UiError};

/// What is about the policy of the installation.
pub(in crate::cli) async fn adopting(
    engine: &Engine,
    command: PolicyCommand,
    printer: &Printer,
) -> Result<(), UiError> {
    let view = match command {
        PolicyCommand::Propose { file, signing } => sign(engine, &read(&file)?, &signing).await?,
        PolicyCommand::Adopt { digest, signing } => {
            let view = engine.policies().await?;
            let proposed = view.proposed.into_iter().find(|p| p.digest == digest).ok_or_else(|| nothing(&digest))?;
            sign(engine, &proposed.text, &signing).await?
        }
        PolicyCommand::Text { digest } => {
            let text = text(engine.policies().await?, &digest).ok_or_else(|| nothing(&digest))?;
            printer.show(&Text { digest: &digest, text: &text }, || text.trim_end_matches('\n').to_owned());
            return Ok(());
        }
        PolicyCommand::Diff(compared) => return diff_in_log(engine, &compared, printer).await,
        _ => engine.policies().await?,
    };
    printer.show(&view, || in_words(&view));
    Ok(())
}

async fn sign(engine: &Engine, text: &str, signing: &Signing) -> Result<PoliciesView, UiError> {
    engine.adopt_policy(text, &signing.comment, &signing.code).await
}

#[derive(Serialize)]
struct Text<'a> {
    digest: &'a str,
    text: &'a str,
}

fn text(view: PoliciesView, digest: &str) -> Option<String> {
    let adopted = view.adopted.into_iter().map(|p| (p.digest, p.text));
    let mut all = adopted.chain(view.proposed.into_iter().map(|p| (p.digest, p.text)));
    all.find(|(named, _)| named == digest).map(|(_, text)| text)
}

fn nothing(digest: &str) -> UiError {
    let title = format!("No policy here has the digest {}.", legible(digest));
    fault("no-such-policy", title, "Look at `countersign policy list`, and copy the whole digest.")
}

fn in_words(view: &PoliciesView) -> String {
    let mut out = String::from("In force, the newest last\n");
    for policy in &view.adopted {
        let by = match policy.at {
            None => "pinned by everybody".to_owned(),
            Some(at) => format!("adopted at {} by {}", time(at), policy.by.join(" and ")),
        };
        let _ = writeln!(
            out,
            "  {}  version {}, {}: {}",
            policy.digest,
            policy.version,
            legible(&policy.name),
            legible(&by)
        );
    }
    if !view.proposed.is_empty() {
        out.push_str("\nWaits for a second administrator\n");
    }
    for policy in &view.proposed {
        let who = if policy.mine { "you" } else { &policy.by };
        let _ = writeln!(
            out,
            "  {}  version {}, {}: proposed by {} at {}, until {}: {}",
            policy.digest,
            policy.version,
            legible(&policy.name),
            legible(who),
            time(policy.at),
            time(policy.until),
            legible(&policy.comment)
        );
        if let saw @ Some(_) = policy.signer_saw.as_deref() {
            let _ = writeln!(out, "    {}", waits(saw, ""));
        }
    }
    out.trim_end().to_owned()
}
