use std::collections::BTreeMap;

use domain::SessionId;
use recording::{Manifest, SegmentEntry};
use sqlx::sqlite::SqliteConnection;
use statement::Revoked;
use wire::event::{Event, EventKind};

use super::check::expect;
use super::count;
use super::listed::check_listed;
use super::{destroyed, examined, originals};
use crate::activity;
use crate::error::StoreError;

/// What the log itself says about the tables beside it, gathered while it is read from its beginning.
#[derive(Default)]
pub(super) struct Expected {
    sessions: BTreeMap<String, Said>,
    extensions: BTreeMap<u64, Said>,
    seals: BTreeMap<String, Said>,
    reviews: BTreeMap<u64, Said>,
    revoked: BTreeMap<u64, Said>,
    enrolled: BTreeMap<u64, Said>,
    policies: BTreeMap<u64, Said>,
    permissions: BTreeMap<u64, Said>,
    uses: BTreeMap<u64, Said>,
    notices: BTreeMap<u64, Said>,
    seen: BTreeMap<u64, Said>,
    pub(super) forgotten: BTreeMap<u64, Said>,
    pub(super) expired: BTreeMap<u64, Said>,
    examined: BTreeMap<u64, Said>,
}

pub(super) struct Said {
    index: u64,
    pub(super) event: Event,
}

impl Expected {
    pub fn take(&mut self, index: u64, event: Event) {
        let session = event.session.as_ref().map(ToString::to_string).unwrap_or_default();
        match event.kind {
            EventKind::SessionOpened => drop(self.sessions.insert(session, Said { index, event })),
            EventKind::SessionExtended => drop(self.extensions.insert(index, Said { index, event })),
            EventKind::RecordingSealed => drop(self.seals.insert(session, Said { index, event })),
            EventKind::ReviewSigned => drop(self.reviews.insert(index, Said { index, event })),
            EventKind::Enrolled => drop(self.enrolled.insert(index, Said { index, event })),
            EventKind::PolicyAdopted => drop(self.policies.insert(index, Said { index, event })),
            EventKind::BreakGlassFiled => drop(self.permissions.insert(index, Said { index, event })),
            EventKind::BreakGlassUsed => drop(self.uses.insert(index, Said { index, event })),
            EventKind::NoticeMade => drop(self.notices.insert(index, Said { index, event })),
            EventKind::NoticeSeen | EventKind::NoticeDelivered => drop(self.seen.insert(index, Said { index, event })),
            EventKind::OrganizationForgotten => drop(self.forgotten.insert(index, Said { index, event })),
            EventKind::RecordingExamined => drop(self.examined.insert(index, Said { index, event })),
            EventKind::RecordingExpired => drop(self.expired.insert(index, Said { index, event })),
            EventKind::Revoked => drop(self.revoked.insert(index, Said { index, event })),
            _ => {}
        }
    }

    /// Holds every table that says something about the log to the log.
    pub async fn check(self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        check_sessions(connection, &self.sessions).await?;
        check_extensions(connection, &self.extensions).await?;
        check_seals(connection, &self.seals).await?;
        check_reviews(&mut *connection, &self.reviews).await?;
        check_revoked(&mut *connection, &self.revoked).await?;
        check_enrolled(&mut *connection, &self.enrolled).await?;
        check_policies(&mut *connection, &self.policies).await?;
        check_permissions(&mut *connection, &self.permissions).await?;
        check_uses(&mut *connection, &self.uses).await?;
        check_notices(&mut *connection, &self.notices).await?;
        check_seen(&mut *connection, &self.seen).await?;
        destroyed::check(&mut *connection, &self.forgotten, &self.expired).await?;
        examined::check(&mut *connection, &self.examined).await?;
        originals::check(&mut *connection, &self.seals).await?;
        check_listed(connection).await
    }
}

impl Said {
    pub(super) fn fact(&self, name: &str) -> &str {
        self.event.facts.get(name).map_or("", String::as_str)
    }

    pub(super) fn is_of(&self, session: &str) -> bool {
        self.event.session.as_ref().is_some_and(|id| id.as_str() == session)
    }

    fn statement(&self, place: usize) -> &str {
        self.event.statements.get(place).map_or("", |d| d.as_str())
    }
}

type SessionColumns = (String, i64, String, String, String, i64, i64, Option<i64>);

async fn check_sessions(connection: &mut SqliteConnection, said: &BTreeMap<String, Said>) -> Result<(), StoreError> {
    let rows: Vec<SessionColumns> = sqlx::query_as(
        "SELECT s.session, s.opened_idx, s.request, s.organization, s.scope, s.opened_at, s.ends_at, t.idx FROM sessions s \
         LEFT JOIN taken t ON t.token = 'audit/grant/' || s.request",
    )
    .fetch_all(connection)
    .await?;
    expect(rows.len() == said.len(), || "there are not as many Sessions as the log opened".into())?;
    for (session, opened_index, request, organization, scope, opened_at, ends_at, taken) in rows {
        let right = said.get(&session).is_some_and(|s| {
            s.index == count(opened_index)
                && s.statement(0) == request
                && s.event.organization.as_ref().map(|o| o.as_str()) == Some(organization.as_str())
                && s.fact("scope") == scope
                && s.fact("opened-at") == opened_at.to_string()
                && s.fact("ends-at") == ends_at.to_string()
        });
        expect(right, || format!("Session {session} is not what the log says"))?;
        expect(taken == Some(opened_index), || format!("the Grant of Session {session} is not marked as taken"))?;
    }
    Ok(())
}

