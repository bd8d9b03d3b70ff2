//! Forgetting an Organization: what two administrators sign, and what is shown of what is gone. Neither is believed on a service's
//! word.

use client::AuditClient;
use domain::Role;
use policy::InForce;
use statement::{Directory, Enrolments, Forget, Refusal, Signer, Unverified, verify_forget, verify_forgetting};
use wire::forgetting::{ForgettingList, ForgottenSession, LoggedForgetting, ProposedForgetting, is_forgotten_by};

use super::factor::six_digits;
use super::{Engine, Inner, SignedIn};
use crate::fault::{call, fault};
use crate::joined::Joined;
use crate::show::{label, organization, seconds};
use crate::view::{ForgettingView, ForgettingsView, ForgottenSessionView, UiError};

/// An administrator signs; another one has this long to sign the same, in seconds.
const LIFE: i64 = 24 * 3600;

impl Engine {
    /// The Organizations that were forgotten, each verified here, and what is proposed.
    ///
    /// # Errors
    /// [`UiError`].
    pub async fn forgettings(&self) -> Result<ForgettingsView, UiError> {
        let (joined, person) = (self.inner.joined()?, self.inner.person().await?);
        let list = person.broker.forgettings().await.map_err(call("the broker"))?;
        self.inner.forgettings_view(&joined, &person, &list).await
    }

    /// Signs that an Organization is forgotten: alone it is a proposal.
    ///
    /// # Errors
    /// [`UiError`]: a form that cannot be signed, `wrong-code`, or the broker's refusal.
    pub async fn propose_forgetting(
        &self,
        organization: &str,
        justification: &str,
        code: &str,
    ) -> Result<ForgettingsView, UiError> {
        let person = self.inner.person().await?;
        let list = person.broker.organizations().await.map_err(call("the broker"))?;
        let organization = list.into_iter().find(|o| o.id.as_str() == organization).ok_or_else(|| {
            let title = "The Organization is not one that can be signed for.";
            fault("bad-form", title, "Choose one of the list; nothing was signed.")
        })?;
        let body = Forget { justification: justification.trim().to_owned(), organization };
        self.sign_forgetting(&person, body, code).await
    }

    /// Signs as the second administrator what another one signed, once that signature is verified here. What was recorded is
    /// destroyed then.
    ///
    /// # Errors
    /// As [`Self::propose_forgetting`], and `no-such-forgetting`.
    pub async fn countersign_forgetting(&self, id: &str, code: &str) -> Result<ForgettingsView, UiError> {
        let (joined, person) = (self.inner.joined()?, self.inner.person().await?);
        let list = person.broker.forgettings().await.map_err(call("the broker"))?;
        let policies = self.inner.refresh_policies(&joined, &person).await?;
        for one in &list.proposed {
            let proposed = self.inner.proposed_forgetting(&joined, policies.current(), one).await?;
            if let Some(signer) = proposed.filter(|s| s.statement.body().id().as_str() == id) {
                return self.sign_forgetting(&person, signer.statement.body().clone(), code).await;
            }
        }
        let next = "Look at `countersign forget list`, and copy the whole digest.";
        Err(fault("no-such-forgetting", "Nobody proposed to forget this.", next))
    }

    async fn sign_forgetting(&self, person: &SignedIn, body: Forget, code: &str) -> Result<ForgettingsView, UiError> {
        let code = six_digits(code)?;
        let joined = self.inner.joined()?;
        if !person.identity.roles.contains(&Role::Administrator) {
            return Err(fault("missing-role", "Only administrators sign this.", "Ask an administrator."));
        }
        self.inner.check_log(&joined).await?;
        // Whoever signs beside another signs for one log, also where the same words are typed once more.
        let list = person.broker.forgettings().await.map_err(call("the broker"))?;
        for one in list.proposed.iter().filter(|one| is_of(one, &body)) {
            joined.log.signers_agree(&one.forgetting.enrols, &one.forgetting.statements).await?;
        }
        let statement = self.inner.sign(&joined, person, body, LIFE)?;
        let mfa = self.inner.code_for(&joined, person, &statement, &code, None).await?;
        let list = person.broker.sign_forgetting(&statement, Some(mfa)).await.map_err(call("the broker"))?;
        self.inner.forgettings_view(&joined, person, &list).await
    }
}

