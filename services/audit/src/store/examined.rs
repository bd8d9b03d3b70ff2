use std::collections::{BTreeMap, HashMap};

use domain::{ReasonCategory, SessionId};
use findings::Earlier;
use sqlx::sqlite::SqliteConnection;
use wire::finding::Weighed;

use super::check::expect;
use super::derived::Said;
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

type EarlierColumns = (i64, String, Option<Vec<u8>>, i64, i64);

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

    /// This person's Sessions before this one, newest first.
    pub async fn earlier(&self, of: &SessionRow, mark: &[u8], most: u32) -> Result<Vec<Earlier>, StoreError> {
        let rows: Vec<EarlierColumns> = sqlx::query_as(
            "SELECT s.opened_at, s.organization, l.reason_mark, p.exchanges, p.refused FROM sessions s \
             JOIN progress p ON p.session = s.session JOIN listed l ON l.opened_idx = s.opened_idx \
             WHERE s.person_mark = ? AND s.opened_idx < ? ORDER BY s.opened_idx DESC LIMIT ?",
        )
        .bind(mark)
        .bind(sql(of.opened_index))
        .bind(most)
        .fetch_all(&self.pool)
        .await?;
        let reasons = ReasonCategory::ALL
            .iter()
            .map(|reason| Ok((self.vault.reason_mark(*reason)?, *reason)))
            .collect::<Result<HashMap<_, _>, StoreError>>()?;
        let earlier = |(opened_at, organization, reason, exchanges, refused): EarlierColumns| {
            Ok(Earlier {
                seconds_before: count(of.opened_at.saturating_sub(opened_at)),
                organization: organization.parse().map_err(|_| StoreError::damaged("a Session's Organization"))?,
                reason: reason.and_then(|mark| reasons.get(&mark).copied()),
                exchanges: count(exchanges),
                refused: count(refused),
            })
        };
        rows.into_iter().map(earlier).collect()
    }

    /// Sessions whose Recording is not sealed, newest first, with the next batch of each that is waited for.
    pub async fn unsealed(&self, most: u32) -> Result<Vec<(SessionId, u64)>, StoreError> {
        let rows: Vec<(String, i64)> = sqlx::query_as(
            "SELECT s.session, p.next_batch FROM listed l INDEXED BY listed_by_length \
             JOIN sessions s ON s.opened_idx = l.opened_idx JOIN progress p ON p.session = s.session \
             WHERE l.length = -1 AND l.lapsed = 0 ORDER BY l.opened_idx DESC LIMIT ?",
        )
        .bind(most)
        .fetch_all(&self.pool)
        .await?;
        let read = |(session, next): (String, i64)| {
            Ok((session.parse().map_err(|_| StoreError::damaged("a Session's id"))?, count(next)))
        };
        rows.into_iter().map(read).collect()
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

/// What the rules came to decides what must be reviewed: it is held to the entries about it.
pub(super) async fn check(connection: &mut SqliteConnection, said: &BTreeMap<u64, Said>) -> Result<(), StoreError> {
    let rows: Vec<(i64, String, i64, i64, i64, bool)> =
        sqlx::query_as("SELECT idx, session, stop, look, note, drawn FROM examined").fetch_all(connection).await?;
    expect(rows.len() == said.len(), || "there are not as many examined Recordings as the log says".into())?;
    for (index, session, stop, look, note, drawn) in rows {
        let right = said.get(&count(index)).is_some_and(|s| {
            s.is_of(&session)
                && s.fact("stop") == stop.to_string()
                && s.fact("look") == look.to_string()
                && s.fact("note") == note.to_string()
                && (s.fact("drawn") == "yes") == drawn
        });
        expect(right, || format!("what the rules came to at {index} is not what the log says"))?;
    }
    Ok(())
}

/// Where the Findings of a Session are sealed.
pub(crate) fn findings_place(session: &SessionId) -> String {
    format!("countersign/findings/v1\0{session}")
}
