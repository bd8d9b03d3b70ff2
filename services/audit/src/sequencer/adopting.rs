//! Which policy is in force. Asked inside the transaction that writes: a Session opens under a policy before another one
//! replaces it, or not at all.

use domain::Digest;
use statement::{Adoption, Refusal};
use wire::event::{Append, Source};

use super::{Done, Holder, NewEvent, Sequencer, Stop};
use crate::error::StoreError;
use crate::store::{policy_place, sql};
use crate::vault::Owner;

/// A policy whose adoption was verified, and the entry about it.
pub(crate) struct NewPolicy {
    pub version: u64,
    pub digest: Digest,
    pub adoption: Adoption,
    /// The administrators.
    pub signers: Vec<Holder>,
    pub event: Append,
}

impl Sequencer {
    pub(super) async fn adopt(&mut self, new: &NewPolicy) -> Result<Done, Stop> {
        let event = NewEvent { source: Source::Broker, append: new.event.clone(), signer: None };
        let index = self.append(&event).await?;
        self.check_holders(&new.signers).await?;
        let adoption = serde_json::to_vec(&new.adoption).map_err(|_| StoreError::damaged("an adoption"))?;
        sqlx::query("INSERT INTO policies (version, idx, digest, sealed) VALUES (?, ?, ?, ?)")
            .bind(sql(new.version))
            .bind(sql(index))
            .bind(new.digest.as_str())
            .bind(self.vault.seal(&Owner::of(None), &policy_place(new.version), &adoption)?)
            .execute(&mut self.connection)
            .await?;
        Ok(Done::Leaf(index))
    }

    /// No policy was adopted since this one.
    pub(super) async fn check_in_force(&mut self, policy: &Digest) -> Result<(), Stop> {
        let last: Option<(String,)> = sqlx::query_as("SELECT digest FROM policies ORDER BY version DESC LIMIT 1")
            .fetch_optional(&mut self.connection)
            .await?;
        match last {
            Some((last,)) if last != policy.as_str() => Err(Stop::Refused(serve::refused(&Refusal::OtherPolicy))),
            _ => Ok(()),
        }
    }
}
