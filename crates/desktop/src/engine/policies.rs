use std::sync::Arc;

use domain::Role;
use policy::{InForce, Policies};
use statement::{Adopt, Adoption, Request, Unverified, sha256};
use wire::policies::{LoggedPolicy, PolicyList, ProposedPolicy, is_entry_of};

use super::factor::six_digits;
use super::{Engine, Inner, SignedIn};
use crate::fault::{call, fault};
use crate::joined::Joined;
use crate::show::{key_short, seconds};
use crate::view::{AdoptedPolicyView, Notice, PoliciesView, ProposedPolicyView, UiError};

/// An administrator signs for a policy; another one has this long to sign too, in seconds.
const LIFE: i64 = 24 * 3600;

impl Engine {
    /// The policies of this installation, each verified here, and those that wait for a second administrator.
    ///
    /// # Errors
    /// [`UiError`].
    pub async fn policies(&self) -> Result<PoliciesView, UiError> {
        let (joined, person) = (self.inner.joined()?, self.inner.person().await?);
        let list = person.broker.policies().await.map_err(call("the broker"))?;
        self.inner.learn(&joined, &list.adopted).await?;
        self.inner.policies_view(&joined, &list).await
    }

    /// Signs for this text, with a code for exactly that: alone it is a proposal, as the second administrator it puts the
    /// policy in force.
    ///
    /// # Errors
    /// [`UiError`]: a text that cannot follow the policy in force, `same-person`, `wrong-code`, or the broker's refusal.
    pub async fn adopt_policy(&self, text: &str, comment: &str, code: &str) -> Result<PoliciesView, UiError> {
        let code = six_digits(code)?;
        let (joined, person) = (self.inner.joined()?, self.inner.person().await?);
        if !person.identity.roles.contains(&Role::Administrator) {
            return Err(fault("missing-role", "Only administrators sign for a policy.", "Ask an administrator."));
        }
        self.inner.check_log(&joined).await?;
        let list = person.broker.policies().await.map_err(call("the broker"))?;
        self.inner.learn(&joined, &list.adopted).await?;
        // Whoever signs beside another signs for one log.
        for one in list.proposed.iter().filter(|one| one.adoption.text == text) {
            joined.log.signers_agree(&one.adoption.enrols, &one.adoption.statements).await?;
        }
        let policies = joined.policies();
        let in_force = policies.current();
        in_force.successor(text).map_err(|why| {
            let next = "Look at `countersign policy check FILE`; nothing was signed.";
            fault("not-a-successor", format!("This cannot follow the policy in force: {why}."), next)
        })?;
        let body = Adopt {
            comment: comment.trim().to_owned(),
            policy: sha256(text),
            previous: in_force.policy.digest().clone(),
        };
        let statement = self.inner.sign(&joined, &person, body, LIFE)?;
        let mfa = self.inner.code_for(&joined, &person, &statement, &code, None).await?;
        let list = person.broker.sign_policy(text, &statement, Some(mfa)).await.map_err(call("the broker"))?;
        self.inner.learn(&joined, &list.adopted).await?;
        self.inner.tell(Notice::State);
        self.inner.policies_view(&joined, &list).await
    }
}

impl Inner {
    /// The policy that this request was signed under; the one in force when there is no such policy.
    pub(super) async fn policy_of(&self, joined: &Joined, request: &str) -> Result<Arc<InForce>, UiError> {
        let named = Unverified::<Request>::read(request).map(|r| r.unverified_body().policy.clone());
        let known = joined.policies();
        let Ok(named) = named else { return Ok(known.current().clone()) };
        if let Some(in_force) = known.named(&named) {
            return Ok(in_force.clone());
        }
        let known = self.refresh_policies(joined, &*self.person().await?).await?;
        Ok(known.named(&named).unwrap_or_else(|| known.current()).clone())
    }

    /// Asks the broker for what was adopted since, and believes none of it before it is verified.
    pub(super) async fn refresh_policies(&self, joined: &Joined, person: &SignedIn) -> Result<Policies, UiError> {
        let list = person.broker.policies().await.map_err(call("the broker"))?;
        self.learn(joined, &list.adopted).await?;
        Ok(joined.policies())
    }

