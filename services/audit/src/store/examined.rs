use domain::SessionId;
use wire::finding::Weighed;

use super::{Reader, count, sql};
use crate::error::StoreError;
use crate::store::SessionRow;
use crate::vault::Owner;

/// What the rules pointed at in one Recording.
#[derive(Debug, Clone)]
pub(crate) struct Examined {
    pub index: u64,
    /// Exactly as the entry's digest was taken.
    pub findings_json: String,
}

impl Reader {
    /// Sealed Recordings that nobody has looked at yet, oldest first.
    pub async fn unexamined(&self, most: u32) -> Result<Vec<SessionId>, StoreError> {
        let rows: Vec<(String,)> = sqlx::query_as(
            "SELECT session FROM seals WHERE session NOT IN (SELECT session FROM examined) \
             AND session NOT IN (SELECT session FROM expired) AND session NOT IN (SELECT s.session FROM sessions s \
             JOIN forgotten f ON f.organization = s.organization) ORDER BY idx LIMIT ?",
        )
        .bind(most)
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(|(session,)| session.parse().map_err(|_| StoreError::damaged("a Session's id"))).collect()
    }

    pub async fn examined(&self, of: &SessionRow) -> Result<Option<Examined>, StoreError> {
        let row: Option<(i64, Vec<u8>)> = sqlx::query_as("SELECT idx, findings FROM examined WHERE session = ?")
            .bind(of.session.as_str())
            .fetch_optional(&self.pool)
            .await?;
        let Some((index, sealed)) = row else { return Ok(None) };
        let damaged = || StoreError::damaged(format!("the findings of {}", of.session));
        let plain = self.vault.open(&Owner::of(Some(&of.organization)), &findings_place(&of.session), &sealed)?;
        let findings_json = String::from_utf8(plain).map_err(|_| damaged())?;
        Ok(Some(Examined { index: count(index), findings_json }))
    }

    /// How many Findings of each weight, once the rules have looked.
    pub async fn weighed(&self, session: &SessionId) -> Result<Option<Weighed>, StoreError> {
        let row: Option<(i64, i64, i64)> = sqlx::query_as("SELECT stop, look, note FROM examined WHERE session = ?")
            .bind(session.as_str())
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.map(|(stop, look, note)| Weighed { stop: count(stop), look: count(look), note: count(note) }))
    }

    /// How many exchanges this person's Sessions before this one had, newest first.
    pub async fn earlier_exchanges(&self, of: &SessionRow, mark: &[u8], most: u32) -> Result<Vec<u64>, StoreError> {
        let rows: Vec<(i64,)> = sqlx::query_as(
            "SELECT exchanges FROM sessions JOIN progress USING (session) \
             WHERE person_mark = ? AND opened_idx < ? ORDER BY opened_idx DESC LIMIT ?",
        )
        .bind(mark)
        .bind(sql(of.opened_index))
        .bind(most)
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(|(exchanges,)| count(exchanges)).collect())
    }

    /// Whether this person had a Session on the same Organization before this one.
    pub async fn was_here(&self, of: &SessionRow, mark: &[u8]) -> Result<bool, StoreError> {
        let (here,): (i64,) = sqlx::query_as(
            "SELECT EXISTS (SELECT 1 FROM sessions WHERE person_mark = ? AND organization = ? AND opened_idx < ?)",
        )
        .bind(mark)
        .bind(of.organization.as_str())
        .bind(sql(of.opened_index))
        .fetch_one(&self.pool)
        .await?;
        Ok(here != 0)
    }
}

/// Where the Findings of a Session are sealed.
pub(crate) fn findings_place(session: &SessionId) -> String {
    format!("countersign/findings/v1\0{session}")
}
