use domain::{Digest, PersonId, UnixSeconds};

use super::{Store, StoreError};
use crate::factor::Tries;
use crate::ledger::Logged;

/// A person's second factor as it is stored.
#[derive(Debug)]
pub(crate) struct FactorRow {
    /// Sealed.
    pub(crate) secret: Vec<u8>,
    pub(crate) confirmed: bool,
    pub(crate) tries: Tries,
}

type StoredFactor = (Vec<u8>, Option<UnixSeconds>, i64, i64, i64, UnixSeconds);

/// An attestation that was signed.
#[derive(Debug)]
pub(crate) struct NewAttestation<'a> {
    pub(crate) digest: &'a Digest,
    pub(crate) subject: &'a Digest,
    pub(crate) statement: Option<&'a Digest>,
    pub(crate) compact: &'a str,
    pub(crate) now: UnixSeconds,
}

impl Store {
    pub(crate) async fn factor(&self, person: &PersonId) -> Result<Option<FactorRow>, StoreError> {
        let row: Option<StoredFactor> = sqlx::query_as(
            "SELECT secret, confirmed_at, last_step, wrong, locks, locked_until FROM second_factors WHERE person = ?",
        )
        .bind(self.fields.person(person)?)
        .fetch_optional(&self.readers)
        .await?;
        Ok(row.map(|(secret, confirmed, last_step, wrong, locks, locked_until)| FactorRow {
            secret,
            confirmed: confirmed.is_some(),
            tries: Tries { last_step, wrong, locks, locked_until },
        }))
    }

    /// Keeps a secret that nobody has confirmed; the count of wrong codes stays. It opens nothing yet, so it needs no Event.
    pub(crate) async fn begin_factor(&self, person: &PersonId, sealed: &[u8]) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let done = sqlx::query(
            "INSERT INTO second_factors (person, secret) VALUES (?, ?)
             ON CONFLICT (person) DO UPDATE SET secret = excluded.secret WHERE confirmed_at IS NULL",
        )
        .bind(self.fields.person(person)?)
        .bind(sealed)
        .execute(&mut *tx)
        .await?;
        if done.rows_affected() != 1 {
            return Err(StoreError::Moved);
        }
        Ok(tx.commit().await?)
    }

    /// A right code: its step is used up, its attestation kept, the factor confirmed. Refused when the step, or a newer
    /// one, was used up meanwhile.
    pub(crate) async fn use_step(
        &self,
        _: &Logged,
        person: &PersonId,
        step: i64,
        attestation: &NewAttestation<'_>,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let done = sqlx::query(
            "UPDATE second_factors
             SET last_step = ?1, wrong = 0, locks = 0, locked_until = 0, confirmed_at = coalesce(confirmed_at, ?2)
             WHERE person = ?3 AND last_step < ?1",
        )
        .bind(step)
        .bind(attestation.now)
        .bind(self.fields.person(person)?)
        .execute(&mut *tx)
        .await?;
        if done.rows_affected() != 1 {
            return Err(StoreError::Moved);
        }
        sqlx::query("INSERT INTO attestations (digest, subject, statement, compact, issued_at) VALUES (?, ?, ?, ?, ?)")
            .bind(attestation.digest.as_str())
            .bind(attestation.subject.as_str())
            .bind(attestation.statement.map(Digest::as_str))
            .bind(attestation.compact)
            .bind(attestation.now)
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// A wrong code.
    pub(crate) async fn count_wrong(&self, _: &Logged, person: &PersonId, tries: Tries) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE second_factors SET wrong = ?, locks = ?, locked_until = ? WHERE person = ?")
            .bind(tries.wrong)
            .bind(tries.locks)
            .bind(tries.locked_until)
            .bind(self.fields.person(person)?)
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// The newest attestation of a sign-in with this PK token up to then, and when it was signed.
    pub(crate) async fn sign_in_attestation(
        &self,
        subject: &Digest,
        until: UnixSeconds,
    ) -> Result<Option<(String, UnixSeconds)>, StoreError> {
        let row = sqlx::query_as(
            "SELECT compact, issued_at FROM attestations WHERE subject = ? AND statement IS NULL AND issued_at <= ?
             ORDER BY issued_at DESC LIMIT 1",
        )
        .bind(subject.as_str())
        .bind(until)
        .fetch_optional(&self.readers)
        .await?;
        Ok(row)
    }
}
