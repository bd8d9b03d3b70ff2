use domain::SessionId;
use recording::SecretKey;
use statement::sha256;

use super::{Done, Fold, NewBatch, NewEvent, NewRecording, NewReview, NewSeal, Sequencer, Stop};
use crate::error::StoreError;
use crate::store::{count, detail_place, keep_marks, recording_place, scope_word, sql};
use crate::vault::Owner;
use crate::{activity, problem};

/// Batches may come this far out of order.
const AHEAD: u64 = 1024;

/// What there is where a batch comes to.
struct BatchPlace {
    /// The first batch that is missing.
    next: u64,
    sealed: bool,
    activity: String,
    /// The digest of the batch with the same number.
    known: Option<String>,
    /// The batch behind the missing one is there.
    goes_on: bool,
}

impl Sequencer {
    pub(super) async fn open_recording(&mut self, new: &NewRecording) -> Result<Done, Stop> {
        let owner = Owner::of(Some(&new.detail.organization.id));
        self.keep_provider_keys(&new.provider_keys).await?;
        for token in &new.tokens {
            self.keep_statement(token).await?;
        }
        let mut event = new.event.clone();
        if let Some(used) = &new.used {
            let number = self.next_use(&used.permission).await?;
            event = event.fact("break-glass", used.permission.as_str()).fact("use", number.to_string());
        }
        let index = self.append(&NewEvent::own(event)).await?;
        // Behind the append: a Grant that was taken is told so, whatever ended its request since.
        self.check_standing(&new.signed).await?;
        self.check_in_force(&new.detail.policy).await?;
        let detail = serde_json::to_vec(&new.detail).map_err(|_| StoreError::damaged("a session's detail"))?;
        let key = self.vault.own_key(&owner)?;
        let wrapped = key.wrap(recording_place(&new.session).as_bytes(), &SecretKey::generate()?)?;
        sqlx::query(
            "INSERT INTO sessions (session, opened_idx, request, device, organization, person_mark, scope, opened_at, \
             ends_at, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(new.session.as_str())
        .bind(sql(index))
        .bind(new.request.as_str())
        .bind(new.device.as_str())
        .bind(&owner.0)
        .bind(self.vault.mark(&new.detail.person)?)
        .bind(scope_word(new.scope))
        .bind(new.opened_at)
        .bind(new.ends_at)
        .bind(self.vault.seal(&owner, &detail_place(&new.session), &detail)?)
        .execute(&mut self.connection)
        .await?;
        keep_marks(&mut self.connection, &self.vault, sql(index), &new.detail).await?;
        sqlx::query("INSERT INTO recording_keys (opened_idx, wrapped) VALUES (?, ?)")
            .bind(sql(index))
            .bind(wrapped)
            .execute(&mut self.connection)
            .await?;
        sqlx::query("INSERT INTO progress (session) VALUES (?)")
            .bind(new.session.as_str())
            .execute(&mut self.connection)
            .await?;
        if let Some(used) = &new.used {
            self.use_permission(new, used).await?;
        }
        Ok(Done::Leaf(index))
    }

    /// Keeps a batch as it came. The same batch again changes nothing; another one under its number is refused.
    pub(super) async fn take_batch(&mut self, new: &NewBatch) -> Result<Done, Stop> {
        let digest = sha256(&new.sealed);
        let place = self.place_of(new).await?;
        let next = place.next;
        match place.known {
            Some(known) if known == digest.as_str() => return Ok(Done::NextBatch(next)),
            Some(_) => return Err(Stop::Refused(problem::other_batch())),
            None if place.sealed => return Err(Stop::Refused(problem::recording_sealed())),
            None if new.number > next.saturating_add(AHEAD) => return Err(Stop::Refused(problem::too_far_ahead())),
            None => {}
        }
        sqlx::query(
            "INSERT INTO batches (session, number, digest, taken_at, sealed, plain_bytes) VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(new.session.as_str())
        .bind(sql(new.number))
        .bind(digest.as_str())
        .bind(self.clock.now())
        .bind(&new.sealed)
        .bind(sql(new.plain_bytes))
        .execute(&mut self.connection)
        .await?;
        let next = match next.checked_add(1) {
            Some(after) if new.number == next && place.goes_on => self.first_missing(&new.session, after).await?,
            Some(after) if new.number == next => after,
            _ => next,
        };
        self.count(new, next, &place.activity).await?;
        Ok(Done::NextBatch(next))
    }

    /// Where a batch comes to, asked for at once: each question to the database is a turn of its thread.
    async fn place_of(&mut self, new: &NewBatch) -> Result<BatchPlace, Stop> {
        let row: Option<(i64, bool, String, Option<String>, bool)> = sqlx::query_as(
            "SELECT p.next_batch, EXISTS (SELECT 1 FROM seals e WHERE e.session = p.session), p.activity, \
             (SELECT b.digest FROM batches b WHERE b.session = p.session AND b.number = ?2), \
             EXISTS (SELECT 1 FROM batches b WHERE b.session = p.session AND b.number = p.next_batch + 1) \
             FROM progress p WHERE p.session = ?1",
        )
        .bind(new.session.as_str())
        .bind(sql(new.number))
        .fetch_optional(&mut self.connection)
        .await?;
        let (next, sealed, activity, known, goes_on) = row.ok_or_else(|| Stop::Refused(problem::no_session()))?;
        Ok(BatchPlace { next: count(next), sealed, activity, known, goes_on })
    }

    async fn count(&mut self, new: &NewBatch, next: u64, before: &str) -> Result<(), Stop> {
        let progress = &new.progress;
        sqlx::query(
            "UPDATE progress SET next_batch = ?, exchanges = exchanges + ?, writes = writes + ?, refused = refused + ?, \
             activity = ? WHERE session = ?",
        )
        .bind(sql(next))
        .bind(sql(progress.exchanges))
        .bind(sql(progress.writes))
        .bind(sql(progress.refused))
        .bind(activity::join(before, &progress.activity))
        .bind(new.session.as_str())
        .execute(&mut self.connection)
        .await?;
        Ok(())
    }

    /// The segments are on disk; from here on they stand for the batches.
    pub(super) async fn fold(&mut self, fold: &Fold) -> Result<Done, Stop> {
        let (next, _) = self.state_of(&fold.session).await?;
        let (segments,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM segments WHERE session = ?")
            .bind(fold.session.as_str())
            .fetch_one(&mut self.connection)
            .await?;
        for (number, entry) in (count(segments)..).zip(&fold.entries) {
            if entry.number != number {
                return Err(Stop::Refused(problem::folded_already()));
            }
            let entry = serde_json::to_string(entry).map_err(|_| StoreError::damaged("a segment's entry"))?;
            sqlx::query("INSERT INTO segments (session, number, entry) VALUES (?, ?, ?)")
                .bind(fold.session.as_str())
                .bind(sql(number))
                .bind(entry)
                .execute(&mut self.connection)
                .await?;
        }
        if let Some(originals) = &fold.originals {
            sqlx::query("INSERT INTO originals (session, number, sealed) VALUES (?, ?, ?)")
                .bind(fold.session.as_str())
                .bind(sql(originals.number))
                .bind(&originals.sealed)
                .execute(&mut self.connection)
                .await?;
        }
        for number in &fold.batches {
            sqlx::query("UPDATE batches SET sealed = NULL WHERE session = ? AND number = ?")
                .bind(fold.session.as_str())
                .bind(sql(*number))
                .execute(&mut self.connection)
                .await?;
        }
        Ok(Done::NextBatch(next))
    }

    /// Every batch stands in a segment of the manifest; a batch that came in between makes the caller start again.
    pub(super) async fn seal(&mut self, new: &NewSeal) -> Result<Done, Stop> {
        let session = &new.manifest.session;
        let (_, sealed) = self.state_of(session).await?;
        if sealed {
            return Err(Stop::Refused(problem::recording_sealed()));
        }
        let (loose,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM batches WHERE session = ? AND sealed IS NOT NULL")
            .bind(session.as_str())
            .fetch_one(&mut self.connection)
            .await?;
        let (segments,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM segments WHERE session = ?")
            .bind(session.as_str())
            .fetch_one(&mut self.connection)
            .await?;
        let (batches,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM batches WHERE session = ?")
            .bind(session.as_str())
            .fetch_one(&mut self.connection)
            .await?;
        let same = count(batches) == new.batches;
        if !same || loose != 0 || count(segments) != new.manifest.segments.len() as u64 {
            return Err(Stop::Refused(problem::folded_already()));
        }
        if let Some(gap) = &new.gap {
            self.append(&NewEvent::own(gap.clone())).await?;
        }
        let index = self.append(&NewEvent::own(new.event.clone())).await?;
        let manifest = serde_json::to_string(&new.manifest).map_err(|_| StoreError::damaged("a manifest"))?;
        sqlx::query("INSERT INTO seals (session, idx, ended_at, reason, manifest) VALUES (?, ?, ?, ?, ?)")
            .bind(session.as_str())
            .bind(sql(index))
            .bind(new.ended_at)
            .bind(&new.reason)
            .bind(manifest)
            .execute(&mut self.connection)
            .await?;
        Ok(Done::Leaf(index))
    }

    pub(super) async fn review(&mut self, new: &NewReview) -> Result<Done, Stop> {
        let index = self.append(&NewEvent::own(new.event.clone())).await?;
        sqlx::query("INSERT INTO reviews (idx, session, digest, token, verdict, at) VALUES (?, ?, ?, ?, ?, ?)")
            .bind(sql(index))
            .bind(new.session.as_str())
            .bind(new.digest.as_str())
            .bind(new.token.as_str())
            .bind(new.verdict)
            .bind(new.at)
            .execute(&mut self.connection)
            .await?;
        Ok(Done::Leaf(index))
    }

    /// The next batch that is waited for, and whether the Recording is sealed.
    pub(super) async fn state_of(&mut self, session: &SessionId) -> Result<(u64, bool), Stop> {
        let row: Option<(i64, bool)> = sqlx::query_as(
            "SELECT next_batch, EXISTS (SELECT 1 FROM seals e WHERE e.session = p.session) FROM progress p WHERE session = ?",
        )
        .bind(session.as_str())
        .fetch_optional(&mut self.connection)
        .await?;
        row.map(|(next, sealed)| (count(next), sealed)).ok_or_else(|| Stop::Refused(problem::no_session()))
    }

    async fn first_missing(&mut self, session: &SessionId, from: u64) -> Result<u64, Stop> {
        let mut next = from;
        loop {
            let found: Option<(i64,)> = sqlx::query_as("SELECT 1 FROM batches WHERE session = ? AND number = ?")
                .bind(session.as_str())
                .bind(sql(next))
                .fetch_optional(&mut self.connection)
                .await?;
            if found.is_none() {
                return Ok(next);
            }
            next += 1;
        }
    }
}
