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

use wire::join::TrustFile;

/// Verifies the bytes of an Evidence file against what the caller pins.
///
/// # Errors
/// [`Rejected`] with the first part that does not hold, and why.
pub fn verify(bytes: &[u8], trust: &TrustFile) -> Result<Report, Rejected> {
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
    Ok(report::write(&content, &opened, &story, &reviews, &report::Heads { made: &made, log: &log, joined, seen }))
}
