//! What two administrators signed in advance, and how often it was used. Counted inside the transaction that opens: the last use
//! is one Session's, and whoever is to be told is on the list before anything is open.

use domain::{Digest, PersonId, SessionId};
use statement::BreakGlassPermission;
use wire::event::{Append, EventKind};

use super::{Done, Holder, NewEvent, NewRecording, Sequencer, Stop};
use crate::error::StoreError;
use crate::problem;
use crate::store::{count, permission_place, sql};
use crate::vault::Owner;

/// A permission that was verified, and the entry about it.
pub(crate) struct NewPermission {
    pub id: Digest,
    pub uses: u32,
    pub permission: BreakGlassPermission,
    pub enrols: Vec<Digest>,
    /// The administrators.
    pub signers: Vec<Holder>,
    pub event: Append,
}

/// That a Session opens by a permission, and who is to be told.
pub(crate) struct NewUse {
    pub permission: Digest,
    /// How often it may be used at all.
    pub uses: u32,
    pub told: Vec<PersonId>,
    /// Where the Organization's contact is reached, if it has one.
    pub contact: Option<String>,
}

/// A notice that was seen or taken.
pub(crate) struct NewSeen {
    pub notice: u64,
    pub event: Append,
}

impl Sequencer {
    pub(super) async fn file_permission(&mut self, new: &NewPermission) -> Result<Done, Stop> {
        let index = self.append(&NewEvent::own(new.event.clone())).await?;
        for enrol in &new.enrols {
            self.must_stand(enrol, "enrolled", "An enrolment").await?;
        }
        self.check_holders(&new.signers).await?;
        let permission = serde_json::to_vec(&new.permission).map_err(|_| StoreError::damaged("a permission"))?;
        sqlx::query("INSERT INTO permissions (id, idx, uses, sealed) VALUES (?, ?, ?, ?)")
            .bind(new.id.as_str())
            .bind(sql(index))
            .bind(new.uses)
            .bind(self.vault.seal(&Owner::of(None), &permission_place(new.id.as_str()), &permission)?)
            .execute(&mut self.connection)
            .await?;
        Ok(Done::Leaf(index))
    }

    /// Which use of the permission this would be.
    pub(super) async fn next_use(&mut self, permission: &Digest) -> Result<u64, StoreError> {
        let (used,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM permission_uses WHERE permission = ?")
            .bind(permission.as_str())
            .fetch_one(&mut self.connection)
            .await?;
        Ok(count(used) + 1)
    }

    /// The use and everybody who is told of it, in the transaction that opens the Session.
    pub(super) async fn use_permission(&mut self, of: &NewRecording, new: &NewUse) -> Result<(), Stop> {
        let number = self.next_use(&new.permission).await?;
        if number > u64::from(new.uses) {
            return Err(Stop::Refused(problem::permission_used_up()));
        }
        let contact = if new.contact.is_some() { "configured" } else { "none" };
        let about = |kind| {
            let append = Append::new(kind).organization(&of.detail.organization.id).session(&of.session);
            append.fact("permission", new.permission.as_str())
        };
        let mut event = about(EventKind::BreakGlassUsed)
            .fact("use", number.to_string())
            .fact("uses", new.uses.to_string())
            .fact("told", new.told.len().to_string())
            .fact("contact", contact);
        event.unique = Some(format!("break-glass-use/{}/{number}", new.permission));
        let index = self.append(&NewEvent::own(event)).await?;
        sqlx::query("INSERT INTO permission_uses (permission, number, session, idx) VALUES (?, ?, ?, ?)")
            .bind(new.permission.as_str())
            .bind(sql(number))
            .bind(of.session.as_str())
            .bind(sql(index))
            .execute(&mut self.connection)
            .await?;
        for person in &new.told {
            let event = about(EventKind::NoticeMade).fact("to", "person").personal("told", &person.0);
            let mark = self.vault.mark(person)?;
            self.notice(&of.session, event, Some(mark)).await?;
        }
        if let Some(address) = &new.contact {
            let event = about(EventKind::NoticeMade).fact("to", "contact").personal("told", address);
            self.notice(&of.session, event, None).await?;
        }
        Ok(())
    }

    async fn notice(&mut self, session: &SessionId, event: Append, mark: Option<Vec<u8>>) -> Result<(), Stop> {
        let index = self.append(&NewEvent::own(event)).await?;
        sqlx::query("INSERT INTO notices (idx, session, person_mark) VALUES (?, ?, ?)")
            .bind(sql(index))
            .bind(session.as_str())
            .bind(mark)
            .execute(&mut self.connection)
            .await?;
        Ok(())
    }

    pub(super) async fn see_notice(&mut self, new: &NewSeen) -> Result<Done, Stop> {
        let index = self.append(&NewEvent::own(new.event.clone())).await?;
        sqlx::query("INSERT INTO notices_done (notice, idx) VALUES (?, ?)")
            .bind(sql(new.notice))
            .bind(sql(index))
            .execute(&mut self.connection)
            .await?;
        Ok(Done::Leaf(index))
    }
}
