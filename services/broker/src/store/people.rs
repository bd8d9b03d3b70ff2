use std::collections::BTreeSet;

use domain::{Digest, PersonId, UnixSeconds};
use statement::Identity;
use wire::broker::PendingEnrolment;

use super::{NAME, STATEMENT, Store, StoreError, TOKEN};
use crate::ledger::Logged;

/// Links in a chain of enrolments that are followed.
const LONGEST_CHAIN: usize = 32;
/// Enrolments of one Device that are followed: a newer one mends an older one that can no longer be verified.
const NEWEST_ENROLMENTS: i64 = 3;

/// `enrol` statements down to first administrators, and the PK tokens of their signers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Chain {
    pub(crate) enrols: Vec<String>,
    pub(crate) tokens: Vec<String>,
}

/// A verified `enrol` statement.
#[derive(Debug)]
pub(crate) struct EnrolmentRow<'a> {
    pub(crate) digest: &'a Digest,
    pub(crate) compact: &'a str,
    /// The attestation that it was checked with.
    pub(crate) mfa: &'a str,
    pub(crate) person: &'a PersonId,
    pub(crate) device: &'a Digest,
    pub(crate) signer: &'a Identity,
    pub(crate) now: UnixSeconds,
}

/// A PK token that calls for the first time.
#[derive(Debug)]
pub(crate) struct Seen<'a> {
    pub(crate) identity: &'a Identity,
    pub(crate) compact: &'a str,
    /// Nobody has enrolled its Device yet.
    pub(crate) waits: bool,
    pub(crate) now: UnixSeconds,
}

impl Store {
    /// Whether this PK token has called before.
    pub(crate) async fn knows_token(&self, digest: &Digest) -> Result<bool, StoreError> {
        let found: Option<(i64,)> = sqlx::query_as("SELECT 1 FROM tokens WHERE digest = ?")
            .bind(digest.as_str())
            .fetch_optional(&self.readers)
            .await?;
        Ok(found.is_some())
    }

    /// A PK token, compact.
    pub(crate) async fn token(&self, digest: &Digest) -> Result<String, StoreError> {
        let row: (String,) = sqlx::query_as("SELECT compact FROM tokens WHERE digest = ?")
            .bind(digest.as_str())
            .fetch_one(&self.readers)
            .await?;
        Ok(self.fields.open(TOKEN, &row.0)?)
    }

    /// Remembers a PK token, and its Device as one that waits.
    pub(crate) async fn add_token(&self, _: &Logged, seen: &Seen<'_>) -> Result<(), StoreError> {
        let who = seen.identity;
        let person = self.fields.person(&who.person)?;
        let mut tx = self.begin().await?;
        sqlx::query("INSERT OR IGNORE INTO tokens (digest, person, device, name, compact, first_seen) VALUES (?, ?, ?, ?, ?, ?)")
            .bind(who.kid.as_str())
            .bind(&person)
            .bind(who.device.as_str())
            .bind(self.fields.seal(NAME, &who.name)?)
            .bind(self.fields.seal(TOKEN, seen.compact)?)
            .bind(seen.now)
            .execute(&mut *tx)
            .await?;
        if seen.waits {
            sqlx::query(
                "INSERT INTO pending (person, device, token, since) VALUES (?, ?, ?, ?)
                 ON CONFLICT (person, device) DO UPDATE SET token = excluded.token",
            )
            .bind(&person)
            .bind(who.device.as_str())
            .bind(who.kid.as_str())
            .bind(seen.now)
            .execute(&mut *tx)
            .await?;
        }
        Ok(tx.commit().await?)
    }

    /// How many other Devices of this person wait, with a sign-in after `since`.
    pub(crate) async fn waiting_devices(&self, who: &Identity, since: UnixSeconds) -> Result<i64, StoreError> {
        let row: (i64,) = sqlx::query_as(
            "SELECT count(*) FROM pending p JOIN tokens t ON t.digest = p.token
             WHERE p.person = ? AND p.device <> ? AND t.first_seen > ?",
        )
        .bind(self.fields.person(&who.person)?)
        .bind(who.device.as_str())
        .bind(since)
        .fetch_one(&self.readers)
        .await?;
        Ok(row.0)
    }

    /// Devices that wait, oldest first. One whose sign-in is not after `since` is left out until it signs in again: its PK
    /// token is too old for an administrator to verify.
    pub(crate) async fn pending(&self, since: UnixSeconds) -> Result<Vec<PendingEnrolment>, StoreError> {
        let rows: Vec<(String, String, String, i64, String)> = sqlx::query_as(
            "SELECT p.person, t.name, p.device, p.since, t.compact FROM pending p JOIN tokens t ON t.digest = p.token
             WHERE t.first_seen > ? ORDER BY p.since, p.device LIMIT 500",
        )
        .bind(since)
        .fetch_all(&self.readers)
        .await?;
        rows.into_iter()
            .map(|(person, name, device, since, pk_token)| {
                Ok(PendingEnrolment {
                    person: self.fields.open_person(&person)?,
                    name: self.fields.open(NAME, &name)?,
                    device: device.parse()?,
                    since,
                    pk_token: self.fields.open(TOKEN, &pk_token)?,
                })
            })
            .collect()
    }

