mod asked;
mod entries;
mod export;
mod findings;
mod proof;
mod replaying;
mod request;
mod reviews;
mod watching;

use client::AuditClient;
use domain::{Digest, SessionId};
use statement::{Bundle, Directory, Review, ReviewVerdict};
use wire::audit::{SessionDetail, WhichSessions};
use wire::event::EventKind;
use wire::sessions::LARGEST_PAGE;

use super::{Engine, Inner, SignedIn};
use crate::fault::{call, fault};
use crate::joined::Joined;
use crate::show::{count, session, word};
use crate::view::{SessionCountView, SessionDetailView, SessionFilter, SessionPage, SessionView, UiError};
#[cfg(test)]
pub(crate) use asked::tests as asked_in_tests;
pub(crate) use asked::{AskedInPeriod, LoggedAsk, NotAskable, Then};
pub(super) use export::Exporting;
use request::{as_request, extended_by};
pub(super) use watching::{Seen, Watching};

impl Engine {
    /// A page of a list of Sessions.
    ///
    /// # Errors
    /// [`UiError`].
    pub async fn sessions(&self, filter: SessionFilter) -> Result<SessionPage, UiError> {
        let which = WhichSessions { limit: Some(LARGEST_PAGE), cursor: filter.cursor.clone(), ..which(&filter)? };
        let (joined, audit) = self.inner.audit().await?;
        let page = audit.sessions(&which).await.map_err(call("the audit service"))?;
        let forgotten = self.inner.forgotten_sessions(&joined, &audit, &page.forgotten).await?;
        let looked = page.looked.map(count);
        Ok(SessionPage { sessions: page.sessions.iter().map(session).collect(), forgotten, looked, next: page.next })
    }

    /// How many there are of the same list, whatever text is looked for in it.
    ///
    /// # Errors
    /// [`UiError`].
    pub async fn count_sessions(&self, filter: SessionFilter) -> Result<SessionCountView, UiError> {
        let (_, audit) = self.inner.audit().await?;
        let all = audit.count_sessions(&which(&filter)?).await.map_err(call("the audit service"))?;
        Ok(SessionCountView { sessions: count(all.sessions), more: all.more })
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
        let (_, audit) = self.inner.audit().await?;
        let filter =
            SessionFilter { organization, tokens: vec!["review:recording".into()], ..SessionFilter::default() };
        let mut query = WhichSessions { person: person.map(domain::PersonId), ..which(&filter)? };
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

/// What travels of a filter.
fn which(filter: &SessionFilter) -> Result<WhichSessions, UiError> {
    let none =
        |what: &str| fault("bad-form", format!("There is no such {what}."), "Choose one of those that are offered.");
    let words = filter.tokens.join("\n");
    Ok(WhichSessions {
        organization: filter.organization.as_deref().map(str::parse).transpose().map_err(|_| none("Organization"))?,
        person: filter.person.clone().map(domain::PersonId),
        scope: filter.scope.as_deref().map(|s| word(s).ok_or_else(|| none("Scope"))).transpose()?,
        from: filter.from.map(i64::from),
        to: filter.to.map(i64::from),
        filter: Some(words).filter(|words| !words.is_empty()),
        text: Some(filter.text.clone()).filter(|text| !text.trim().is_empty()),
        order: match filter.order.as_str() {
            "" => None,
            order => Some(word(order).ok_or_else(|| none("order"))?),
        },
        cursor: None,
        limit: None,
    })
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
