mod proof;

use client::{AuditClient, SessionQuery};
use domain::{Digest, SessionId};
use statement::{Directory, Review, ReviewVerdict};
use wire::audit::{LogEntry, ReviewView as ShownReview, SessionDetail};
use wire::event::EventKind;

use super::{Engine, Inner, SignedIn};
use crate::fault::{call, fault};
use crate::joined::Joined;
use crate::replay;
use crate::show::{count, label, seconds, session, word};
use crate::view::{
    EntryView, RecordingView, ReviewView, SessionDetailView, SessionFilter, SessionPage, SignatureCheck, UiError,
};

/// Entries of the log on one page.
const PAGE: u32 = 100;

impl Engine {
    /// Sessions, newest first.
    ///
    /// # Errors
    /// [`UiError`].
    pub async fn sessions(&self, filter: SessionFilter) -> Result<SessionPage, UiError> {
        let (_, audit) = self.inner.audit().await?;
        let query = SessionQuery {
            organization: filter.organization,
            person: filter.person,
            scope: filter.scope,
            from: filter.from.map(i64::from),
            to: filter.to.map(i64::from),
            cursor: filter.cursor,
        };
        let page = audit.sessions(&query).await.map_err(call("the audit service"))?;
        Ok(SessionPage { sessions: page.sessions.iter().map(session).collect(), next: page.next })
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

    /// The Recording of a Session, for replay. Looking at it is an entry in the log.
    ///
    /// # Errors
    /// [`UiError`].
    pub async fn recording(&self, id: &str) -> Result<RecordingView, UiError> {
        let id = session_id(id)?;
        let (_, audit) = self.inner.audit().await?;
        let exchanges = audit.frames(&id, "exchanges").await.map_err(call("the audit service"))?;
        let pages = audit.frames(&id, "dom").await.map_err(call("the audit service"))?;
        Ok(replay::recording(&exchanges, &pages))
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
        let manifest = self.inner.proven_manifest(&joined, &id, &detail).await?;
        let body = Review { manifest, note: note.trim().to_owned(), session: id.clone(), verdict };
        let statement = self.inner.sign(&joined, &person, body, 300)?;
        let receipt = audit.review(&id, &statement).await.map_err(call("the audit service"))?;
        let (event, _) = joined.log.prove(&receipt).await?;
        if event.kind != EventKind::ReviewSigned || !event.statements.contains(&statement::sha256(&statement)) {
            return Err(fault("other-receipt", "The audit service's receipt is not of this review.", "Tell security."));
        }
        self.session(id.as_str()).await
    }

    /// A page of the log, newest first, below `before`. Each entry's leaf is the one that the log hashes.
    ///
    /// # Errors
    /// [`UiError`].
    pub async fn entries(&self, before: Option<u32>) -> Result<Vec<EntryView>, UiError> {
        let (_, audit) = self.inner.audit().await?;
        let page = audit.events(before.map(u64::from), PAGE).await.map_err(call("the audit service"))?;
        page.events.iter().map(entry).collect()
    }
}

impl Inner {
    async fn show_session(
        &self,
        joined: &Joined,
        person: &SignedIn,
        id: &SessionId,
        detail: &SessionDetail,
    ) -> Result<SessionDetailView, UiError> {
        let proof = self.proof(joined, id, detail).await?;
        let provider = joined.keys_for(&detail.bundle.pk_tokens).await?;
        let shown =
            as_request(detail, Directory::new(&detail.bundle.pk_tokens, &joined.file.trust, &provider).ok().as_ref());
        let ground = crate::indenture::Ground { trust: &joined.file.trust, provider: &provider, now: self.now() };
        let request = crate::indenture::Indenture::verify(&shown, &ground).view(&person.identity);
        let me = &person.identity.person.0;
        let signers = std::iter::once(&request.left).chain(&request.right);
        let took_part: Vec<String> = signers.map(|s| s.person.clone()).collect();
        Ok(SessionDetailView {
            session: session(&detail.summary),
            reviewable: !took_part.contains(me)
                && proof.verified
                && detail.sealed.is_some()
                && person.identity.roles.contains(&domain::Role::Reviewer),
            request,
            proof,
            manifest: detail.manifest.as_ref().map(|m| manifest_digest(m).to_string()),
            reviews: self.reviews(joined, id, detail, &took_part).await?,
        })
    }

    /// The reviews, each verified here: signed by a reviewer who signed neither side, about this very Recording.
    async fn reviews(
        &self,
        joined: &Joined,
        id: &SessionId,
        detail: &SessionDetail,
        took_part: &[String],
    ) -> Result<Vec<ReviewView>, UiError> {
        let tokens: Vec<&str> = detail.reviews.iter().map(|r| r.reviewer_token.as_str()).collect();
        let provider = joined.keys_for(&tokens).await?;
        let manifest = detail.manifest.as_ref().map(manifest_digest);
        let verified = |shown: &ShownReview| {
            let directory = Directory::new([&shown.reviewer_token], &joined.file.trust, &provider).ok()?;
            let (signed, who) = directory.verify::<Review>(&shown.statement).ok()?;
            signed.check_issued(&joined.file.trust.gateway_id, self.now()).ok()?;
            let body = signed.body();
            let right = body.session == *id
                && Some(&body.manifest) == manifest.as_ref()
                && (body.verdict, &body.note) == (shown.verdict, &shown.note)
                && who.roles.contains(&domain::Role::Reviewer)
                && !took_part.contains(&who.person.0);
            right.then(|| (who.name, signed.payload().iat))
        };
        let view = |shown: &ShownReview| {
            let signed = verified(shown);
            let check = if signed.is_some() { SignatureCheck::ChecksOut } else { SignatureCheck::DoesNotMatch };
            let (name, at) = signed.unwrap_or_else(|| (shown.name.clone(), shown.at));
            ReviewView { name, at: seconds(at), verdict: label(&shown.verdict), note: shown.note.clone(), check }
        };
        Ok(detail.reviews.iter().map(view).collect())
    }

