use domain::Role;
use statement::{Directory, Enrolments, Identity, Review, ReviewVerdict, Signed, Trust, sha256};
use wire::event::{EventKind, Source};
use wire::evidence::Content;

use crate::Rejected;
use crate::log::Entry;
use crate::opening::Opened;
use crate::recording::SealedRecording;
use crate::rejected::require;
use crate::story::Story;

/// A review that somebody other than the signers signed.
pub(crate) struct Reviewed {
    pub(crate) reviewer: Identity,
    pub(crate) verdict: ReviewVerdict,
    pub(crate) at: i64,
    pub(crate) index: u64,
    pub(crate) seen: String,
    /// The bundle's chain of enrolments reaches the reviewer's Device too.
    pub(crate) enrolled: bool,
}

/// Verifies every review against its entry and the sealed Recording; no entry is left without its review.
pub(crate) fn verify(
    content: &Content,
    opened: &Opened,
    story: &Story,
    recording: Option<SealedRecording<'_>>,
    trust: &Trust,
) -> Result<Vec<Reviewed>, Rejected> {
    let logged = story.of(EventKind::ReviewSigned).count();
    require(logged == content.reviews.len(), "reviews", "not the ones that the log names")?;
    let tokens = opened.bundle.pk_tokens.iter().chain(&content.reviewer_tokens);
    let directory =
        Directory::new(tokens, trust, &opened.provider).map_err(|e| Rejected::new("reviewers' PK tokens", e))?;
    let mut reviews = Vec::new();
    for compact in &content.reviews {
        let recording =
            recording.as_ref().ok_or_else(|| Rejected::new("reviews", "of a recording that is not sealed"))?;
        let entry = entry_of(compact, story)?;
        let reviewed = verify_one(compact, entry, recording, &directory, opened, content, trust)?;
        require(!reviews.iter().any(|r: &Reviewed| r.index == reviewed.index), "reviews", "one stands there twice")?;
        reviews.push(reviewed);
    }
    Ok(reviews)
}

fn entry_of<'a>(compact: &str, story: &'a Story) -> Result<&'a Entry, Rejected> {
    let digest = sha256(compact);
    let entry = story
        .of(EventKind::ReviewSigned)
        .find(|e| e.names(&digest))
        .ok_or_else(|| Rejected::new("reviews", "no entry of the log names one of them"))?;
    require(entry.event.source == Source::Audit, &entry.part(), "the review was written by another service")?;
    Ok(entry)
}

fn verify_one(
    compact: &str,
    entry: &Entry,
    recording: &SealedRecording<'_>,
    directory: &Directory<'_>,
    opened: &Opened,
    content: &Content,
    trust: &Trust,
) -> Result<Reviewed, Rejected> {
    let refused = |refusal| Rejected::new("review", refusal);
    let logged_at = entry.event.at.div_euclid(1000);
    let (review, reviewer): (Signed<Review>, _) = directory.verify(compact).map_err(refused)?;
    review.check_envelope(&trust.gateway_id, logged_at).map_err(refused)?;
    require(review.body().session == content.session, "review", "of another Session")?;
    require(review.body().manifest == recording.digest, "review", "of another recording")?;
    require(entry.index > recording.entry.index, &entry.part(), "reviewed before it was sealed")?;
    require(reviewer.roles.contains(&Role::Reviewer), "review", "its signer is not a reviewer")?;
    let opening = &opened.opening;
    let mut signers = opening.decisions().iter().map(|d| &d.identity).chain([&opening.request().identity]);
    let apart = signers.all(|s| s.person != reviewer.person && s.device != reviewer.device);
    require(apart, "review", "its signer asked or countersigned")?;
    let enrolments = Enrolments::derive(&opened.bundle.enrols, directory, trust, logged_at);
    Ok(Reviewed {
        enrolled: enrolments.check(&reviewer).is_ok(),
        reviewer,
        verdict: review.body().verdict,
        at: review.payload().iat,
        index: entry.index,
        seen: review.payload().seen.clone(),
    })
}
