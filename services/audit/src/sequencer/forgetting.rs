//! Destroying keys: an Organization's by two administrators' signatures, a Recording's by retention. The entry and the destroying
//! are one transaction; the files of the segments go afterwards, and at the next start when that comes in between.

use domain::{Digest, OrgId, SessionId, UnixSeconds};
use statement::Forgetting;
use wire::event::Append;

use super::{Done, Holder, NewEvent, Sequencer, Stop};
use crate::error::StoreError;
use crate::problem;
use crate::store::{forgetting_place, sql};
use crate::vault::Owner;

/// What was verified, and the entry about it.
pub(crate) struct NewForgetting {
    pub organization: OrgId,
    pub forgetting: Forgetting,
    pub enrols: Vec<Digest>,
    /// The administrators.
    pub signers: Vec<Holder>,
    pub event: Append,
}

/// A sealed Recording that was kept for as long as the policy says.
pub(crate) struct NewExpiry {
    pub session: SessionId,
    pub policy: Digest,
    /// Recordings that ended before this are destroyed.
    pub ended_before: UnixSeconds,
    pub at: UnixSeconds,
    pub event: Append,
}

/// A Recording of which nothing lies among the objects any more.
pub(crate) struct Swept(pub SessionId);

/// Not before everything has come that was recorded.
const RUNS: &str = "SELECT EXISTS (SELECT 1 FROM sessions s WHERE s.organization = ? \
     AND NOT EXISTS (SELECT 1 FROM seals e WHERE e.session = s.session))";
/// Whoever opened by break-glass, or signed for it, does not destroy what somebody else has yet to look at.
const OWED: &str = "SELECT EXISTS (SELECT 1 FROM permission_uses u JOIN sessions s ON s.session = u.session \
     WHERE ? IN (s.organization, s.session) AND NOT EXISTS (SELECT 1 FROM reviews r WHERE r.session = u.session))";

impl Sequencer {
    pub(super) async fn forget(&mut self, new: &NewForgetting) -> Result<Done, Stop> {
        let (organization, owner) = (new.organization.as_str(), Owner::of(Some(&new.organization)));
        if self.is_forgotten(&owner) {
            return Err(Stop::Refused(problem::organization_forgotten()));
        }
        if self.holds(RUNS, organization).await? {
            return Err(Stop::Refused(problem::sessions_run()));
        }
        if self.holds(OWED, organization).await? {
            return Err(Stop::Refused(problem::review_owed()));
        }
        let index = self.append(&NewEvent::own(new.event.clone())).await?;
        for enrol in &new.enrols {
            self.must_stand(enrol, "enrolled", "An enrolment").await?;
        }
        self.check_holders(&new.signers).await?;
        let forgetting = serde_json::to_vec(&new.forgetting).map_err(|_| StoreError::damaged("a forgetting"))?;
        sqlx::query("INSERT INTO forgotten (organization, idx, sealed) VALUES (?, ?, ?)")
            .bind(organization)
            .bind(sql(index))
            .bind(self.vault.seal(&Owner::of(None), &forgetting_place(organization), &forgetting)?)
            .execute(&mut self.connection)
            .await?;
        self.destroy_owner_key(&owner).await?;
        for text in [
            "UPDATE recording_keys SET wrapped = zeroblob(length(wrapped)) \
             WHERE opened_idx IN (SELECT opened_idx FROM sessions WHERE organization = ?)",
            "UPDATE sessions SET person_mark = x'' WHERE organization = ?",
            "UPDATE notices SET person_mark = x'' WHERE person_mark IS NOT NULL \
             AND session IN (SELECT session FROM sessions WHERE organization = ?)",
        ] {
            sqlx::query(text).bind(organization).execute(&mut self.connection).await?;
        }
        self.destroyed.push(owner);
        self.must_scrub = true;
        Ok(Done::Leaf(index))
    }

    /// The other keys are written anew: pages that once were arranged otherwise may hold copies of the one that goes.
    async fn destroy_owner_key(&mut self, owner: &Owner) -> Result<(), StoreError> {
        let keys: Vec<(String, Vec<u8>)> = sqlx::query_as("SELECT owner, wrapped FROM owner_keys WHERE owner <> ?")
            .bind(&owner.0)
            .fetch_all(&mut self.connection)
            .await?;
        sqlx::query("DELETE FROM owner_keys").execute(&mut self.connection).await?;
        for (owner, wrapped) in keys {
            sqlx::query("INSERT INTO owner_keys (owner, wrapped) VALUES (?, ?)")
                .bind(owner)
                .bind(wrapped)
                .execute(&mut self.connection)
                .await?;
        }
        Ok(())
    }