impl Inner {
    /// What the log has left of these Sessions, each with the forgetting that two administrators signed.
    pub(super) async fn forgotten_sessions(
        &self,
        joined: &Joined,
        audit: &AuditClient,
        sessions: &[ForgottenSession],
    ) -> Result<Vec<ForgottenSessionView>, UiError> {
        if sessions.is_empty() {
            return Ok(Vec::new());
        }
        let person = self.person().await?;
        let policies = self.refresh_policies(joined, &person).await?;
        let mut forgotten = Vec::new();
        for logged in &audit.forgettings().await.map_err(call("the audit service"))?.forgettings {
            forgotten.push(self.forgotten(joined, policies.current(), logged).await?);
        }
        let shown = |one: &ForgottenSession| {
            let found = forgotten.iter().find(|f| f.organization.id == one.organization.as_str()).cloned();
            Ok(ForgottenSessionView {
                id: one.session.to_string(),
                scope: label(&one.scope),
                opened_at: seconds(one.opened_at),
                ends_at: seconds(one.ends_at),
                ended_at: one.ended_at.map(seconds),
                forgotten: found.ok_or_else(not_signed)?,
            })
        };
        sessions.iter().map(shown).collect()
    }

    async fn forgettings_view(
        &self,
        joined: &Joined,
        person: &SignedIn,
        list: &ForgettingList,
    ) -> Result<ForgettingsView, UiError> {
        let policies = self.refresh_policies(joined, person).await?;
        let mut view = ForgettingsView::default();
        for one in &list.forgettings {
            view.forgotten.push(self.forgotten(joined, policies.current(), one).await?);
        }
        for one in &list.proposed {
            let Some(signer) = self.proposed_forgetting(joined, policies.current(), one).await? else { continue };
            let (enrols, statements) = (&one.forgetting.enrols, &one.forgetting.statements);
            let held = joined.log.signers_agree(enrols, statements).await;
            let saw = joined.log.said_of(held, (enrols, statements), &[])?;
            view.proposed.push(shown(std::slice::from_ref(&signer), signer.statement.payload().iat, saw));
        }
        Ok(view)
    }

    /// What both administrators signed, and that exactly this stands in the log, as far as that is known.
    async fn forgotten(
        &self,
        joined: &Joined,
        in_force: &InForce,
        one: &LoggedForgetting,
    ) -> Result<ForgettingView, UiError> {
        let keys = joined.keys_for(&one.forgetting.pk_tokens).await?;
        let forgotten = verify_forgetting(&one.forgetting, &in_force.trust, &*keys, self.now()).map_err(|why| {
            tracing::error!(%why, "a forgetting cannot be verified");
            not_signed()
        })?;
        // As the entry says it; as the last one signed it, while the entry cannot be held to the log.
        let mut at = forgotten.signers().iter().map(|s| s.statement.payload().iat).max().unwrap_or_default();
        let held = async {
            let (event, _) = joined.log.prove(&one.receipt).await?;
            if !is_forgotten_by(&event, &forgotten) {
                return Err(not_signed());
            }
            at = event.at / 1000;
            joined.log.signers_agree(&one.forgetting.enrols, &one.forgetting.statements).await
        };
        let held = held.await;
        let saw = joined.log.said_of(held, (&one.forgetting.enrols, &one.forgetting.statements), &[&one.receipt])?;
        Ok(shown(forgotten.signers(), at, saw))
    }

    /// A proposal whose first signature holds; anything else is nothing that one could sign for.
    async fn proposed_forgetting(
        &self,
        joined: &Joined,
        in_force: &InForce,
        one: &ProposedForgetting,
    ) -> Result<Option<Signer<Forget>>, UiError> {
        let forgetting = &one.forgetting;
        let (keys, now) = (joined.keys_for(&forgetting.pk_tokens).await?, self.now());
        let verified = Directory::new(&forgetting.pk_tokens, &in_force.trust, &*keys).and_then(|directory| {
            let enrolments = Enrolments::derive(&forgetting.enrols, &directory, &in_force.trust, now);
            let first = forgetting.statements.first().ok_or(Refusal::TooFewAdministrators)?;
            verify_forget(first, &directory, &enrolments, &in_force.trust, now)
        });
        let Ok(signer) = verified.inspect_err(|why| tracing::warn!(%why, "a proposed forgetting is not shown")) else {
            return Ok(None);
        };
        Ok(Some(signer))
    }
}

fn is_of(one: &ProposedForgetting, body: &Forget) -> bool {
    let read = one.forgetting.statements.first().and_then(|first| Unverified::<Forget>::read(first).ok());
    read.is_some_and(|signed| signed.unverified_body().id() == body.id())
}

/// By whoever signed it, at least one.
fn shown(signers: &[Signer<Forget>], at: i64, saw: Option<&str>) -> ForgettingView {
    let body = signers.first().map(|signer| signer.statement.body());
    let body = body.unwrap_or_else(|| unreachable!("somebody signed it"));
    ForgettingView {
        id: body.id().to_string(),
        organization: organization(&body.organization),
        by: signers.iter().map(|s| s.identity.name.clone()).collect(),
        justification: body.justification.clone(),
        at: seconds(at),
        signer_saw: saw.map(str::to_owned),
    }
}

fn not_signed() -> UiError {
    let title = "It is said that an Organization was forgotten, and no two administrators signed that.";
    fault("does-not-match", title, "What is missing may have been taken away. Tell security.")
}