    /// Whether this Device of this person waits.
    pub(crate) async fn is_pending(&self, person: &PersonId, device: &Digest) -> Result<bool, StoreError> {
        let found: Option<(i64,)> = sqlx::query_as("SELECT 1 FROM pending WHERE person = ? AND device = ?")
            .bind(self.fields.person(person)?)
            .bind(device.as_str())
            .fetch_optional(&self.readers)
            .await?;
        Ok(found.is_some())
    }

    /// Keeps an enrolment; the Device no longer waits.
    pub(crate) async fn add_enrolment(&self, _: &Logged, new: &EnrolmentRow<'_>) -> Result<(), StoreError> {
        let person = self.fields.person(new.person)?;
        let mut tx = self.begin().await?;
        sqlx::query(
            "INSERT INTO enrolments (digest, person, device, compact, mfa, signer_person, signer_device, signer_token,
             enrolled_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(new.digest.as_str())
        .bind(&person)
        .bind(new.device.as_str())
        .bind(self.fields.seal(STATEMENT, new.compact)?)
        .bind(self.fields.seal(STATEMENT, new.mfa)?)
        .bind(self.fields.person(&new.signer.person)?)
        .bind(new.signer.device.as_str())
        .bind(new.signer.kid.as_str())
        .bind(new.now)
        .execute(&mut *tx)
        .await?;
        sqlx::query("DELETE FROM pending WHERE person = ? AND device = ?")
            .bind(&person)
            .bind(new.device.as_str())
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// The chain that these Devices' enrolments hang from, and what says that their people had others before. What it is
    /// worth is found out by verifying it.
    pub(crate) async fn chain(&self, of: impl IntoIterator<Item = (PersonId, Digest)>) -> Result<Chain, StoreError> {
        let mut chain = Chain::default();
        let mut ahead: Vec<(PersonId, Digest)> = of.into_iter().collect();
        let mut walked: BTreeSet<(PersonId, Digest)> = BTreeSet::new();
        while let Some(link) = ahead.pop() {
            if walked.len() >= LONGEST_CHAIN || walked.contains(&link) {
                continue;
            }
            let rows: Vec<(String, String, String, String)> = sqlx::query_as(
                "SELECT e.compact, e.signer_person, e.signer_device, t.compact FROM enrolments e
                 JOIN tokens t ON t.digest = e.signer_token
                 WHERE e.person = ? AND e.device = ? ORDER BY e.enrolled_at DESC, e.digest LIMIT ?",
            )
            .bind(self.fields.person(&link.0)?)
            .bind(link.1.as_str())
            .bind(NEWEST_ENROLMENTS)
            .fetch_all(&self.readers)
            .await?;
            // Walked last: the chain itself comes before what says how long it counts.
            if let Some(before) = self.before(&link.0, &link.1).await? {
                ahead.insert(0, (link.0.clone(), before));
            }
            walked.insert(link);
            for row in rows {
                match self.read_link(row) {
                    Ok((enrol, token, signer)) => {
                        chain.enrols.push(enrol);
                        chain.tokens.push(token);
                        ahead.push(signer);
                    }
                    Err(error) => tracing::error!(%error, "an enrolment is passed over"),
                }
            }
        }
        chain.tokens.sort_unstable();
        chain.tokens.dedup();
        Ok(chain)
    }

    /// Whether somebody enrolled this Device for this person.
    pub(crate) async fn has_enrolment(&self, person: &PersonId, device: &Digest) -> Result<bool, StoreError> {
        let (found,): (bool,) =
            sqlx::query_as("SELECT EXISTS (SELECT 1 FROM enrolments WHERE person = ? AND device = ?)")
                .bind(self.fields.person(person)?)
                .bind(device.as_str())
                .fetch_one(&self.readers)
                .await?;
        Ok(found)
    }

    /// The Device of this person that was enrolled first, when that is another one.
    async fn before(&self, person: &PersonId, device: &Digest) -> Result<Option<Digest>, StoreError> {
        let first: Option<(String,)> =
            sqlx::query_as("SELECT device FROM enrolments WHERE person = ? ORDER BY enrolled_at, digest LIMIT 1")
                .bind(self.fields.person(person)?)
                .fetch_optional(&self.readers)
                .await?;
        let first = first.map(|(first,)| first.parse()).transpose()?;
        Ok(first.filter(|first| first != device))
    }

    /// An `enrol` statement, and its signer's PK token, person and Device.
    fn read_link(
        &self,
        (enrol, person, device, token): (String, String, String, String),
    ) -> Result<(String, String, (PersonId, Digest)), StoreError> {
        let signer = (self.fields.open_person(&person)?, device.parse()?);
        Ok((self.fields.open(STATEMENT, &enrol)?, self.fields.open(TOKEN, &token)?, signer))
    }
}
