//! Which policy is in force, for advice: the gateway and the audit service find that out for themselves.

use policy::{NotAdopted, Policies};
use serve::{ProblemResponse, refused};
use statement::{Request, Unverified};
use tokio::sync::Mutex;
use wire::policies::LoggedPolicy;

use crate::broker::Broker;
use crate::problems::{self, Answer};

/// What the audit service answered, verified; nothing before the first look, and after a step whose outcome is not known.
#[derive(Debug)]
pub(crate) struct KnownPolicies {
    pinned: Policies,
    known: Mutex<Option<Known>>,
}

impl KnownPolicies {
    pub(crate) fn new(pinned: Policies) -> Self {
        Self { pinned, known: Mutex::new(None) }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) policies: Policies,
    pub(crate) logged: Vec<LoggedPolicy>,
}

impl Broker {
    pub(crate) async fn policies(&self) -> Answer<Known> {
        let mut kept = self.known_policies.known.lock().await;
        if let Some(known) = kept.as_ref() {
            return Ok(known.clone());
        }
        let logged = self.ledger.policies().await?.policies;
        let mut policies = self.known_policies.pinned.clone();
        if !logged.is_empty() {
            let keys = self.keys().await?;
            for one in &logged {
                policies = policies.follow(&one.adoption, &keys, self.now()).map_err(|why| {
                    tracing::error!(%why, "a policy of the log cannot be verified");
                    not_adopted(&why)
                })?;
                self.check_what_signers_saw(&one.adoption.enrols, &one.adoption.statements).await?;
            }
        }
        Ok(kept.insert(Known { policies, logged }).clone())
    }

    /// The chain, looked at again when it lacks the policy that this request names.
    pub(crate) async fn policies_named_in(&self, request: &str) -> Answer<Policies> {
        let request = Unverified::<Request>::read(request).map_err(|refusal| refused(&refusal))?;
        let known = self.policies().await?;
        if known.policies.named(&request.unverified_body().policy).is_some() {
            return Ok(known.policies);
        }
        self.forget_policies().await;
        Ok(self.policies().await?.policies)
    }

    /// The next one who asks looks at the log again.
    pub(crate) async fn forget_policies(&self) {
        *self.known_policies.known.lock().await = None;
    }
}

pub(crate) fn not_adopted(why: &NotAdopted) -> ProblemResponse {
    match why {
        NotAdopted::Refused(refusal) => refused(refusal),
        other => problems::not_a_successor(&other.in_short()),
    }
}