    /// The Evidence file of a Session.
    pub(super) async fn evidence(&self, audit: &AuditClient, id: &SessionId) -> Result<Vec<u8>, UiError> {
        audit.evidence(id).await.map_err(call("the audit service"))
    }
}

/// The request of a Session's bundle, in the form in which requests are shown. Nothing but the statements counts.
fn as_request(detail: &SessionDetail, directory: Option<&Directory<'_>>) -> wire::broker::RequestView {
    use statement::{Decision, Request, Unverified};
    use wire::broker::{DecisionView, RequestState, RequestView};
    let (summary, bundle) = (&detail.summary, &detail.bundle);
    let body = Unverified::<Request>::read(&bundle.request).ok();
    let at = body.as_ref().map_or(0, Unverified::issued_at);
    let decisions = bundle.decisions.iter().filter_map(|compact| {
        let decision = Unverified::<Decision>::read(compact).ok()?;
        let who = directory.and_then(|d| d.identity(decision.kid(), decision.issued_at()).ok());
        Some(DecisionView {
            statement: compact.clone(),
            person: who.as_ref().map_or_else(|| domain::PersonId(String::new()), |w| w.person.clone()),
            name: who.map(|w| w.name).unwrap_or_default(),
            verdict: decision.unverified_body().verdict,
            terms: decision.unverified_body().terms,
            comment: decision.unverified_body().comment.clone(),
            at: decision.issued_at(),
        })
    });
    RequestView {
        id: statement::sha256(&bundle.request),
        state: if summary.ended_at.is_some() { RequestState::Ended } else { RequestState::Open },
        request: bundle.request.clone(),
        requester: summary.person.clone(),
        requester_name: summary.name.clone(),
        organization: summary.organization.clone(),
        scope: body.as_ref().map_or(summary.scope, |b| b.unverified_body().scope),
        reason: summary.reason,
        ticket: summary.ticket.clone(),
        justification: body.as_ref().map(|b| b.unverified_body().justification.clone()).unwrap_or_default(),
        duration_seconds: body.as_ref().map_or(0, |b| b.unverified_body().duration_seconds),
        requested_at: at,
        until: summary.ends_at,
        decisions: decisions.collect(),
        session: Some(summary.session.clone()),
        session_ends_at: Some(summary.ends_at),
        ended_by: summary.ended_by.clone(),
        pk_tokens: bundle.pk_tokens.clone(),
        enrols: bundle.enrols.clone(),
    }
}

fn entry(shown: &LogEntry) -> Result<EntryView, UiError> {
    let event: wire::event::Event =
        serde_json::from_str(&shown.leaf).map_err(|_| altered("an entry is not an Event"))?;
    let opened: Vec<&str> = ["name", "requester-name", "reviewer-name", "person", "requester", "reviewer"]
        .iter()
        .filter_map(|field| shown.personal.get(*field).map(|s| (*field, s)))
        .filter(|(field, sealed)| matches_leaf(&event, field, sealed))
        .map(|(_, sealed)| sealed.value.as_str())
        .collect();
    #[expect(clippy::cast_precision_loss, reason = "JavaScript's numbers hold milliseconds for 285,000 years")]
    let at_ms = event.at as f64;
    Ok(EntryView {
        index: count(shown.index),
        at_ms,
        kind: label(&event.kind),
        source: label(&event.source),
        organization: event.organization.map(|o| o.to_string()).unwrap_or_default(),
        who: opened.first().map(|w| (*w).to_owned()).unwrap_or_default(),
        facts: event.facts.into_iter().collect(),
        leaf: shown.leaf.clone(),
    })
}

/// Whether an opened field is the one that the leaf commits to.
fn matches_leaf(event: &wire::event::Event, field: &str, sealed: &wire::audit::Sealed) -> bool {
    let Ok(salt) = statement::base64url_decode(sealed.salt.as_str()) else { return false };
    let committed = statement::sha256([salt.as_slice(), sealed.value.as_bytes()].concat());
    event.sealed.get(field) == Some(&committed)
}

pub(super) fn manifest_digest(manifest: &recording::Manifest) -> Digest {
    statement::sha256(serde_json::to_vec(manifest).unwrap_or_default())
}

pub(super) fn session_id(text: &str) -> Result<SessionId, UiError> {
    text.parse()
        .map_err(|_| fault("no-such-session", "This is not the id of a Session.", "Copy the whole id: 43 characters."))
}

pub(super) fn altered(why: &str) -> UiError {
    fault("does-not-match", format!("This Session's record does not hold: {why}."), "Do not review it. Tell security.")
}

#[cfg(test)]
mod tests;
