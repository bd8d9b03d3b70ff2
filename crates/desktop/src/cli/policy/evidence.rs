//! What another policy says to Sessions that were opened. Each was verified first, under the policy that was in force then.

mod words;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use ::policy::{Ask, Policy};
use domain::{Organization, ReasonCategory, Scope, SessionId, UnixSeconds};
use serde::Serialize;
use statement::Opening;
use verify::{Proven, ProvenSession};
use wire::join::TrustFile;

use crate::engine::prove_file;
use crate::engine::summary_path;
use crate::fault::fault;
use crate::policy_change::outcome::{Outcome, Refused};
use crate::view::UiError;

/// A folder of Evidence under another policy.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Opened {
    /// By when they were opened.
    pub(super) sessions: Vec<SessionUnder>,
    /// What did not verify, and so counts for nothing.
    pub(super) rejected: Vec<RejectedFile>,
}

#[derive(Debug, Serialize)]
pub(super) struct RejectedFile {
    pub(super) file: PathBuf,
    pub(super) why: String,
}

/// One Session, and what the other policy says to what was signed.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SessionUnder {
    pub(super) session: SessionId,
    pub(super) opened_at: UnixSeconds,
    organization: Organization,
    person: String,
    name: String,
    reason: ReasonCategory,
    scope: Scope,
    /// How many did.
    countersigned: usize,
    /// The version of the policy that it was opened under.
    version: u64,
    /// How many that one asks for.
    old: u32,
    pub(super) new: Outcome,
    pub(super) verdict: Verdict,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "word")]
pub(super) enum Verdict {
    AsBefore,
    /// It takes fewer countersigners.
    TakesFewer,
    /// It takes more countersigners, and as many had signed.
    TakesMore,
    /// It takes more countersigners than had signed.
    #[serde(rename_all = "camelCase")]
    TooFew {
        countersigners: u32,
    },
    Refused,
}

/// Verifies every file of the folder but summaries, and asks `new` about what holds.
pub(super) fn opened(folder: &Path, trust: &TrustFile, new: &Policy) -> Result<Opened, UiError> {
    let (mut sessions, mut rejected) = (BTreeMap::new(), Vec::new());
    for file in files(folder)? {
        match proven(&file, trust) {
            Ok(proven) => {
                for one in &proven.sessions {
                    sessions.entry((one.opened_at, one.session.to_string())).or_insert_with(|| under(new, one));
                }
            }
            Err(why) => rejected.push(RejectedFile { file, why }),
        }
    }
    Ok(Opened { sessions: sessions.into_values().collect(), rejected })
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, UiError> {
    let unreadable =
        || fault("file", format!("{} cannot be read.", folder.display()), "Name a folder of Evidence files.");
    let entries: Result<Vec<_>, _> = fs::read_dir(folder).map_err(|_| unreadable())?.collect();
    let mut files: Vec<PathBuf> = entries.map_err(|_| unreadable())?.into_iter().map(|entry| entry.path()).collect();
    files.sort_unstable();
    let summaries: Vec<PathBuf> = files.iter().map(|file| summary_path(file)).collect();
    files.retain(|file| !summaries.contains(file));
    if files.is_empty() {
        let message = format!("There is no Evidence in {}.", folder.display());
        return Err(fault("no-evidence", message, "Name a folder of Evidence files."));
    }
    Ok(files)
}

fn proven(file: &Path, trust: &TrustFile) -> Result<Proven, String> {
    // A pipe would be waited for.
    if !fs::metadata(file).is_ok_and(|is| is.is_file()) {
        return Err("It is not a file.".to_owned());
    }
    prove_file(file, trust).map_err(|error| error.message)
}

fn under(new: &Policy, proven: &ProvenSession) -> SessionUnder {
    let opening = &proven.opening;
    let (asked, who) = (opening.request().statement.body(), &opening.request().identity);
    let outcome = Outcome::from(new.admit(opening));
    let verdict = match &outcome {
        Outcome::Allowed(countersigners) if *countersigners < proven.approvals => Verdict::TakesFewer,
        Outcome::Allowed(countersigners) if *countersigners > proven.approvals => Verdict::TakesMore,
        Outcome::Allowed(_) => Verdict::AsBefore,
        Outcome::Refused(refused) => too_few(new, opening, refused).unwrap_or(Verdict::Refused),
    };
    SessionUnder {
        session: proven.session.clone(),
        opened_at: proven.opened_at,
        organization: opening.organization().clone(),
        person: who.person.to_string(),
        name: who.name.clone(),
        reason: asked.reason,
        scope: asked.scope,
        countersigned: opening.countersigners().count(),
        version: proven.version,
        old: proven.approvals,
        new: outcome,
        verdict,
    }
}

/// Whether only people are missing, and how many it takes: for what was asked, and for what was granted of it.
fn too_few(new: &Policy, opening: &Opening, refused: &Refused) -> Option<Verdict> {
    let asked = Ask::of(opening.request(), Some(opening.asked_with()));
    let takes = |ask: &Ask<'_>| new.evaluate(ask).ok().map(|allowed| allowed.approvals);
    let countersigners = takes(&asked)?.max(takes(&asked.on(opening.terms()))?);
    let more = countersigners as usize > opening.countersigners().count();
    (refused.code == "too-few-approvals" && more).then_some(Verdict::TooFew { countersigners })
}
