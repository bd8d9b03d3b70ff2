//! Which policy is in force: the pinned one, or the last that two administrators adopted. Each adoption is verified here and
//! stands in the log; the audit service only carries them.

use std::sync::Arc;

use domain::{Digest, UnixSeconds};
use policy::{InForce, NotAdopted, Policies};
use statement::{Bundle, Refusal, Request, Unverified};
use tokio::sync::Mutex;
use wire::policies::{LoggedPolicies, is_entry_of};

use super::Gate;
use super::words::{not_believed, not_reliable, refused};
use crate::log::LogError;
use crate::refused::Refused;

/// The audit service is asked no more often than this, in seconds: a stranger can name whatever policy they like.
const PAUSE_SECONDS: i64 = 2;

/// The chain as far as this run has verified it.
pub struct KnownPolicies(Mutex<Known>);

struct Known {
    policies: Policies,
    asked_at: Option<UnixSeconds>,
}

impl KnownPolicies {
    #[must_use]
    pub fn new(pinned: Policies) -> Self {
        Self(Mutex::new(Known { policies: pinned, asked_at: None }))
    }
}

impl Gate {
    /// The chain with the policy that a signer names. One that is not known is looked for at the audit service: whoever
    /// names it was shown it, and so nobody keeps this gateway at an older one.
    pub(super) async fn policies_with(&self, named: &Digest) -> Result<Policies, Refused> {
        let mut known = self.policies.0.lock().await;
        let now = self.clock.now();
        let asked_just_now = known.asked_at.is_some_and(|at| (0..PAUSE_SECONDS).contains(&(now - at)));
        if known.policies.named(named).is_none() && !asked_just_now {
            known.asked_at = Some(now);
            known.policies = self.look_for_policies(&known.policies).await?;
        }
        let found = known.policies.named(named).is_some();
        if found { Ok(known.policies.clone()) } else { Err(not_believed(&Refusal::OtherPolicy)) }
    }

    /// The same for the policy that this bundle's request names, and what it is verified with.
    pub(super) async fn policies_for(&self, bundle: &Bundle) -> Result<(Policies, Arc<InForce>), Refused> {
        let request = Unverified::<Request>::read(&bundle.request).map_err(|r| not_believed(&r))?;
        let named = &request.unverified_body().policy;
        let policies = self.policies_with(named).await?;
        let in_force = policies.named(named).cloned().ok_or_else(|| not_believed(&Refusal::OtherPolicy))?;
        Ok((policies, in_force))
    }

    async fn look_for_policies(&self, known: &Policies) -> Result<Policies, Refused> {
        let answer: LoggedPolicies =
            self.audit.get_json("/v1/policies").await.map_err(|e| not_reliable(&LogError::Call(e)))?;
        let head = self.log.head().await.map_err(|e| not_reliable(&e))?;
        let mut chain = known.clone();
        for logged in answer.policies.iter().skip(known.all().len() - 1) {
            let keys = self.provider_keys(&logged.adoption.pk_tokens).await?;
            let next = chain.follow(&logged.adoption, &keys, self.clock.now()).map_err(|why| not_in_force(&why))?;
            let proven = self.log.prove(logged.receipt.clone(), &head).await.map_err(|e| not_reliable(&e))?;
            if !is_entry_of(proven.event(), &logged.adoption, next.current().policy.heading().version) {
                return Err(not_reliable(&LogError::Broken("the entry of a policy is about something else")));
            }
            let saw = self.log.check_what_signers_saw(&logged.adoption.enrols, &logged.adoption.statements).await;
            saw.map_err(|e| not_reliable(&e))?;
            tracing::info!(policy = %next.current().policy.digest(), "another policy is in force");
            chain = next;
        }
        Ok(chain)
    }
}

fn not_in_force(why: &NotAdopted) -> Refused {
    tracing::error!(%why, "a policy of the log cannot be verified; what is signed under it opens nothing");
    refused(
        403,
        "other-policy",
        "The policy that this was signed under cannot be verified.",
        "Tell your administrators; nothing was opened.",
    )
}
