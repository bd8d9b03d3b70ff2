//! What is revoked. Asked inside the transaction that writes: a revocation comes before a step or after it.

use domain::{Digest, PersonId, SessionId};
use sqlx::SqliteExecutor;
use statement::{Enrol, Identity, Revoke, Revoked, Unverified};
use wire::event::Append;

use super::{Sequencer, Stop};
use crate::error::StoreError;
use crate::problem;
use crate::store::{count, sql};
use crate::vault::Vault;

/// Somebody's Device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Holder {
    pub person: PersonId,
    pub device: Digest,
}

impl Holder {
    pub(crate) fn of(who: &Identity) -> Self {
        Self { person: who.person.clone(), device: who.device.clone() }
    }
}

impl Sequencer {
    /// Files what the statement of this entry revokes.
    pub(super) async fn file_revocation(&mut self, append: &Append, index: u64) -> Result<(), StoreError> {
        let revokes = append.statements.iter().filter_map(|text| Unverified::<Revoke>::read(text).ok());
        for revoke in revokes {
            for subject in subjects(&self.vault, &revoke.unverified_body().revokes)? {
                sqlx::query("INSERT INTO revoked (subject, idx) VALUES (?, ?)")
                    .bind(subject)
                    .bind(sql(index))
                    .execute(&mut self.connection)
                    .await?;
            }
        }
        Ok(())
    }

    /// Files whom the statement of this entry enrols.
    pub(super) async fn file_enrolment(&mut self, append: &Append, index: u64) -> Result<(), StoreError> {
        for enrol in append.statements.iter().filter_map(|text| Unverified::<Enrol>::read(text).ok()) {
            let Enrol { device, person } = enrol.unverified_body();
            sqlx::query("INSERT INTO enrolled (device, person_mark, idx) VALUES (?, ?, ?)")
                .bind(device.as_str())
                .bind(self.vault.mark(person)?)
                .bind(sql(index))
                .execute(&mut self.connection)
                .await?;
        }
        Ok(())
    }

    /// Nobody of them is revoked.
    pub(super) async fn check_holders(&mut self, holders: &[Holder]) -> Result<(), Stop> {
        for holder in holders {
            if is_revoked(&mut self.connection, &self.vault, holder).await? {
                return Err(Stop::Refused(problem::signer_revoked()));
            }
        }
        Ok(())
    }

    /// A Session goes on only while nothing was revoked since it opened: itself, its Grant and those that extended it, the break-glass
    /// permission that it was opened by, the Device and the person that opened it.
    pub(super) async fn check_resumed(&mut self, session: &SessionId) -> Result<(), Stop> {
        let row: Option<(String, String, Vec<u8>, i64)> =
            sqlx::query_as("SELECT request, device, person_mark, opened_idx FROM sessions WHERE session = ?")
                .bind(session.as_str())
                .fetch_optional(&mut self.connection)
                .await?;
        let Some((request, device, mark, opened)) = row else { return Ok(()) };
        let (revoked,): (bool,) = sqlx::query_as(
            "SELECT EXISTS (SELECT 1 FROM revoked WHERE idx > ? AND (subject IN (?, ?, ?, ?) OR subject IN \
             (SELECT 'grant:' || x.request FROM extensions x WHERE x.session = ?) OR subject IN \
             (SELECT 'grant:' || u.permission FROM permission_uses u WHERE u.session = ?)))",
        )
        .bind(opened)
        .bind(format!("grant:{request}"))
        .bind(format!("device:{device}"))
        .bind(format!("person:{}", hex(&mark)))
        .bind(format!("session:{session}"))
        .bind(session.as_str())
        .bind(session.as_str())
        .fetch_one(&mut self.connection)
        .await?;
        if revoked { Err(Stop::Refused(problem::grant_revoked())) } else { Ok(()) }
    }

    pub(super) async fn check_grant(&mut self, request: &Digest) -> Result<(), Stop> {
        let (revoked,): (bool,) = sqlx::query_as("SELECT EXISTS (SELECT 1 FROM revoked WHERE subject = ?)")
            .bind(of_grant(request))
            .fetch_one(&mut self.connection)
            .await?;
        if revoked { Err(Stop::Refused(problem::grant_revoked())) } else { Ok(()) }
    }
}

pub(crate) async fn is_revoked(
    database: impl SqliteExecutor<'_>,
    vault: &Vault,
    holder: &Holder,
) -> Result<bool, StoreError> {
    Ok(revoked_by(database, vault, holder).await?.is_some())
}

/// The entry that put this Device out, or its person. A Device that was revoked stays so; a person's Devices count again once they are
/// enrolled after it.
pub(crate) async fn revoked_by(
    database: impl SqliteExecutor<'_>,
    vault: &Vault,
    holder: &Holder,
) -> Result<Option<u64>, StoreError> {
    let (index,): (Option<i64>,) = sqlx::query_as(
        "SELECT COALESCE((SELECT MIN(idx) FROM revoked WHERE subject = ?1), \
         (SELECT MIN(r.idx) FROM revoked r WHERE r.subject = ?2 AND r.idx > COALESCE((SELECT MAX(e.idx) FROM enrolled e \
         WHERE e.device = ?3 AND e.person_mark = ?4), -1)))",
    )
    .bind(of_device(&holder.device))
    .bind(of_person(vault, &holder.person)?)
    .bind(holder.device.as_str())
    .bind(vault.mark(&holder.person)?)
    .fetch_one(database)
    .await?;
    Ok(index.map(count))
}

fn subjects(vault: &Vault, revoked: &Revoked) -> Result<Vec<String>, StoreError> {
    Ok(match revoked {
        Revoked::Grant(request) => vec![of_grant(request)],
        Revoked::Device(device) => vec![of_device(device)],
        Revoked::Person(person) => vec![of_person(vault, person)?],
        Revoked::Sessions(sessions) => sessions.iter().map(|session| format!("session:{session}")).collect(),
    })
}

fn of_grant(request: &Digest) -> String {
    format!("grant:{request}")
}

fn of_device(device: &Digest) -> String {
    format!("device:{device}")
}

fn of_person(vault: &Vault, person: &PersonId) -> Result<String, StoreError> {
    Ok(format!("person:{}", hex(&vault.mark(person)?)))
}

fn hex(mark: &[u8]) -> String {
    mark.iter().map(|byte| format!("{byte:02x}")).collect()
}