    pub(super) async fn expire(&mut self, new: &NewExpiry) -> Result<Done, Stop> {
        let row: Option<(i64, i64, bool)> = sqlx::query_as(
            "SELECT s.opened_idx, e.ended_at, EXISTS (SELECT 1 FROM expired x WHERE x.session = s.session) \
             OR EXISTS (SELECT 1 FROM forgotten f WHERE f.organization = s.organization) \
             FROM sessions s JOIN seals e ON e.session = s.session WHERE s.session = ?",
        )
        .bind(new.session.as_str())
        .fetch_optional(&mut self.connection)
        .await?;
        let Some((opened, _, false)) = row.filter(|(_, ended_at, _)| *ended_at < new.ended_before) else {
            return Err(Stop::Refused(problem::not_to_be_destroyed()));
        };
        if self.holds(OWED, new.session.as_str()).await? {
            return Err(Stop::Refused(problem::review_owed()));
        }
        self.check_in_force(&new.policy).await?;
        let index = self.append(&NewEvent::own(new.event.clone())).await?;
        sqlx::query("INSERT INTO expired (session, idx, at) VALUES (?, ?, ?)")
            .bind(new.session.as_str())
            .bind(sql(index))
            .bind(new.at)
            .execute(&mut self.connection)
            .await?;
        sqlx::query("UPDATE recording_keys SET wrapped = zeroblob(length(wrapped)) WHERE opened_idx = ?")
            .bind(opened)
            .execute(&mut self.connection)
            .await?;
        self.must_scrub = true;
        Ok(Done::Leaf(index))
    }

    /// The rows go last: as long as there is one, there may be a file.
    pub(super) async fn sweep(&mut self, swept: &Swept) -> Result<Done, Stop> {
        for text in ["DELETE FROM segments WHERE session = ?", "DELETE FROM originals WHERE session = ?"] {
            sqlx::query(text).bind(swept.0.as_str()).execute(&mut self.connection).await?;
        }
        Ok(Done::Kept)
    }

    /// Whether nothing is sealed for this owner any more; also when that was decided in this very transaction.
    pub(super) fn is_forgotten(&self, owner: &Owner) -> bool {
        self.vault.is_forgotten(owner) || self.destroyed.contains(owner)
    }

    /// Whose key what is written about an Organization is sealed under: of one that is forgotten, the company's. Nothing opens
    /// there any more, so that what is still written is who looked, and who was refused.
    pub(super) fn owner_of(&self, organization: Option<&OrgId>) -> Owner {
        let owner = Owner::of(organization);
        if self.is_forgotten(&owner) { Owner::of(None) } else { owner }
    }

    /// Nothing begins at a forgotten Organization.
    pub(super) fn check_remembered(&self, organization: &OrgId) -> Result<(), Stop> {
        let forgotten = self.is_forgotten(&Owner::of(Some(organization)));
        if forgotten { Err(Stop::Refused(problem::organization_forgotten())) } else { Ok(()) }
    }

    /// Committed: from here on nothing opens with them.
    pub(super) fn drop_destroyed(&mut self) {
        for owner in std::mem::take(&mut self.destroyed) {
            self.vault.forget(owner);
        }
    }

    /// Brings the write-ahead file into the database and cuts it off, so that no destroyed key is left in it. Readers that
    /// are in the way are waited for; when that takes too long it is tried again with the next job, and at the start.
    pub(super) async fn scrub(&mut self) -> Result<(), StoreError> {
        if self.must_scrub {
            let (busy,): (i64,) =
                sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&mut self.connection).await?;
            self.must_scrub = busy != 0;
            if self.must_scrub {
                tracing::warn!("the write-ahead file still holds what was destroyed; it is tried again");
            }
        }
        Ok(())
    }

    async fn holds(&mut self, text: &'static str, about: &str) -> Result<bool, StoreError> {
        let (holds,): (bool,) = sqlx::query_as(text).bind(about).fetch_one(&mut self.connection).await?;
        Ok(holds)
    }
}
