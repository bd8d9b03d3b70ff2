use domain::{OrgId, SessionId};
use wire::event::Append;
use wire::finding::Weighed;

use super::{Done, NewEvent, Sequencer, Stop};
use crate::store::{findings_place, sql};
use crate::vault::Owner;

/// What the rules pointed at in a sealed Recording, and the entry about it.
pub(crate) struct NewExamination {
    pub session: SessionId,
    pub organization: OrgId,
    pub weighed: Weighed,
    pub drawn: bool,
    pub findings_json: String,
    pub event: Append,
}

impl Sequencer {
    pub(super) async fn keep_examination(&mut self, new: &NewExamination) -> Result<Done, Stop> {
        self.check_remembered(&new.organization)?;
        let index = self.append(&NewEvent::own(new.event.clone())).await?;
        let owner = Owner::of(Some(&new.organization));
        let sealed = self.vault.seal(&owner, &findings_place(&new.session), new.findings_json.as_bytes())?;
        sqlx::query(
            "INSERT INTO examined (session, idx, stop, look, note, drawn, findings) VALUES (?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(new.session.as_str())
        .bind(sql(index))
        .bind(sql(new.weighed.stop))
        .bind(sql(new.weighed.look))
        .bind(sql(new.weighed.note))
        .bind(new.drawn)
        .bind(sealed)
        .execute(&mut self.connection)
        .await?;
        Ok(Done::Leaf(index))
    }
}
