//! Offline verification of an Evidence file: public keys in, plain sentences out.
//!
//! It believes what `trust.json` pins (issuer and its keys, the log's key, the broker's attestation key, the first
//! administrators, the policy) and nothing that the file says about itself. What it is not: it fetches nothing, reads no
//! clock, and cannot tell whether the log's operator shows somebody else another log, but for what pinned witnesses
//! cosigned; the [`Report`] says so.

mod break_glass;
mod enrolled;
mod extensions;
mod file;
mod forgotten;
mod heads;
mod keys;
mod log;
mod opening;
mod period;
mod place;
mod policies;
mod proof;
mod recording;
mod rejected;
mod report;
mod reviews;
mod story;
mod summary;
mod witnessed;

pub use period::PeriodReport;
pub use proof::Proof;
pub use rejected::Rejected;
pub use report::Report;
pub use summary::summary;

use domain::{SessionId, UnixSeconds};
use statement::Opening;
use wire::event::Receipt;
use wire::evidence::{About as _, Content, Evidence};
use wire::join::TrustFile;

use crate::file::Kind;
use crate::log::{Entry, Log};
use crate::rejected::require;

/// An Evidence file of which everything holds.
#[derive(Debug)]
pub struct Proven {
    pub proof: Proof,
    /// By the order of their openings.
    pub sessions: Vec<ProvenSession>,
}

/// What was signed about one Session.
#[derive(Debug)]
pub struct ProvenSession {
    pub session: SessionId,
    /// Who asked for what, and who countersigned, under the policy that was in force.
    pub opening: Opening,
    /// When the gateway opened.
    pub opened_at: UnixSeconds,
    /// The version of that policy.
    pub version: u64,
    /// How many Approvals it asks for.
    pub approvals: u32,
}

/// Verifies the bytes of an Evidence file, of a Session or of a period, against what the caller pins.
///
/// # Errors
/// [`Rejected`] with the first part that does not hold, and why.
pub fn verify(bytes: &[u8], trust: &TrustFile) -> Result<Proof, Rejected> {
    prove(bytes, trust).map(|proven| proven.proof)
}

/// As [`verify`], for whoever goes on asking about what was signed, for example under another policy. The request and
/// every decision named the policy that was in force, and it admitted them; what another one says changes nothing of that.
///
/// # Errors
/// As [`verify`].
pub fn prove(bytes: &[u8], trust: &TrustFile) -> Result<Proven, Rejected> {
    let (kind, Evidence { content, heads, made, .. }) = file::read(bytes)?;
    let mut log = Log::new(&trust.trust)?;
    let entry = file::check_made(&made, &mut log)?;
    let sizes = heads::verify(&heads, &made, &entry, &mut log)?;
    let seen = witnessed::verify(&heads, &sizes, trust)?;
    let made = Made { receipt: &made, entry: &entry, seen: &seen };
    let proven = match kind {
        Kind::Period => period::verify(&content, trust, &mut log, &made)?,
        Kind::Forgotten => forgotten::verify(&content, trust, &mut log, &made)?,
        Kind::Session => session(&content, trust, &mut log, &made)?,
    };
    file::check_whole(&content, &entry)?;
    witnessed::check_quorum(&seen, trust, &log)?;
    Ok(proven)
}

fn session(content: &str, trust: &TrustFile, log: &mut Log, made: &Made<'_>) -> Result<Proven, Rejected> {
    let content: Content = file::canonical(content, "content")?;
    let (report, session) = one(&content, trust, log, made)?;
    let same = made.entry.event.session.as_ref() == Some(&content.session);
    require(same, "session", "the log's entry for this file is about another Session")?;
    file::check_entries(&content, made.entry)?;
    Ok(Proven { proof: Proof::Session(report), sessions: vec![session] })
}

/// What answers for the file.
struct Made<'a> {
    receipt: &'a Receipt,
    entry: &'a Entry,
    /// What pinned witnesses saw.
    seen: &'a [witnessed::Seen],
}

/// Everything about one Session.
fn one(
    content: &Content,
    trust: &TrustFile,
    log: &mut Log,
    made: &Made<'_>,
) -> Result<(Report, ProvenSession), Rejected> {
    // First what the log itself answers for: the file is of what its entries name, part by part.
    let logged = story::prove(content, log)?;
    let recording = recording::verify(content, &logged)?;
    let entered = enrolled::read(&content.enrolled, log)?;
    reviews::check_named(content, &logged.entries, &entered)?;
    // Then what was signed.
    let opened = opening::verify(content, trust)?;
    let story = story::verify(content, &opened, logged, made.entry, trust)?;
    let adopted = policies::logged(content, &opened, &story, log)?;
    let enrolled = enrolled::verify(content, &opened, &story, &entered, &trust.trust)?;
    let reviews = reviews::verify(content, &opened, &story, recording.as_ref(), &enrolled, &trust.trust)?;
    log.check_seen(content.seen().iter().map(String::as_str))?;
    let seen = opened.seen().chain(story.extensions.iter().flat_map(|e| e.opening.seen()));
    let seen = log.check_seen(seen.chain(reviews.iter().map(|r| r.seen.as_str())))?;
    let heads = report::Heads { made: made.receipt, log, seen, witnesses: made.seen };
    let report = report::write(content, &opened, &story, &adopted, &reviews, &heads);
    let version = opened.policies.current().policy.heading().version;
    let (approvals, opening) = (opened.approvals, opened.opening);
    let session = content.session.clone();
    Ok((report, ProvenSession { session, opening, opened_at: content.opened_at, version, approvals }))
}