    async fn learn(&self, joined: &Joined, logged: &[LoggedPolicy]) -> Result<(), UiError> {
        let mut chain = joined.policies();
        let before = chain.all().len();
        for one in logged.iter().skip(before - 1) {
            let keys = joined.keys_for(&one.adoption.pk_tokens).await?;
            chain = chain.follow(&one.adoption, &*keys, self.now()).map_err(|why| {
                let title = format!("The policy that the broker shows cannot be verified: {why}.");
                fault("policy-not-adopted", title, "Sign nothing. Tell security.")
            })?;
            in_the_log(joined, one, &chain).await?;
            joined.log.signers_agree(&one.adoption.enrols, &one.adoption.statements).await?;
        }
        if chain.all().len() > before {
            joined.set_policies(chain);
            self.tell(Notice::State);
        }
        Ok(())
    }

    async fn policies_view(&self, joined: &Joined, list: &PolicyList) -> Result<PoliciesView, UiError> {
        let policies = joined.policies();
        let adopted = policies.all().iter().map(|in_force| adopted_view(in_force)).collect();
        let mut proposed = Vec::new();
        for one in &list.proposed {
            proposed.extend(self.proposed_view(joined, policies.current(), one).await?);
        }
        Ok(PoliciesView { adopted, proposed })
    }

    /// A proposal whose first signature holds; anything else is nothing that one could sign for.
    async fn proposed_view(
        &self,
        joined: &Joined,
        in_force: &InForce,
        proposed: &ProposedPolicy,
    ) -> Result<Option<ProposedPolicyView>, UiError> {
        let Adoption { text, statements, enrols, pk_tokens, .. } = &proposed.adoption;
        let keys = joined.keys_for(pk_tokens).await?;
        let now = self.now();
        let verified = statement::Directory::new(pk_tokens, &in_force.trust, &*keys).and_then(|directory| {
            let enrolments = statement::Enrolments::derive(enrols, &directory, &in_force.trust, now);
            let first = statements.first().ok_or(statement::Refusal::TooFewAdministrators)?;
            statement::verify_adopt(first, &sha256(text), &directory, &enrolments, &in_force.trust, now)
        });
        let (Ok(signer), Ok(policy)) = (verified, in_force.successor(text)) else {
            tracing::warn!("a proposed policy is not shown: its signature or its text does not hold");
            return Ok(None);
        };
        let held = joined.log.signers_agree(enrols, statements).await;
        let saw = joined.log.said_of(held, (enrols, statements), &[])?;
        let allows_more = self.allows_more(in_force, &policy).await?;
        let me = self.live().person.as_ref().map(|p| p.identity.person.clone());
        Ok(Some(ProposedPolicyView {
            digest: policy.digest().to_string(),
            version: policy.heading().version.to_string(),
            name: policy.heading().name.clone(),
            text: text.clone(),
            by: signer.identity.name.clone(),
            key_short: key_short(&signer.identity.device),
            at: seconds(signer.statement.payload().iat),
            until: seconds(signer.statement.payload().exp),
            comment: signer.statement.body().comment.clone(),
            allows_more,
            mine: me.as_ref() == Some(&signer.identity.person),
            signer_saw: saw.map(str::to_owned),
        }))
    }
}

/// The entry about exactly this adoption stands in the log; `chain` ends with it.
async fn in_the_log(joined: &Joined, one: &LoggedPolicy, chain: &Policies) -> Result<(), UiError> {
    let (event, _) = joined.log.prove(&one.receipt).await?;
    if is_entry_of(&event, &one.adoption, chain.current().policy.heading().version) {
        return Ok(());
    }
    Err(fault(
        "policy-not-adopted",
        "The log's entry about the policy is about something else.",
        "Sign nothing. Tell security.",
    ))
}

fn adopted_view(in_force: &InForce) -> AdoptedPolicyView {
    let heading = in_force.policy.heading();
    let signers = in_force.adopted.iter().flat_map(|(adopted, _)| adopted.signers());
    let last = in_force.adopted.as_ref().map(|(adopted, _)| adopted.signed_at());
    AdoptedPolicyView {
        digest: in_force.policy.digest().to_string(),
        version: heading.version.to_string(),
        name: heading.name.clone(),
        text: in_force.policy.text().to_owned(),
        by: signers.clone().map(|s| s.identity.name.clone()).collect(),
        at: last.map(seconds),
        comments: signers.map(|s| s.statement.body().comment.clone()).collect(),
    }
}
