mod entries;
mod findings;
mod proof;
mod replaying;
mod request;
mod reviews;
mod watching;

use client::{AuditClient, SessionQuery};
use domain::{Digest, SessionId};
use statement::{Bundle, Directory, Review, ReviewVerdict};
use wire::audit::SessionDetail;
use wire::event::EventKind;

use super::{Engine, Inner, SignedIn};
use crate::fault::{call, fault};
use crate::joined::Joined;
use crate::show::{session, word};
use crate::view::{SessionDetailView, SessionFilter, SessionPage, SessionView, UiError};
use request::{as_request, extended_by};
pub(super) use watching::{Seen, Watching};

impl Engine {
    /// Sessions, newest first.
    ///
    /// # Errors
    /// [`UiError`].
    pub async fn sessions(&self, filter: SessionFilter) -> Result<SessionPage, UiError> {
        let (joined, audit) = self.inner.audit().await?;
        let query = SessionQuery {
            organization: filter.organization,
            person: filter.person,
            scope: filter.scope,
            from: filter.from.map(i64::from),
            to: filter.to.map(i64::from),
            cursor: filter.cursor,
        };
        let page = audit.sessions(&query).await.map_err(call("the audit service"))?;
        let forgotten = self.inner.forgotten_sessions(&joined, &audit, &page.forgotten).await?;
        Ok(SessionPage { sessions: page.sessions.iter().map(session).collect(), forgotten, next: page.next })
    }

    /// The Sessions that run now, of one Organization, of one person, or all.
    ///
    /// # Errors
    /// [`UiError`].
    pub async fn running_sessions(
        &self,
        organization: Option<String>,
        person: Option<String>,
    ) -> Result<Vec<SessionView>, UiError> {
        let (joined, audit) = self.inner.audit().await?;
        // No Session is longer than this.
        let from = self.inner.now() - joined.file.trust.limits.max_duration_seconds;
        let mut query = SessionQuery { organization, person, from: Some(from), ..SessionQuery::default() };
        let mut running = Vec::new();
        loop {
            let page = audit.sessions(&query).await.map_err(call("the audit service"))?;
            running.extend(page.sessions.iter().filter(|s| s.ended_at.is_none()).map(session));
            match page.next {
                Some(next) if query.cursor.as_ref() != Some(&next) => query.cursor = Some(next),
                _ => return Ok(running),
            }
        }
    }

    /// One Session with its signatures and its proof, both recomputed here.
    ///
    /// # Errors
    /// [`UiError`].
    pub async fn session(&self, id: &str) -> Result<SessionDetailView, UiError> {
        let id = session_id(id)?;
        let (joined, audit) = self.inner.audit().await?;
        let person = self.inner.person().await?;
        let detail = audit.session(&id).await.map_err(call("the audit service"))?;
        self.inner.show_session(&joined, &person, &id, &detail).await
    }

    /// Signs what a reviewer concludes about a Session: `nothing-to-report` or `flagged`.
    ///
    /// # Errors
    /// [`UiError`].
    pub async fn review(&self, id: &str, verdict: &str, note: &str) -> Result<SessionDetailView, UiError> {
        let verdict: ReviewVerdict = word(verdict).ok_or_else(|| {
            fault("bad-form", "A review says nothing-to-report or flagged.", "Choose one; nothing was signed.")
        })?;
        let id = session_id(id)?;
        let (joined, audit) = self.inner.audit().await?;
        let person = self.inner.person().await?;
        let detail = audit.session(&id).await.map_err(call("the audit service"))?;
        let manifest = self.inner.reviewed(&joined, &audit, &person, &id, &detail, verdict).await?;
        let body = Review { manifest, note: note.trim().to_owned(), session: id.clone(), verdict };
        let statement = self.inner.sign(&joined, &person, body, 300)?;
        let receipt = audit.review(&id, &statement).await.map_err(call("the audit service"))?;
        let (event, _) = joined.log.prove(&receipt).await?;
        if event.kind != EventKind::ReviewSigned || !event.statements.contains(&statement::sha256(&statement)) {
            return Err(fault("other-receipt", "The audit service's receipt is not of this review.", "Tell security."));
        }
        self.session(id.as_str()).await
    }
}

