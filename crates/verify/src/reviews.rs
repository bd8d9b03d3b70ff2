use std::collections::BTreeSet;

use domain::{Digest, Role, UnixSeconds};
use statement::{
    Directory, Enrol, Enrolments, Identity, Opening, Refusal, Review, ReviewVerdict, Signed, Trust, Unverified, sha256,
};
use wire::event::{EventKind, Source};
use wire::evidence::Content;

use crate::Rejected;
use crate::enrolled::{self, Enrolled, Entered};
use crate::log::Entry;
use crate::opening::Opened;
use crate::recording::SealedRecording;
use crate::rejected::require;
use crate::story::Story;

const TOKENS: &str = "reviewers' PK tokens";

/// A review that somebody other than the signers signed.
pub(crate) struct Reviewed {
    pub(crate) reviewer: Identity,
    pub(crate) verdict: ReviewVerdict,
    pub(crate) at: i64,
    pub(crate) index: u64,
    pub(crate) seen: String,
}

/// The log has an entry for each review and no other, and for whoever enrolled its signer; whose they are is asked later.
pub(crate) fn check_named(content: &Content, entries: &[Entry], entered: &[Entered<'_>]) -> Result<(), Rejected> {
    let signed = || entries.iter().filter(|e| e.event.kind == EventKind::ReviewSigned);
    require(signed().count() == content.reviews.len(), "reviews", "not the ones that the log names")?;
    let named = content.reviews.iter().map(sha256).all(|review| signed().any(|e| e.names(&review)));
    require(named, "reviews", "no entry of the log names one of them")?;
    enrolled::check_entered(&content.reviewer_enrols, entered)?;
    if content.reviews.is_empty() {
        return Ok(());
    }
    let tokens: BTreeSet<Digest> = content.reviewer_tokens.iter().map(sha256).collect();
    for review in &content.reviews {
        let review = Unverified::<Review>::read(review).map_err(|refusal| Rejected::new("review", refusal))?;
        require(tokens.contains(review.kid()), TOKENS, "the reviewer's is not among them")?;
    }
    for enrol in &content.reviewer_enrols {
        let enrol = Unverified::<Enrol>::read(enrol).map_err(|refusal| Rejected::new(enrolled::PART, refusal))?;
        require(tokens.contains(enrol.kid()), TOKENS, "that of whoever enrolled a reviewer is not among them")?;
    }
    Ok(())
}

/// Verifies every review against its entry and the sealed Recording.
pub(crate) fn verify(
    content: &Content,
    opened: &Opened,
    story: &Story,
    recording: Option<&SealedRecording>,
    enrolled: &Enrolled,
    trust: &Trust,
) -> Result<Vec<Reviewed>, Rejected> {
    let tokens = story.bundles(opened).flat_map(|b| &b.pk_tokens).chain(&content.reviewer_tokens);
    let tokens: BTreeSet<&String> = tokens.collect();
    let directories = opened
        .keys
        .each()
        .map(|(keys, until)| Ok((Directory::new(&tokens, trust, keys)?, until)))
        .collect::<Result<Vec<_>, Refusal>>()
        .map_err(|e| Rejected::new(TOKENS, e))?;
    let mut reviews = Vec::new();
    for compact in &content.reviews {
        let recording = recording.ok_or_else(|| Rejected::new("reviews", "of a recording that is not sealed"))?;
        let entry = entry_of(compact, story)?;
        let reviewed = verify_one(compact, entry, recording, &directories, enrolled, (opened, story), content, trust)?;
        require(!reviews.iter().any(|r: &Reviewed| r.index == reviewed.index), "reviews", "one stands there twice")?;
        reviews.push(reviewed);
    }
    Ok(reviews)
}

/// A reviewer may have signed in under another key set than the Session was opened with: while it was published.
fn signed<'d, 't>(
    compact: &str,
    directories: &'d [(Directory<'t>, UnixSeconds)],
) -> Result<(&'d Directory<'t>, Signed<Review>, Identity), Refusal> {
    let mut first = None;
    for (directory, until) in directories {
        match directory.verify::<Review>(compact) {
            Ok((review, reviewer)) if reviewer.signed_in_at <= *until => return Ok((directory, review, reviewer)),
            Ok(_) => first = first.or(Some(Refusal::RetiredProviderKey)),
            Err(refusal) => first = first.or(Some(refusal)),
        }
    }
    Err(first.unwrap_or(Refusal::UnknownProviderKey))
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

#[expect(clippy::too_many_arguments, reason = "each is another ground that one review stands on")]
fn verify_one(
    compact: &str,
    entry: &Entry,
    recording: &SealedRecording,
    directories: &[(Directory<'_>, UnixSeconds)],
    enrolled: &Enrolled,
    (opened, story): (&Opened, &Story),
    content: &Content,
    trust: &Trust,
) -> Result<Reviewed, Rejected> {
    let refused = |refusal| Rejected::new("review", refusal);
    let logged_at = entry.event.at.div_euclid(1000);
    let (directory, review, reviewer) = signed(compact, directories).map_err(refused)?;
    review.check_envelope(&trust.gateway_id, logged_at).map_err(refused)?;
    require(review.body().session == content.session, "review", "of another Session")?;
    require(review.body().manifest == recording.digest, "review", "of another recording")?;
    require(entry.index > recording.index, &entry.part(), "reviewed before it was sealed")?;
    require(reviewer.roles.contains(&Role::Reviewer), "review", "its signer is not a reviewer")?;
    let of = |opening: &'_ Opening| -> Vec<Identity> {
        opening.countersigners().cloned().chain([opening.request().identity.clone()]).collect()
    };
    let mut signers = story.openings(opened).flat_map(of);
    let apart = signers.all(|s| s.person != reviewer.person && s.device != reviewer.device);
    require(apart, "review", "its signer asked or countersigned")?;
    let enrols = story.bundles(opened).flat_map(|b| &b.enrols).chain(&content.reviewer_enrols);
    let enrols: Vec<&String> = enrols.filter(|enrol| enrolled.before(enrol, entry.index)).collect();
    let enrolments = Enrolments::derive(&enrols, directory, trust, logged_at);
    let enrolled = enrolments.check_person(&reviewer).is_ok();
    require(enrolled, "review", "nobody enrolled the Device that signed it")?;
    Ok(Reviewed {
        reviewer,
        verdict: review.body().verdict,
        at: review.payload().iat,
        index: entry.index,
        seen: review.payload().seen.clone(),
    })
}