type ExtensionColumns = (i64, String, String, i64, i64, Option<i64>);

async fn check_extensions(connection: &mut SqliteConnection, said: &BTreeMap<u64, Said>) -> Result<(), StoreError> {
    let rows: Vec<ExtensionColumns> = sqlx::query_as(
        "SELECT x.idx, x.session, x.request, x.extended_at, x.ends_at, t.idx FROM extensions x \
         LEFT JOIN taken t ON t.token = 'audit/grant/' || x.request",
    )
    .fetch_all(connection)
    .await?;
    expect(rows.len() == said.len(), || "there are not as many extensions as the log says".into())?;
    for (index, session, request, extended_at, ends_at, taken) in rows {
        let right = said.get(&count(index)).is_some_and(|s| {
            s.event.session.as_ref().map(|id| id.as_str()) == Some(session.as_str())
                && s.statement(0) == request
                && s.fact("extended-at") == extended_at.to_string()
                && s.fact("ends-at") == ends_at.to_string()
        });
        expect(right, || format!("the extension at {index} is not what the log says"))?;
        expect(taken == Some(index), || format!("the Grant of the extension at {index} is not marked as taken"))?;
    }
    Ok(())
}

type SealColumns = (String, i64, String, String, i64, i64, i64, String, bool);

async fn check_seals(connection: &mut SqliteConnection, said: &BTreeMap<String, Said>) -> Result<(), StoreError> {
    let rows: Vec<SealColumns> = sqlx::query_as(
        "SELECT e.session, e.idx, e.reason, e.manifest, p.exchanges, p.writes, p.refused, p.activity, \
         EXISTS (SELECT 1 FROM expired x WHERE x.session = e.session) OR EXISTS (SELECT 1 FROM forgotten f JOIN sessions s \
         ON s.organization = f.organization WHERE s.session = e.session) FROM seals e \
         JOIN progress p ON p.session = e.session",
    )
    .fetch_all(&mut *connection)
    .await?;
    expect(rows.len() == said.len(), || "there are not as many sealed Recordings as the log says".into())?;
    for (session, index, reason, manifest, exchanges, writes, refused, strip, destroyed) in rows {
        let wrong = || format!("the sealed Recording of {session} is not what the log says");
        let manifest: Manifest = serde_json::from_str(&manifest).map_err(|_| StoreError::damaged(wrong()))?;
        let digest = manifest.digest()?.to_string();
        let right = said.get(&session).is_some_and(|s| {
            s.index == count(index)
                && s.fact("manifest") == digest
                && s.fact("reason") == reason
                && manifest.exchanges == count(exchanges)
                && s.fact("writes") == writes.to_string()
                && s.fact("refused") == refused.to_string()
                && s.fact("activity") == activity::shown(&strip)
        });
        expect(right, wrong)?;
        let segments = segments(connection, &session).await?;
        // Of a destroyed one the rows go with the files.
        expect(segments == manifest.segments || destroyed && segments.is_empty(), wrong)?;
    }
    Ok(())
}

async fn segments(connection: &mut SqliteConnection, session: &str) -> Result<Vec<SegmentEntry>, StoreError> {
    let rows: Vec<(String,)> = sqlx::query_as("SELECT entry FROM segments WHERE session = ? ORDER BY number")
        .bind(session)
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|(entry,)| serde_json::from_str(entry).map_err(|_| StoreError::damaged(format!("a segment of {session}"))))
        .collect()
}

async fn check_reviews(connection: &mut SqliteConnection, said: &BTreeMap<u64, Said>) -> Result<(), StoreError> {
    let rows: Vec<(i64, String, String, String, String)> =
        sqlx::query_as("SELECT idx, session, digest, token, verdict FROM reviews").fetch_all(connection).await?;
    expect(rows.len() == said.len(), || "there are not as many reviews as the log says".into())?;
    for (index, session, digest, token, verdict) in rows {
        let right = said.get(&count(index)).is_some_and(|s| {
            s.event.session.as_ref().map(|id| id.as_str()) == Some(session.as_str())
                && s.statement(0) == digest
                && s.statement(1) == token
                && s.fact("verdict") == verdict
        });
        expect(right, || format!("the review at {index} is not what the log says"))?;
    }
    Ok(())
}