impl Inner {
    /// The manifest that this person may review now. Who finds nothing to report says so of a Recording that is, part by
    /// part, the one that was sealed; flagging one that is not stays possible.
    async fn reviewed(
        &self,
        joined: &Joined,
        audit: &AuditClient,
        person: &SignedIn,
        id: &SessionId,
        detail: &SessionDetail,
        verdict: ReviewVerdict,
    ) -> Result<Digest, UiError> {
        let manifest = self.proven_manifest(joined, id, detail).await?;
        if !person.identity.roles.contains(&domain::Role::Reviewer) {
            return Err(fault(
                "missing-role",
                "Only reviewers review Sessions.",
                "Ask a reviewer; nothing was signed.",
            ));
        }
        if !self.show_session(joined, person, id, detail).await?.reviewable {
            return Err(fault(
                "same-person",
                "Nobody reviews a Session that they asked for or countersigned.",
                "Ask another reviewer; nothing was signed.",
            ));
        }
        if verdict == ReviewVerdict::NothingToReport
            && let Err(error) = self.check_recording(joined, audit, id, detail).await
        {
            if error.code == "does-not-match" {
                let organization = Some(detail.summary.organization.id.clone());
                self.report(wire::broker::LocalCode::RecordingAltered, None, organization);
            }
            return Err(error);
        }
        Ok(manifest)
    }

    async fn show_session(
        &self,
        joined: &Joined,
        person: &SignedIn,
        id: &SessionId,
        detail: &SessionDetail,
    ) -> Result<SessionDetailView, UiError> {
        let proof = self.proof(joined, id, detail).await?;
        let provider = joined.keys_for(&detail.bundle.pk_tokens).await?.as_of(detail.summary.opened_at);
        let shown =
            as_request(detail, Directory::new(&detail.bundle.pk_tokens, &joined.file.trust, &provider).ok().as_ref());
        let in_force = self.policy_of(joined, &detail.bundle.request).await?;
        let ground = crate::indenture::Ground { trust: &in_force.trust, provider: &provider, now: self.now() };
        let request = crate::indenture::Indenture::verify(&shown, &ground).view(&person.identity);
        let me = &person.identity.person.0;
        let signers = std::iter::once(&request.left).chain(&request.right);
        let in_advance = signed_in_advance(&detail.bundle, &joined.file.trust);
        let mut took_part: Vec<String> = signers.map(|s| s.person.clone()).chain(in_advance).collect();
        for logged in &detail.extensions {
            let bundle: Bundle =
                serde_json::from_str(&logged.bundle_json).map_err(|_| altered("what extended it cannot be read"))?;
            let provider = joined.keys_for(&bundle.pk_tokens).await?.as_of(detail.summary.ends_at);
            let by = extended_by(&bundle, &joined.file.trust, &provider);
            took_part.extend(by.ok_or_else(|| altered("who extended it cannot be made out"))?);
        }
        Ok(SessionDetailView {
            session: session(&detail.summary),
            reviewable: !took_part.contains(me)
                && proof.verified
                && detail.sealed.is_some()
                && person.identity.roles.contains(&domain::Role::Reviewer),
            request,
            proof,
            manifest: detail.manifest.as_ref().map(|m| manifest_digest(m).to_string()),
            findings: self.findings(joined, id, detail).await?,
            reviews: self.reviews(joined, id, detail, &took_part).await?,
        })
    }
}

/// Who signed the break-glass permission of this bundle, by the tokens in it: they review nothing that it opened.
fn signed_in_advance(bundle: &Bundle, trust: &statement::Trust) -> Vec<String> {
    let statements = bundle.break_glass.iter().flat_map(|permission| &permission.statements);
    let kids: Vec<Digest> = statements
        .filter_map(|s| statement::Unverified::<statement::BreakGlass>::read(s).ok())
        .map(|s| s.kid().clone())
        .collect();
    let tokens = bundle.pk_tokens.iter().filter_map(|token| statement::PkToken::read(token).ok());
    let signed = tokens.filter(|token| kids.contains(token.digest()));
    signed.filter_map(|token| token.claimed(trust).ok()).map(|(person, _)| person.0).collect()
}

pub(super) fn manifest_digest(manifest: &recording::Manifest) -> Digest {
    statement::sha256(serde_json::to_vec(manifest).unwrap_or_default())
}

pub(in crate::engine) fn session_id(text: &str) -> Result<SessionId, UiError> {
    text.parse()
        .map_err(|_| fault("no-such-session", "This is not the id of a Session.", "Copy the whole id: 43 characters."))
}

pub(super) fn altered(why: &str) -> UiError {
    fault("does-not-match", format!("This Session's record does not hold: {why}."), "Do not review it. Tell security.")
}

#[cfg(test)]
mod tests;
