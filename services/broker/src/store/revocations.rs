use domain::{Digest, PersonId, UnixSeconds};
use statement::{Revoked, sha256};
use wire::broker::DeviceView;
use wire::event::Append;

use super::{NAME, Store, StoreError};
use crate::fields::Field;

const EVENT: Field = "revocation's event";

/// Devices in one answer.
const PAGE: i64 = 1_000;

/// Devices of one person in one answer.
const OWN: i64 = 50;

/// A Device that somebody enrolled for one person.
#[derive(Debug)]
pub(crate) struct DeviceRow {
    pub(crate) device: Digest,
    pub(crate) enrolled_at: UnixSeconds,
    /// When its latest sign-in made its first call.
    pub(crate) signed_in_at: Option<UnixSeconds>,
}

/// A revocation that was verified.
#[derive(Debug)]
pub(crate) struct NewRevocation<'a> {
    pub(crate) digest: &'a Digest,
    pub(crate) revokes: &'a Revoked,
    pub(crate) event: &'a Append,
    pub(crate) now: UnixSeconds,
}

impl Store {
    /// Keeps a revocation. The one change that needs no entry first: it only takes away, and what is yet to be written down
    /// is kept with it.
    pub(crate) async fn add_revocation(&self, new: &NewRevocation<'_>) -> Result<(), StoreError> {
        let named = self.named(new.revokes).await?;
        let event = self.fields.seal(EVENT, &serde_json::to_string(new.event)?)?;
        let mut tx = self.begin().await?;
        // Whoever lost the answer sends it again.
        let insert = "INSERT INTO revocations (digest, kind, subject, revoked_at, event) VALUES (?, ?, ?, ?, ?)
             ON CONFLICT DO NOTHING";
        for (place, (kind, subject)) in named.into_iter().enumerate() {
            // The Event stands beside the first; the others have names of their own.
            let (name, event) = match place {
                0 => (new.digest.clone(), Some(&event)),
                _ => (sha256(format!("{}/{place}", new.digest)), None),
            };
            sqlx::query(insert)
                .bind(name.as_str())
                .bind(kind)
                .bind(subject)
                .bind(new.now)
                .bind(event)
                .execute(&mut *tx)
                .await?;
        }
        Ok(tx.commit().await?)
    }

    /// Revocations whose Event is yet to be written.
    pub(crate) async fn unlogged_revocations(&self) -> Result<Vec<(Digest, Append)>, StoreError> {
        let rows: Vec<(String, String)> =
            sqlx::query_as("SELECT digest, event FROM revocations WHERE event IS NOT NULL ORDER BY revoked_at")
                .fetch_all(&self.readers)
                .await?;
        rows.into_iter()
            .map(|(digest, event)| Ok((digest.parse()?, serde_json::from_str(&self.fields.open(EVENT, &event)?)?)))
            .collect()
    }

    /// Its Event stands in the log, or was refused for good.
    pub(crate) async fn owe_no_entry(&self, digest: &Digest) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE revocations SET event = NULL WHERE digest = ?")
            .bind(digest.as_str())
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    pub(crate) async fn is_grant_revoked(&self, request: &Digest) -> Result<bool, StoreError> {
        let (revoked,): (bool,) =
            sqlx::query_as("SELECT EXISTS (SELECT 1 FROM revocations WHERE kind = 'grant' AND subject = ?)")
                .bind(request.as_str())
                .fetch_one(&self.readers)
                .await?;
        Ok(revoked)
    }

    /// Whether this Device counts no more: it was revoked, or its person after it was last enrolled. One of the `first`
    /// administrators' Devices counts as enrolled at the beginning.
    pub(crate) async fn is_revoked(&self, person: &PersonId, device: &Digest, first: bool) -> Result<bool, StoreError> {
        let (revoked,): (bool,) = sqlx::query_as(
            "SELECT EXISTS (SELECT 1 FROM revocations WHERE kind = 'device' AND subject = ?1)
             OR EXISTS (SELECT 1 FROM revocations WHERE kind = 'person' AND subject = ?2 AND revoked_at >= COALESCE(
                (SELECT MAX(enrolled_at) FROM enrolments WHERE person = ?2 AND device = ?1), CASE WHEN ?3 THEN 0 END))",
        )
        .bind(device.as_str())
        .bind(self.fields.person(person)?)
        .bind(first)
        .fetch_one(&self.readers)
        .await?;
        Ok(revoked)
    }

    /// Requests that could still become or be a Session.
    pub(crate) async fn live_requests(&self) -> Result<Vec<Digest>, StoreError> {
        let rows: Vec<(String,)> =
            sqlx::query_as("SELECT digest FROM requests WHERE state IN ('waiting', 'approved', 'open')")
                .fetch_all(&self.readers)
                .await?;
        Ok(rows.into_iter().filter_map(|(digest,)| digest.parse().ok()).collect())
    }

    /// Every Device that somebody enrolled, newest first.
    pub(crate) async fn devices(&self) -> Result<Vec<DeviceView>, StoreError> {
        let rows: Vec<(String, String, i64, Option<String>)> = sqlx::query_as(
            "SELECT e.person, e.device, MAX(e.enrolled_at),
             (SELECT t.name FROM tokens t WHERE t.person = e.person AND t.device = e.device ORDER BY t.first_seen DESC LIMIT 1)
             FROM enrolments e GROUP BY e.person, e.device ORDER BY 3 DESC, e.device LIMIT ?",
        )
        .bind(PAGE)
        .fetch_all(&self.readers)
        .await?;
        let mut devices = Vec::with_capacity(rows.len());
        for (person, device, enrolled_at, name) in rows {
            let (person, device) = (self.fields.open_person(&person)?, device.parse()?);
            let name = name.map(|name| self.fields.open(NAME, &name)).transpose()?.unwrap_or_default();
            let revoked = self.is_revoked(&person, &device, false).await?;
            devices.push(DeviceView { person, name, device, enrolled_at, revoked });
        }
        Ok(devices)
    }

    /// This person's Devices, newest first.
    pub(crate) async fn devices_of(&self, person: &PersonId) -> Result<Vec<DeviceRow>, StoreError> {
        let rows: Vec<(String, i64, Option<i64>)> = sqlx::query_as(
            "SELECT e.device, MAX(e.enrolled_at),
             (SELECT MAX(t.first_seen) FROM tokens t WHERE t.person = e.person AND t.device = e.device)
             FROM enrolments e WHERE e.person = ? GROUP BY e.device ORDER BY 2 DESC, e.device LIMIT ?",
        )
        .bind(self.fields.person(person)?)
        .bind(OWN)
        .fetch_all(&self.readers)
        .await?;
        rows.into_iter()
            .map(|(device, enrolled_at, signed_in_at)| {
                Ok(DeviceRow { device: device.parse()?, enrolled_at, signed_in_at })
            })
            .collect()
    }

    /// How a revocation is filed: one row for each thing that it revokes. A Session's Grants are the one that opened it and those
    /// that extended it.
    async fn named(&self, revokes: &Revoked) -> Result<Vec<(&'static str, String)>, StoreError> {
        Ok(match revokes {
            Revoked::Grant(request) => vec![("grant", request.to_string())],
            Revoked::Device(device) => vec![("device", device.to_string())],
            Revoked::Person(person) => vec![("person", self.fields.person(person)?)],
            Revoked::Sessions(sessions) => {
                let mut grants = Vec::new();
                for session in sessions {
                    let rows = self.requests_of_session(session).await?;
                    grants.extend(rows.iter().map(|row| ("grant", row.id.to_string())));
                }
                grants
            }
        })
    }
}
