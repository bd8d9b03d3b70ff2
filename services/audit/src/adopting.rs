//! The policies of this installation: the pinned one, and each that two administrators put in the place of the one before.

use std::sync::Arc;

use policy::{InForce, NotAdopted, Policies};
use serve::{ProblemResponse, refused};
use statement::{ADMINISTRATORS_WAIT, Adoption};
use tokio::sync::Mutex;
use wire::event::{Append, EventKind, Receipt};
use wire::policies::{LoggedPolicies, LoggedPolicy};

use crate::audit::Audit;
use crate::opening::one_line;
use crate::problem;
use crate::sequencer::{Command, Holder, NewPolicy};

/// The chain, verified from the stored adoptions at the first look.
pub(crate) struct Adopting {
    pinned: Policies,
    known: Mutex<Option<Policies>>,
}

impl Adopting {
    pub(crate) fn new(pinned: Policies) -> Self {
        Self { pinned, known: Mutex::new(None) }
    }
}

impl Audit {
    /// Every policy so far. Who signed for them is verified here, whatever the store says.
    pub(crate) async fn policies(&self) -> Result<Policies, ProblemResponse> {
        let mut kept = self.adopting.known.lock().await;
        if let Some(policies) = kept.as_ref() {
            return Ok(policies.clone());
        }
        let policies = self.stored_policies().await?;
        Ok(kept.insert(policies).clone())
    }

    /// Two administrators adopted this one: it is in force once its entry is written.
    pub(crate) async fn adopt(&self, adoption: Adoption) -> Result<Receipt, ProblemResponse> {
        // The lock is held over the append, so that what is answered elsewhere is the chain of the log.
        let mut kept = self.adopting.known.lock().await;
        let policies = match kept.as_ref() {
            Some(policies) => policies.clone(),
            None => self.stored_policies().await?,
        };
        let keys = self.keys_for_tokens(&adoption.pk_tokens).await?;
        let next = policies.follow(&adoption, &keys, self.now()).map_err(|why| not_adopted(&why))?;
        self.check_adopters(next.current()).await?;
        self.check_what_signers_saw(&adoption.enrols, &adoption.statements).await?;
        let new = self.new_policy(next.current())?;
        let receipt = self.writer.perform(Command::Adopt(Box::new(new))).await?.receipt()?;
        *kept = Some(next);
        Ok(receipt)
    }

    /// What proves each, with the entry that says so.
    pub(crate) async fn logged_policies(&self) -> Result<LoggedPolicies, ProblemResponse> {
        let mut policies = Vec::new();
        for row in self.reader.policies(self.writer.head().size).await? {
            policies.push(LoggedPolicy { adoption: row.adoption, receipt: self.receipt(row.index).await? });
        }
        Ok(LoggedPolicies { policies })
    }

    async fn stored_policies(&self) -> Result<Policies, ProblemResponse> {
        let pinned = self.adopting.pinned.clone();
        let rows = self.reader.policies(self.writer.head().size).await?;
        if rows.is_empty() {
            return Ok(pinned);
        }
        let keys = self.known_keys(None).await?;
        rows.iter().try_fold(pinned, |chain, row| {
            chain.follow(&row.adoption, &keys, self.now()).map_err(|why| {
                tracing::error!(index = row.index, %why, "a stored policy cannot be verified");
                not_adopted(&why)
            })
        })
    }

    /// Whether each administrator's Device had waited, by every enrolment in the log.
    async fn check_adopters(&self, in_force: &InForce) -> Result<(), ProblemResponse> {
        let enrolments = self.roster.enrolments(self).await?;
        for signer in in_force.adopted.iter().flat_map(|(adopted, _)| adopted.signers()) {
            enrolments
                .check_waited(&signer.identity, signer.statement.payload().iat, ADMINISTRATORS_WAIT)
                .map_err(|refusal| refused(&refusal))?;
        }
        Ok(())
    }

    fn new_policy(&self, in_force: &Arc<InForce>) -> Result<NewPolicy, ProblemResponse> {
        let Some((adopted, adoption)) = &in_force.adopted else { return Err(problem::stopped()) };
        if self.now() >= adopted.signers().iter().map(|s| s.statement.payload().exp).min().unwrap_or_default() {
            return Err(refused(&statement::Refusal::Expired));
        }
        let version = in_force.policy.heading().version;
        let mut event = Append::new(EventKind::PolicyAdopted)
            .fact("policy", adopted.policy().as_str())
            .fact("version", version.to_string());
        for (n, signer) in adopted.signers().iter().enumerate() {
            event = event
                .fact("previous", signer.statement.body().previous.as_str())
                .personal(&format!("administrator-{n}"), signer.identity.person.to_string())
                .personal(&format!("administrator-name-{n}"), one_line(&signer.identity.name))
                .statement(signer.statement.compact());
        }
        event.unique = Some(format!("policy/{version}"));
        Ok(NewPolicy {
            version,
            digest: adopted.policy().clone(),
            adoption: adoption.clone(),
            signers: adopted.signers().iter().map(|s| Holder::of(&s.identity)).collect(),
            event,
        })
    }
}

pub(crate) fn not_adopted(why: &NotAdopted) -> ProblemResponse {
    match why {
        NotAdopted::Refused(refusal) => refused(refusal),
        other => problem::not_a_successor(&other.in_short()),
    }
}
