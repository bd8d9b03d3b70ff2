use std::fmt;

use ::policy::Policy;
use domain::{Digest, UnixSeconds};
use serde::Serialize;

use super::args::Compared;
use super::cases::cases;
use super::evidence::{Opened, Verdict, opened};
use super::requests::{count, requests};
use super::{named_or_pinned, of_file};
use crate::Engine;
use crate::cli::files::trust;
use crate::cli::print::Printer;
use crate::fault::fault;
use crate::policy_change::RequestUnder;
use crate::policy_change::asked::Asked;
use crate::policy_change::offers::{OfferChange, by_hours, changes};
use crate::policy_change::rules::{HeadingChange, RuleChange, heading, rules};
use crate::view::UiError;

/// What a change of the policy means, in general and for what was asked.
#[derive(Debug, Serialize)]
pub(super) struct Difference {
    old: Digest,
    new: Digest,
    heading: Vec<HeadingChange>,
    rules: Vec<RuleChange>,
    offers: Vec<OfferChange>,
    evidence: Option<Opened>,
    requests: Option<Vec<RequestUnder>>,
    asked: Option<Asked>,
    /// The outcome in one line.
    count: String,
}

/// What a change is held against besides the texts.
#[derive(Default)]
pub(super) struct Facts {
    pub(super) evidence: Option<Opened>,
    pub(super) requests: Option<Vec<RequestUnder>>,
    pub(super) asked: Option<Asked>,
}

pub(super) fn diff(asked: &Compared, printer: &Printer) -> Result<(), UiError> {
    let (old, new) = (named_or_pinned(asked.old.as_deref())?, of_file(&asked.new)?);
    tell(asked, &old, &new, None, printer)
}

/// The same, with what was asked in a period; compared with the policy in force unless another text is named.
pub(super) async fn diff_in_log(engine: &Engine, asked: &Compared, printer: &Printer) -> Result<(), UiError> {
    let (new, named) = (of_file(&asked.new)?, asked.old.as_deref().map(of_file).transpose()?);
    let (from, until) = (asked.from.unwrap_or(0), asked.to.unwrap_or(UnixSeconds::MAX));
    let period = engine.asked(from, until).await?;
    let old = named.unwrap_or_else(|| period.policies.current().policy.clone());
    tell(asked, &old, &new, Some(Asked::of(&period, &new)), printer)
}

fn tell(
    compared: &Compared,
    old: &Policy,
    new: &Policy,
    asked: Option<Asked>,
    printer: &Printer,
) -> Result<(), UiError> {
    let evidence = in_evidence(compared, new)?;
    let cases = compared.requests.as_deref().map(cases).transpose()?;
    let requests = cases.map(|cases| requests(old, new, &cases));
    let difference = Difference::of(old, new, Facts { evidence, requests, asked });
    printer.show(&difference, || difference.to_string());
    let rejected = difference.evidence.as_ref().map_or(0, |opened| opened.rejected.len());
    if rejected == 0 {
        return Ok(());
    }
    let message = format!("What does not verify counts for nothing: {rejected} of what lies in the folder.");
    Err(fault("rejected", message, "Ask the audit service for these files again, and take out what is no Evidence."))
}

/// Asks `new` about Sessions that hold under the policy that was in force when each was opened: the pinned one, or one that
/// the file proves to have been adopted since.
fn in_evidence(asked: &Compared, new: &Policy) -> Result<Option<Opened>, UiError> {
    let Some(folder) = &asked.evidence else { return Ok(None) };
    let file = asked.trust.as_ref().ok_or_else(|| {
        let message = "Evidence is believed only against what you pin, and nothing was named that does.";
        fault("no-trust", message, "Name the installation's trust file with --trust.")
    })?;
    opened(folder, &trust(file)?, new).map(Some)
}

impl Difference {
    pub(super) fn of(old: &Policy, new: &Policy, facts: Facts) -> Self {
        let Facts { evidence, requests, asked } = facts;
        let (rules, offers) = (rules(old, new), changes(old, new));
        let general = format!("Rules that differ: {}; offers that differ: {}", rules.len(), offers.len());
        let counts = evidence.iter().map(Opened::count).chain(requests.iter().map(|r| count(r)));
        let counts = counts.chain(asked.iter().map(Asked::count));
        let count = std::iter::once(general).chain(counts).collect::<Vec<_>>().join("; ") + ".";
        let heading = heading(old.heading(), new.heading());
        let (old, new) = (old.digest().clone(), new.digest().clone());
        Self { old, new, heading, rules, offers, evidence, requests, asked, count }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Old  {}\nNew  {}", self.old, self.new)?;
        section(f, "Heading", &self.heading)?;
        section(f, "Rules", &self.rules)?;
        section(f, "What an engineer is offered", by_hours(&self.offers))?;
        if let Some(opened) = &self.evidence {
            let differing = opened.sessions.iter().filter(|s| s.verdict != Verdict::AsBefore);
            section(f, "Sessions that were opened", differing)?;
            if !opened.rejected.is_empty() {
                section(f, "Not verified", &opened.rejected)?;
            }
        }
        if let Some(requests) = &self.requests {
            section(f, "Requests", requests.iter().filter(|r| r.old != r.new))?;
        }
        if let Some(asked) = &self.asked {
            section(f, "What was asked", asked.differing())?;
            if !asked.not_asked.is_empty() {
                section(f, "What no policy can be asked about", &asked.not_asked)?;
            }
            if !asked.others.is_empty() {
                section(f, "Refused without asking a policy about a request", &asked.others)?;
            }
        }
        write!(f, "\n{}", self.count)
    }
}

fn section<T: fmt::Display>(
    f: &mut fmt::Formatter<'_>,
    title: &str,
    differing: impl IntoIterator<Item = T>,
) -> fmt::Result {
    writeln!(f, "\n{title}")?;
    let mut none = true;
    for one in differing {
        writeln!(f, "  {one}")?;
        none = false;
    }
    if none { writeln!(f, "  Nothing differs.") } else { Ok(()) }
}

#[cfg(test)]
mod tests;
