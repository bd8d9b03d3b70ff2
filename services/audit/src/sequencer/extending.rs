use super::{Done, NewEvent, NewExtension, Sequencer, Stop};
use crate::error::StoreError;
use crate::problem;
use crate::store::{extension_place, sql};
use crate::vault::Owner;

impl Sequencer {
    /// Moves the end of a Session that is open, whole and not revoked. What was verified before this transaction was
    /// verified against an end that must still be the Session's.
    pub(super) async fn extend_recording(&mut self, new: &NewExtension) -> Result<Done, Stop> {
        self.keep_provider_keys(&new.provider_keys).await?;
        for token in &new.tokens {
            self.keep_statement(token).await?;
        }
        let index = self.append(&NewEvent::own(new.event.clone())).await?;
        // Behind the append, as at an opening: a Grant that was taken is told so first.
        let (_, sealed) = self.state_of(&new.session).await?;
        if sealed {
            return Err(Stop::Refused(problem::recording_sealed()));
        }
        self.check_end(new).await?;
        self.check_standing(&new.signed).await?;
        self.check_resumed(&new.session).await?;
        self.check_in_force(&new.detail.policy).await?;
        let owner = Owner::of(Some(&new.organization));
        let detail = serde_json::to_vec(&new.detail).map_err(|_| StoreError::damaged("an extension's detail"))?;
        sqlx::query(
            "INSERT INTO extensions (request, session, idx, extended_at, ends_at, detail) VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(new.request.as_str())
        .bind(new.session.as_str())
        .bind(sql(index))
        .bind(new.extended_at)
        .bind(new.ends_at)
        .bind(self.vault.seal(&owner, &extension_place(new.request.as_str()), &detail)?)
        .execute(&mut self.connection)
        .await?;
        Ok(Done::Leaf(index))
    }

    async fn check_end(&mut self, new: &NewExtension) -> Result<(), Stop> {
        let (end,): (i64,) = sqlx::query_as(
            "SELECT MAX(s.ends_at, COALESCE((SELECT MAX(x.ends_at) FROM extensions x WHERE x.session = s.session), 0)) \
             FROM sessions s WHERE s.session = ?",
        )
        .bind(new.session.as_str())
        .fetch_one(&mut self.connection)
        .await?;
        if end != new.ended_at {
            return Err(Stop::Refused(problem::folded_already()));
        }
        if self.clock.now() >= end { Err(Stop::Refused(problem::session_over())) } else { Ok(()) }
    }
}
