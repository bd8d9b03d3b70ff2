//! Offline verification of an Evidence file: public keys in, plain sentences out.
//!
//! It believes what `trust.json` pins (issuer and its keys, the log's key, the broker's attestation key, the first
//! administrators, the policy) and nothing that the file says about itself. What it is not: it fetches nothing, reads no
//! clock, and cannot tell whether the log's operator shows somebody else another log; the [`Report`] says so.

mod enrolled;
mod file;
mod keys;
mod log;
mod opening;
mod recording;
mod rejected;
mod report;
mod reviews;
mod story;
mod summary;

pub use rejected::Rejected;
pub use report::Report;
pub use summary::summary;

use domain::UnixSeconds;
use statement::Opening;
use wire::join::TrustFile;

/// An Evidence file of which everything holds.
#[derive(Debug)]
pub struct Proven {
    pub report: Report,
    /// The signed facts: who asked for what, and who countersigned, under the pinned policy.
    pub opening: Opening,
    /// When the gateway opened.
    pub opened_at: UnixSeconds,
    /// How many Approvals the pinned policy asks for.
    pub approvals: u32,
}

/// Verifies the bytes of an Evidence file against what the caller pins.
///
/// # Errors
/// [`Rejected`] with the first part that does not hold, and why.
pub fn verify(bytes: &[u8], trust: &TrustFile) -> Result<Report, Rejected> {
    prove(bytes, trust).map(|proven| proven.report)
}

/// As [`verify`], for whoever goes on asking about what was signed, for example under another policy. The request and
/// every decision named the pinned policy, and it admitted them; what another one says changes nothing of that.
///
/// # Errors
/// As [`verify`].
pub fn prove(bytes: &[u8], trust: &TrustFile) -> Result<Proven, Rejected> {
    let (content, made) = file::read(bytes)?;
    let mut log = log::Log::new(&trust.trust)?;
    let made_event = file::check_made(&content, &made, &mut log)?;
    let content = file::read_content(&content)?;
    let opened = opening::verify(&content, trust)?;
    let story = story::verify(&content, &opened, &mut log, &made_event, &trust.trust)?;
    let recording = recording::verify(&content, &story)?;
    let enrolled = enrolled::verify(&content, &opened, &story, &mut log, &trust.trust)?;
    let reviews = reviews::verify(&content, &opened, &story, recording, &enrolled, &trust.trust)?;
    let seen = log.check_seen(opened.seen().chain(reviews.iter().map(|r| r.seen.as_str())))?;
    let joined = log.join(&made)?;
    let heads = report::Heads { made: &made, log: &log, joined, seen };
    let report = report::write(&content, &opened, &story, &reviews, &heads);
    Ok(Proven { report, opened_at: content.opened_at, approvals: opened.approvals, opening: opened.opening })
}
