use domain::{OrgId, SessionId};
use wire::event::Append;

use super::{Done, Holder, NewEvent, Sequencer, Stop};
use crate::problem;

/// Marks that two people had opened, verified, and the entry about it.
pub(crate) struct NewRevealing {
    pub session: SessionId,
    pub organization: OrgId,
    pub signers: Vec<Holder>,
    pub event: Append,
}

impl Sequencer {
    /// Once, by nobody who is revoked, and not when there is nothing left to show.
    pub(super) async fn reveal(&mut self, new: &NewRevealing) -> Result<Done, Stop> {
        self.check_remembered(&new.organization)?;
        let (gone,): (bool,) = sqlx::query_as("SELECT EXISTS (SELECT 1 FROM expired WHERE session = ?)")
            .bind(new.session.as_str())
            .fetch_one(&mut self.connection)
            .await?;
        if gone {
            return Err(Stop::Refused(problem::recording_expired()));
        }
        let index = self.append(&NewEvent::own(new.event.clone())).await?;
        self.check_holders(&new.signers).await?;
        Ok(Done::Leaf(index))
    }
}
