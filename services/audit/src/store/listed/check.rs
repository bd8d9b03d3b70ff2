use sqlx::sqlite::SqliteConnection;

use crate::error::StoreError;
use crate::store::check::expect;

/// Where a row of the list is not what the tables say that it repeats, or is not there.
const OTHER: &str = "SELECT s.session FROM sessions s JOIN progress p ON p.session = s.session \
     LEFT JOIN listed l ON l.opened_idx = s.opened_idx LEFT JOIN seals e ON e.session = s.session \
     LEFT JOIN examined x ON x.session = s.session WHERE l.organization IS NOT s.organization OR l.scope IS NOT s.scope \
     OR l.person_mark IS NOT s.person_mark OR l.opened_at IS NOT s.opened_at OR l.changed IS NOT (p.writes > 0) \
     OR l.ends_at IS NOT MAX(s.ends_at, COALESCE((SELECT MAX(t.ends_at) FROM extensions t WHERE t.session = s.session), 0)) \
     OR l.length IS NOT CASE WHEN e.session IS NULL THEN -1 ELSE MAX(e.ended_at - s.opened_at, 0) END \
     OR l.stop IS NOT x.stop OR l.look IS NOT x.look OR l.note IS NOT x.note OR l.drawn IS NOT x.drawn \
     OR l.break_glass <> EXISTS (SELECT 1 FROM permission_uses u WHERE u.session = s.session) \
     OR l.lapsed <> (EXISTS (SELECT 1 FROM expired g WHERE g.session = s.session) \
     OR EXISTS (SELECT 1 FROM forgotten f WHERE f.organization = s.organization)) \
     OR l.review IS NOT CASE WHEN e.session IS NULL THEN 'recording' \
     WHEN EXISTS (SELECT 1 FROM reviews r WHERE r.session = s.session AND r.verdict = 'flagged') THEN 'flagged' \
     WHEN EXISTS (SELECT 1 FROM reviews r WHERE r.session = s.session) THEN 'reviewed' ELSE 'open' END \
     OR (s.person_mark = x'') <> COALESCE(l.reason_mark = x'', 0) OR (s.person_mark = x'') <> COALESCE(l.ticket_mark = x'', 0) \
     LIMIT 1";

/// A Session that is left out of the list, or stands in it as something else, would be found by nobody.
pub(in crate::store) async fn check_listed(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let other: Option<(String,)> = sqlx::query_as(OTHER).fetch_optional(&mut *connection).await?;
    if let Some((session,)) = other {
        return Err(StoreError::damaged(format!("Session {session} does not stand in the list as it is")));
    }
    let (more,): (i64,) = sqlx::query_as("SELECT (SELECT COUNT(*) FROM listed) - (SELECT COUNT(*) FROM sessions)")
        .fetch_one(connection)
        .await?;
    expect(more == 0, || "the list holds Sessions that there are not".into())
}