/// Whom a person's mark stands for is in no leaf; that there is one is.
async fn check_revoked(connection: &mut SqliteConnection, said: &BTreeMap<u64, Said>) -> Result<(), StoreError> {
    let rows: Vec<(String, i64)> =
        sqlx::query_as("SELECT subject, idx FROM revoked ORDER BY idx, subject").fetch_all(connection).await?;
    let mut found: BTreeMap<u64, Vec<&str>> = BTreeMap::new();
    rows.iter().for_each(|(subject, index)| found.entry(count(*index)).or_default().push(subject));
    expect(found.len() == said.len(), || "there are not as many revocations as the log says".into())?;
    for (index, subjects) in found {
        let right = said.get(&index).is_some_and(|entry| is_revocation_of(entry, &subjects));
        expect(right, || format!("the revocation at {index} is not what the log says"))?;
    }
    Ok(())
}

/// The subjects in their order.
fn is_revocation_of(entry: &Said, subjects: &[&str]) -> bool {
    if let Some(named) = entry.event.facts.get("sessions") {
        let ids: Option<Vec<SessionId>> =
            subjects.iter().map(|subject| subject.strip_prefix("session:")?.parse().ok()).collect();
        return ids.is_some_and(|ids| Revoked::digest_of_sessions(&ids).as_str() == named);
    }
    match subjects {
        [subject] => match subject.split_once(':') {
            Some(("grant", request)) => entry.fact("request") == request,
            Some(("device", device)) => entry.fact("revoked-device") == device,
            Some(("person", _)) => entry.event.sealed.contains_key("revoked-person"),
            _ => false,
        },
        _ => false,
    }
}

async fn check_enrolled(connection: &mut SqliteConnection, said: &BTreeMap<u64, Said>) -> Result<(), StoreError> {
    let rows: Vec<(String, i64)> = sqlx::query_as("SELECT device, idx FROM enrolled").fetch_all(connection).await?;
    for (device, index) in rows {
        let right = said.get(&count(index)).is_some_and(|s| s.fact("device") == device);
        expect(right, || format!("the enrolment at {index} is not what the log says"))?;
    }
    Ok(())
}

async fn check_policies(connection: &mut SqliteConnection, said: &BTreeMap<u64, Said>) -> Result<(), StoreError> {
    let rows: Vec<(i64, i64, String)> =
        sqlx::query_as("SELECT idx, version, digest FROM policies").fetch_all(connection).await?;
    expect(rows.len() == said.len(), || "there are not as many policies as the log says".into())?;
    for (index, version, digest) in rows {
        let right = said
            .get(&count(index))
            .is_some_and(|s| s.fact("policy") == digest && s.fact("version") == version.to_string());
        expect(right, || format!("the policy at {index} is not what the log says"))?;
    }
    Ok(())
}

async fn check_permissions(connection: &mut SqliteConnection, said: &BTreeMap<u64, Said>) -> Result<(), StoreError> {
    let rows: Vec<(i64, String, i64)> =
        sqlx::query_as("SELECT idx, id, uses FROM permissions").fetch_all(connection).await?;
    expect(rows.len() == said.len(), || "there are not as many permissions as the log says".into())?;
    for (index, id, uses) in rows {
        let right =
            said.get(&count(index)).is_some_and(|s| s.fact("permission") == id && s.fact("uses") == uses.to_string());
        expect(right, || format!("the permission at {index} is not what the log says"))?;
    }
    Ok(())
}

async fn check_uses(connection: &mut SqliteConnection, said: &BTreeMap<u64, Said>) -> Result<(), StoreError> {
    let rows: Vec<(i64, String, i64, String)> =
        sqlx::query_as("SELECT idx, permission, number, session FROM permission_uses").fetch_all(connection).await?;
    expect(rows.len() == said.len(), || "there are not as many uses of permissions as the log says".into())?;
    for (index, permission, number, session) in rows {
        let right = said.get(&count(index)).is_some_and(|s| {
            s.fact("permission") == permission && s.fact("use") == number.to_string() && s.is_of(&session)
        });
        expect(right, || format!("the use of a permission at {index} is not what the log says"))?;
    }
    Ok(())
}

/// Whom a mark stands for is in no leaf; whether there is one is.
async fn check_notices(connection: &mut SqliteConnection, said: &BTreeMap<u64, Said>) -> Result<(), StoreError> {
    let rows: Vec<(i64, String, bool)> =
        sqlx::query_as("SELECT idx, session, person_mark IS NOT NULL FROM notices").fetch_all(connection).await?;
    expect(rows.len() == said.len(), || "there are not as many notices as the log says".into())?;
    for (index, session, is_person) in rows {
        let to = if is_person { "person" } else { "contact" };
        let right = said.get(&count(index)).is_some_and(|s| s.fact("to") == to && s.is_of(&session));
        expect(right, || format!("the notice at {index} is not what the log says"))?;
    }
    Ok(())
}

async fn check_seen(connection: &mut SqliteConnection, said: &BTreeMap<u64, Said>) -> Result<(), StoreError> {
    let rows: Vec<(i64, i64)> = sqlx::query_as("SELECT idx, notice FROM notices_done").fetch_all(connection).await?;
    expect(rows.len() == said.len(), || "there are not as many notices seen as the log says".into())?;
    for (index, notice) in rows {
        let right = said.get(&count(index)).is_some_and(|s| s.fact("notice") == notice.to_string());
        expect(right, || format!("that a notice was seen, at {index}, is not what the log says"))?;
    }
    Ok(())
}
