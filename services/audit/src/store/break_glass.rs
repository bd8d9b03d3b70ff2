use domain::{Digest, SessionId};
use statement::BreakGlassPermission;

use super::{Reader, count, sql};
use crate::error::StoreError;
use crate::vault::Owner;

/// A permission as it was filed, and how often it was used.
pub(crate) struct PermissionRow {
    pub index: u64,
    pub permission: BreakGlassPermission,
    pub used: u64,
}

/// How a Session was opened by break-glass, and who knows of it.
#[derive(Debug, Clone)]
pub(crate) struct UseRow {
    pub permission: Digest,
    pub reviewed: bool,
    pub told: u64,
    pub seen: u64,
}

/// That somebody is told of a Session.
#[derive(Debug, Clone)]
pub(crate) struct NoticeRow {
    pub index: u64,
    pub session: SessionId,
    pub done: bool,
}

type NoticeColumns = (i64, String, bool);

impl Reader {
    /// Every permission whose entry stands below `size`, oldest first.
    pub async fn permissions(&self, size: u64) -> Result<Vec<PermissionRow>, StoreError> {
        let rows: Vec<(String, i64, Vec<u8>, i64)> = sqlx::query_as(
            "SELECT p.id, p.idx, p.sealed, (SELECT COUNT(*) FROM permission_uses u WHERE u.permission = p.id) \
             FROM permissions p WHERE p.idx < ? ORDER BY p.idx",
        )
        .bind(sql(size))
        .fetch_all(&self.pool)
        .await?;
        let open = |(id, index, sealed, used): (String, i64, Vec<u8>, i64)| {
            let plain = self.vault.open(&Owner::of(None), &permission_place(&id), &sealed)?;
            let damaged = |_| StoreError::damaged(format!("the permission {id}"));
            let permission = serde_json::from_slice(&plain).map_err(damaged)?;
            Ok(PermissionRow { index: count(index), permission, used: count(used) })
        };
        rows.into_iter().map(open).collect()
    }

    /// How this Session was opened by break-glass, if it was.
    pub async fn use_of(&self, session: &SessionId) -> Result<Option<UseRow>, StoreError> {
        let row: Option<(String, bool, i64, i64)> = sqlx::query_as(
            "SELECT u.permission, EXISTS (SELECT 1 FROM reviews r WHERE r.session = u.session), \
             (SELECT COUNT(*) FROM notices n WHERE n.session = u.session), \
             (SELECT COUNT(*) FROM notices n JOIN notices_done d ON d.notice = n.idx WHERE n.session = u.session) \
             FROM permission_uses u WHERE u.session = ?",
        )
        .bind(session.as_str())
        .fetch_optional(&self.pool)
        .await?;
        let Some((permission, reviewed, told, seen)) = row else { return Ok(None) };
        let permission = permission.parse().map_err(|_| StoreError::damaged("a use's permission"))?;
        Ok(Some(UseRow { permission, reviewed, told: count(told), seen: count(seen) }))
    }

    /// Sessions that were opened by break-glass and that nobody has reviewed, oldest first.
    pub async fn duties(&self, limit: u32) -> Result<Vec<SessionId>, StoreError> {
        let rows: Vec<(String,)> = sqlx::query_as(
            "SELECT u.session FROM permission_uses u WHERE NOT EXISTS \
             (SELECT 1 FROM reviews r WHERE r.session = u.session) ORDER BY u.idx LIMIT ?",
        )
        .bind(limit)
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(|(session,)| session.parse().map_err(|_| StoreError::damaged("a use's Session"))).collect()
    }

    /// A person's notices below `size`, newest first.
    pub async fn notices_of(&self, mark: &[u8], size: u64, limit: u32) -> Result<Vec<NoticeRow>, StoreError> {
        let rows: Vec<NoticeColumns> = sqlx::query_as(
            "SELECT n.idx, n.session, d.idx IS NOT NULL FROM notices n LEFT JOIN notices_done d ON d.notice = n.idx \
             WHERE n.person_mark = ? AND n.idx < ? ORDER BY n.idx DESC LIMIT ?",
        )
        .bind(mark)
        .bind(sql(size))
        .bind(limit)
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(notice).collect()
    }

    /// What Organizations' contacts have not taken yet, oldest first.
    pub async fn unsent_notices(&self, size: u64, limit: u32) -> Result<Vec<NoticeRow>, StoreError> {
        let rows: Vec<NoticeColumns> = sqlx::query_as(
            "SELECT n.idx, n.session, 0 FROM notices n WHERE n.person_mark IS NULL AND n.idx < ? AND NOT EXISTS \
             (SELECT 1 FROM notices_done d WHERE d.notice = n.idx) ORDER BY n.idx LIMIT ?",
        )
        .bind(sql(size))
        .bind(limit)
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(notice).collect()
    }
}

fn notice((index, session, done): NoticeColumns) -> Result<NoticeRow, StoreError> {
    let session = session.parse().map_err(|_| StoreError::damaged("a notice's Session"))?;
    Ok(NoticeRow { index: count(index), session, done })
}

pub(crate) fn permission_place(id: &str) -> String {
    format!("countersign/permission/v1\0{id}")
}
