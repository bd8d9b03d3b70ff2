use domain::{Digest, PersonId, UnixSeconds};
use wire::broker::ReplacedWith;

use super::{Store, StoreError};
use crate::factor::Tries;
use crate::ledger::Logged;

/// A person's second factor as it is stored.
#[derive(Debug)]
pub(crate) struct FactorRow {
    /// Sealed; empty when it was reset and nothing was begun since.
    pub(crate) secret: Vec<u8>,
    pub(crate) confirmed_at: Option<UnixSeconds>,
    pub(crate) tries: Tries,
    pub(crate) next: Option<Next>,
    /// Sealed digests of recovery codes.
    pub(crate) recovery: Option<Vec<u8>>,
    /// Until then no code is taken for a statement.
    pub(crate) counts_from: UnixSeconds,
    /// When an administrator voided it, until another is confirmed.
    pub(crate) reset_at: Option<UnixSeconds>,
}

/// What takes the place of a confirmed secret once it is confirmed itself.
#[derive(Debug)]
pub(crate) struct Next {
    /// Sealed.
    pub(crate) secret: Vec<u8>,
    pub(crate) until: UnixSeconds,
    pub(crate) with: ReplacedWith,
}

#[derive(sqlx::FromRow)]
struct Stored {
    secret: Vec<u8>,
    confirmed_at: Option<UnixSeconds>,
    last_step: i64,
    wrong: i64,
    locks: i64,
    locked_until: UnixSeconds,
    recovery: Option<Vec<u8>>,
    next_secret: Option<Vec<u8>>,
    next_until: UnixSeconds,
    next_with: Option<String>,
    counts_from: UnixSeconds,
    reset_at: Option<UnixSeconds>,
}

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
        let row: Option<Stored> = sqlx::query_as(
            "SELECT secret, confirmed_at, last_step, wrong, locks, locked_until, recovery, next_secret, next_until,
             next_with, counts_from, reset_at FROM second_factors WHERE person = ?",
        )
        .bind(self.fields.person(person)?)
        .fetch_optional(&self.readers)
        .await?;
        Ok(row.map(Stored::read))
    }

    /// Keeps a secret that nobody has confirmed; the count of wrong codes stays.
    pub(crate) async fn begin_factor(&self, _: &Logged, person: &PersonId, sealed: &[u8]) -> Result<(), StoreError> {
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

    /// A right code: its step is used up, its attestation kept. Refused when the step, or a newer one, was used up
    /// meanwhile.
    pub(crate) async fn use_step(
        &self,
        _: &Logged,
        person: &PersonId,
        step: i64,
        attestation: &NewAttestation<'_>,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let done = sqlx::query(
            "UPDATE second_factors SET last_step = ?1, wrong = 0, locks = 0, locked_until = 0
             WHERE person = ?2 AND last_step < ?1 AND confirmed_at IS NOT NULL",
        )
        .bind(step)
        .bind(self.fields.person(person)?)
        .execute(&mut *tx)
        .await?;
        if done.rows_affected() != 1 {
            return Err(StoreError::Moved);
        }
        attestation.keep(&mut tx).await?;
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

impl NewAttestation<'_> {
    pub(super) async fn keep(&self, tx: &mut sqlx::Transaction<'static, sqlx::Sqlite>) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO attestations (digest, subject, statement, compact, issued_at) VALUES (?, ?, ?, ?, ?)")
            .bind(self.digest.as_str())
            .bind(self.subject.as_str())
            .bind(self.statement.map(Digest::as_str))
            .bind(self.compact)
            .bind(self.now)
            .execute(&mut **tx)
            .await?;
        Ok(())
    }
}

impl Stored {
    fn read(self) -> FactorRow {
        let with = match self.next_with.as_deref() {
            Some("code") => ReplacedWith::Code,
            // What waits longer, if a row says nothing.
            _ => ReplacedWith::RecoveryCode,
        };
        FactorRow {
            secret: self.secret,
            confirmed_at: self.confirmed_at,
            tries: Tries {
                last_step: self.last_step,
                wrong: self.wrong,
                locks: self.locks,
                locked_until: self.locked_until,
            },
            next: self.next_secret.map(|secret| Next { secret, until: self.next_until, with }),
            recovery: self.recovery,
            counts_from: self.counts_from,
            reset_at: self.reset_at,
        }
    }
}
