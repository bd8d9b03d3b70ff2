//! What is revoked, and what that ends.

use domain::{Digest, PersonId};
use statement::Identity;

use crate::broker::Broker;
use crate::ledger::{LedgerError, Logged};
use crate::life::Life;
use crate::problems::Answer;
use crate::store::{DecisionRow, RequestRow, StoreError};

/// With these the audit service refuses an Event that it will never take.
const NEVER: [&str; 5] = ["bad-event", "bad-signature", "missing-role", "not-enrolled", "revoked"];

impl Broker {
    /// Whether this Device counts no more.
    pub(crate) async fn is_revoked(&self, who: &Identity) -> Result<bool, StoreError> {
        self.is_holder_revoked(&who.person, &who.device).await
    }

    /// Whether a request must not go on: it was revoked, or somebody who signed it.
    pub(crate) async fn is_cut(&self, row: &RequestRow, decisions: &[DecisionRow]) -> Result<bool, StoreError> {
        if self.store.is_grant_revoked(&row.id).await? || self.is_holder_revoked(&row.person, &row.device).await? {
            return Ok(true);
        }
        if let Some(permission) = &row.body.break_glass
            && self.is_permission_cut(permission).await?
        {
            return Ok(true);
        }
        for decision in decisions {
            if self.is_holder_revoked(&decision.person, &decision.device).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What follows a revocation, in a turn; after a crash, or while the audit service was away, what is still owed.
    pub(crate) async fn go_on_revoking(&self) -> Answer<()> {
        for id in self.store.live_requests().await? {
            // What is wrong with one request keeps no other open.
            if let Err(problem) = self.end_if_cut(&id).await {
                tracing::error!(request = %id, code = problem.code(), "a revoked request could not be ended; trying again");
            }
        }
        self.log_revocations().await
    }

    /// Ends what is cut and not open; what is open gets no lease any more.
    async fn end_if_cut(&self, id: &Digest) -> Answer<()> {
        self.finish(id).await?;
        let Some(row) = self.store.request(id).await? else { return Ok(()) };
        let decisions = self.store.decisions(id).await?;
        if !self.is_cut(&row, &decisions).await? {
            return Ok(());
        }
        let over = match row.life(&decisions) {
            Life::Waiting(waiting) => waiting.revoke(),
            Life::Approved(approved) => approved.revoke(),
            Life::Open(_) | Life::Over(_) => return Ok(()),
        };
        self.store.follow(id, row.standing.state, &Life::Over(over).standing()).await?;
        self.changed(id).await.map(drop)
    }

    /// Writes what is owed. What is refused for what it is stays out of the log; what else is refused is tried again, and
    /// keeps no other waiting.
    async fn log_revocations(&self) -> Answer<()> {
        for (digest, event) in self.store.unlogged_revocations().await? {
            let event = self.with_what_signers_saw(event).await;
            match Logged::write(&*self.ledger, &event).await {
                Ok(_) => self.store.owe_no_entry(&digest).await?,
                Err(LedgerError::Refused { code, why }) => {
                    tracing::error!(revocation = %digest, why, "a revocation is in force and out of the log");
                    if NEVER.contains(&code.as_str()) {
                        self.store.owe_no_entry(&digest).await?;
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    pub(crate) async fn is_holder_revoked(&self, person: &PersonId, device: &Digest) -> Result<bool, StoreError> {
        let first = self.trust.first_administrators.contains(device);
        self.store.is_revoked(person, device, first).await
    }
}
