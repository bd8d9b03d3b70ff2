//! Second factors that take the place of others.

use domain::{Digest, PersonId, UnixSeconds};
use wire::broker::ReplacedWith;

use super::{NewAttestation, Store, StoreError};
use crate::ledger::Logged;

/// A secret that was proven with its first code.
#[derive(Debug)]
pub(crate) struct NewFactor<'a> {
    /// As it was sealed when the code was judged.
    pub(crate) secret: &'a [u8],
    /// It takes a confirmed one's place.
    pub(crate) replaces: bool,
    pub(crate) step: i64,
    pub(crate) counts_from: UnixSeconds,
    /// Sealed digests of its recovery codes.
    pub(crate) recovery: &'a [u8],
}

/// What was given to begin the replacing.
#[derive(Debug)]
pub(crate) enum Spent<'a> {
    /// A code of the old secret, by its step.
    Step(i64),
    /// A recovery code: the sealed digests with and without it.
    Recovery { with: &'a [u8], without: &'a [u8] },
}

impl Store {
    /// The factor is good from now on; what was begun or voided before is over.
    pub(crate) async fn confirm_factor(
        &self,
        _: &Logged,
        person: &PersonId,
        new: &NewFactor<'_>,
        attestation: &NewAttestation<'_>,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let done = sqlx::query(
            "UPDATE second_factors SET secret = ?1, last_step = ?2, wrong = 0, locks = 0, locked_until = 0,
             confirmed_at = ?3, counts_from = MAX(counts_from, ?4), recovery = ?5, next_secret = NULL, next_until = 0,
             next_with = NULL, reset_at = NULL
             WHERE person = ?6 AND CASE WHEN ?7 THEN confirmed_at IS NOT NULL AND next_secret = ?1
             ELSE confirmed_at IS NULL AND secret = ?1 END",
        )
        .bind(new.secret)
        .bind(new.step)
        .bind(attestation.now)
        .bind(new.counts_from)
        .bind(new.recovery)
        .bind(self.fields.person(person)?)
        .bind(new.replaces)
        .execute(&mut *tx)
        .await?;
        if done.rows_affected() != 1 {
            return Err(StoreError::Moved);
        }
        attestation.keep(&mut tx).await?;
        Ok(tx.commit().await?)
    }

    /// Keeps what is to take the secret's place until then, and uses up what was given for it. Until it is confirmed the
    /// old one is good.
    pub(crate) async fn begin_replacement(
        &self,
        _: &Logged,
        person: &PersonId,
        sealed: &[u8],
        until: UnixSeconds,
        spent: &Spent<'_>,
    ) -> Result<(), StoreError> {
        let (with, used) = match spent {
            Spent::Step(_) => (ReplacedWith::Code, "last_step = ?4, wrong = 0, locks = 0, locked_until = 0"),
            Spent::Recovery { .. } => (ReplacedWith::RecoveryCode, "recovery = ?4"),
        };
        let unused = match spent {
            Spent::Step(_) => "last_step < ?4",
            Spent::Recovery { .. } => "recovery = ?6",
        };
        let update = format!(
            "UPDATE second_factors SET next_secret = ?1, next_until = ?2, next_with = ?3, {used}
             WHERE person = ?5 AND confirmed_at IS NOT NULL AND {unused}"
        );
        let mut tx = self.begin().await?;
        let query = sqlx::query(sqlx::AssertSqlSafe(update)).bind(sealed).bind(until).bind(match with {
            ReplacedWith::Code => "code",
            ReplacedWith::RecoveryCode => "recovery-code",
        });
        let person = self.fields.person(person)?;
        let query = match spent {
            Spent::Step(step) => query.bind(step).bind(person),
            Spent::Recovery { with, without } => query.bind(*without).bind(person).bind(*with),
        };
        if query.execute(&mut *tx).await?.rows_affected() != 1 {
            return Err(StoreError::Moved);
        }
        Ok(tx.commit().await?)
    }

    /// Other recovery codes in the place of those that are left.
    pub(crate) async fn replace_recovery(
        &self,
        _: &Logged,
        person: &PersonId,
        step: i64,
        recovery: &[u8],
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let done = sqlx::query(
            "UPDATE second_factors SET last_step = ?1, wrong = 0, locks = 0, locked_until = 0, recovery = ?2
             WHERE person = ?3 AND last_step < ?1 AND confirmed_at IS NOT NULL",
        )
        .bind(step)
        .bind(recovery)
        .bind(self.fields.person(person)?)
        .execute(&mut *tx)
        .await?;
        if done.rows_affected() != 1 {
            return Err(StoreError::Moved);
        }
        Ok(tx.commit().await?)
    }

    /// Whether this reset has had its effect.
    pub(crate) async fn was_reset_by(&self, reset: &Digest) -> Result<bool, StoreError> {
        let (done,): (bool,) = sqlx::query_as("SELECT EXISTS (SELECT 1 FROM factor_resets WHERE digest = ?)")
            .bind(reset.as_str())
            .fetch_one(&self.readers)
            .await?;
        Ok(done)
    }

    /// The factor is void, and so is everything that could have replaced it. Its secret is no longer in the row.
    pub(crate) async fn reset_factor(
        &self,
        _: &Logged,
        reset: &Digest,
        person: &PersonId,
        now: UnixSeconds,
    ) -> Result<(), StoreError> {
        let person = self.fields.person(person)?;
        let mut tx = self.begin().await?;
        sqlx::query("INSERT INTO factor_resets (digest, person, reset_at) VALUES (?, ?, ?)")
            .bind(reset.as_str())
            .bind(&person)
            .bind(now)
            .execute(&mut *tx)
            .await?;
        let done = sqlx::query(
            "UPDATE second_factors SET secret = x'', confirmed_at = NULL, last_step = -1, wrong = 0, locks = 0,
             locked_until = 0, recovery = NULL, next_secret = NULL, next_until = 0, next_with = NULL, reset_at = ?1
             WHERE person = ?2",
        )
        .bind(now)
        .bind(person)
        .execute(&mut *tx)
        .await?;
        if done.rows_affected() != 1 {
            return Err(StoreError::Moved);
        }
        Ok(tx.commit().await?)
    }
}
