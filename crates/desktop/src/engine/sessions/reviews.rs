use domain::SessionId;
use statement::{Directory, Enrolments, Review};
use wire::audit::{ReviewView as Shown, SessionDetail};

use super::manifest_digest;
use crate::engine::Inner;
use crate::joined::Joined;
use crate::show::{label, seconds};
use crate::view::{ReviewView, SignatureCheck, UiError};

impl Inner {
    /// The reviews, each verified here: signed on an enrolled Device by a reviewer who signed neither side, about this
    /// very Recording.
    pub(super) async fn reviews(
        &self,
        joined: &Joined,
        id: &SessionId,
        detail: &SessionDetail,
        took_part: &[String],
    ) -> Result<Vec<ReviewView>, UiError> {
        let tokens: Vec<&str> = tokens(detail).collect();
        let provider = joined.keys_for(&tokens).await?;
        let trust = &joined.file.trust;
        let manifest = detail.manifest.as_ref().map(manifest_digest);
        let enrols: Vec<&String> = detail.bundle.enrols.iter().chain(&detail.reviewer_enrols).collect();
        let verified = |shown: &Shown| {
            let directory = Directory::new(&tokens, trust, provider.as_of(shown.at)).ok()?;
            let (signed, who) = directory.verify::<Review>(&shown.statement).ok()?;
            signed.check_issued(&trust.gateway_id, self.now()).ok()?;
            let at = signed.payload().iat;
            Enrolments::derive(&enrols, &directory, trust, at).check_person(&who).ok()?;
            let body = signed.body();
            let right = body.session == *id
                && Some(&body.manifest) == manifest.as_ref()
                && (body.verdict, &body.note) == (shown.verdict, &shown.note)
                && who.roles.contains(&domain::Role::Reviewer)
                && !took_part.contains(&who.person.0);
            right.then_some((who.name, at))
        };
        let mut views = Vec::new();
        for shown in &detail.reviews {
            let mut signed = verified(shown);
            if signed.is_some() && self.saw_another_log(joined, &enrols, &shown.statement).await? {
                signed = None;
            }
            views.push(view(shown, signed));
        }
        Ok(views)
    }

    /// Whether the log that a reviewer saw is not the one that is seen from here. That breaks the log for good; the review that
    /// showed it does not count.
    async fn saw_another_log(&self, joined: &Joined, enrols: &[&String], review: &String) -> Result<bool, UiError> {
        for note in enrols.iter().copied().chain([review]).filter_map(|text| statement::seen_in(text)) {
            if self.disagrees(joined, &note).await?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Of everybody who signed a review, and of everybody who enrolled them.
fn tokens(detail: &SessionDetail) -> impl Iterator<Item = &str> {
    let reviewers = detail.reviews.iter().map(|r| &r.reviewer_token);
    reviewers.chain(&detail.reviewer_enrol_tokens).chain(&detail.bundle.pk_tokens).map(String::as_str)
}

fn view(shown: &Shown, signed: Option<(String, i64)>) -> ReviewView {
    let check = if signed.is_some() { SignatureCheck::ChecksOut } else { SignatureCheck::DoesNotMatch };
    let (name, at) = signed.unwrap_or_else(|| (shown.name.clone(), shown.at));
    ReviewView { name, at: seconds(at), verdict: label(&shown.verdict), note: shown.note.clone(), check }
}
