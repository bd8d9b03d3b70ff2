//! A reviewer concludes something about a sealed Recording of which they signed neither side.

use domain::{Role, SessionId};
use serve::{ProblemResponse, refused};
use statement::{Payload, Refusal, Review, ReviewVerdict, Signed, Unverified, base64url_decode, sha256};
use wire::event::{Append, EventKind};

use crate::audit::Audit;
use crate::error::StoreError;
use crate::opening::one_line;
use crate::people::Person;
use crate::problem;
use crate::sequencer::NewReview;
use crate::store::{Detail, ExtensionRow, Seal, SessionRow};

/// Every check of a review; what comes out may be written down.
pub(crate) async fn verify(
    audit: &Audit,
    person: &Person,
    row: &SessionRow,
    detail: &Detail,
    seal: Option<&Seal>,
    compact: &str,
) -> Result<NewReview, ProblemResponse> {
    let signed = signature(audit, person, compact).map_err(|r| refused(&r))?;
    check_side(person, detail, &audit.reader.extensions(row).await?).map_err(|r| refused(&r))?;
    audit.roster.enrolments(audit).await?.check_person(&person.identity).map_err(|r| refused(&r))?;
    audit.check_seen(&signed.payload().seen).await?;
    let body = signed.body();
    if body.session != row.session {
        return Err(problem::conflict(
            "other-session",
            "The review is about another Session.",
            "Review the Session that is shown.",
        ));
    }
    let seal = seal.ok_or_else(|| {
        problem::conflict("not-sealed", "The Recording is not sealed yet.", "Review it when the Session has ended.")
    })?;
    if body.manifest != seal.manifest.digest().map_err(StoreError::Seal)? {
        return Err(problem::conflict(
            "other-manifest",
            "The review is about another Recording.",
            "Load the Session again and review it.",
        ));
    }
    Ok(NewReview {
        session: row.session.clone(),
        digest: signed.digest().clone(),
        token: person.identity.kid.clone(),
        verdict: word(body.verdict),
        at: signed.payload().iat,
        event: event(row, person, &signed),
    })
}

/// The statement is this caller's own, fresh, and by somebody who reviews.
fn signature(audit: &Audit, person: &Person, compact: &str) -> Result<Signed<Review>, Refusal> {
    let statement = Unverified::<Review>::read(compact)?;
    if *statement.kid() != person.identity.kid {
        return Err(Refusal::UnknownSigner);
    }
    let signed = statement.verify(&person.identity.device_key)?;
    signed.check_envelope(&audit.trust.gateway_id, audit.now())?;
    if !person.identity.roles.contains(&Role::Reviewer) {
        return Err(Refusal::MissingRole);
    }
    Ok(signed)
}

fn check_side(person: &Person, detail: &Detail, extensions: &[ExtensionRow]) -> Result<(), Refusal> {
    let own = &person.identity.person;
    let mut approvers = extensions.iter().flat_map(|e| &e.detail.approvers).chain(&detail.approvers);
    if detail.person == *own || approvers.any(|approver| approver == own) { Err(Refusal::SamePerson) } else { Ok(()) }
}

fn event(row: &SessionRow, person: &Person, signed: &Signed<Review>) -> Append {
    let mut event = Append::new(EventKind::ReviewSigned)
        .organization(&row.organization)
        .session(&row.session)
        .fact("verdict", word(signed.body().verdict))
        .fact("manifest", signed.body().manifest.to_string())
        .personal("reviewer", person.identity.person.to_string())
        .personal("reviewer-name", one_line(&person.identity.name))
        .statement(signed.compact())
        .statement(&person.pk_token);
    event.unique = Some(format!("review/{}", signed.digest()));
    event
}

/// A refused review.
pub(crate) fn refused_event(session: &SessionId, row: Option<&SessionRow>, compact: &str) -> Append {
    let mut event =
        Append::new(EventKind::ReviewRefused).session(session).fact("statement", sha256(compact).to_string());
    event.organization = row.map(|r| r.organization.clone());
    event
}

fn word(verdict: ReviewVerdict) -> &'static str {
    match verdict {
        ReviewVerdict::NothingToReport => "nothing-to-report",
        ReviewVerdict::Flagged => "flagged",
    }
}

/// What a stored review says; it was verified before it was stored.
pub(crate) fn body_of(compact: &str) -> Option<Review> {
    let payload = base64url_decode(compact.split('.').nth(1)?).ok()?;
    serde_json::from_slice::<Payload<Review>>(&payload).ok().map(|p| p.body)
}
