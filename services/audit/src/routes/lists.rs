//! Lists of Sessions: a page, the count, and an export.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use serve::{JsonBody, ProblemResponse};
use statement::Unverified;
use wire::audit::{ExportSessions, ExportedSessions, SessionCount, SessionSummary, Sessions, WhichSessions};
use wire::event::{Append, EventKind};
use wire::forgetting::ForgottenSession;
use wire::sessions::{Cursor, EXPORT_PAGE, LARGEST_PAGE, MOST_EXPORTED, Order};

use super::sessions::{summary, tell_so_far, what_is_left};
use crate::audit::Audit;
use crate::error::StoreError;
use crate::looking::Looked;
use crate::opening::one_line;
use crate::people::{Person, Reviewer};
use crate::problem;
use crate::store::{Detail, Reader, SessionRow};

type Answer<T> = Result<Json<T>, ProblemResponse>;

/// Sessions in one page when nothing else is asked for.
const PAGE: u32 = 50;
/// Sessions that one call looks through for a text…
const LOOKED: u64 = 2_000;
/// …and one call of an export.
const EXPORT_LOOKED: u64 = 20_000;
/// Sessions that are looked through at once.
const AT_ONCE: u32 = 200;

/// Sessions of a list with what is known of each: forgotten ones have no detail.
struct Page {
    rows: Vec<(SessionRow, Option<Detail>)>,
    looked: Option<u64>,
    next: Option<Cursor>,
}

/// How far a page goes.
struct Reach {
    limit: u32,
    looked: u64,
}

/// Reviewers see every Session, others their own.
pub(super) async fn list(
    State(audit): State<Arc<Audit>>,
    person: Person,
    asked: Result<Query<WhichSessions>, QueryRejection>,
) -> Answer<Sessions> {
    let which = query(asked)?;
    let mut page = listed(&audit.reader, &audit.look_for(&person, &which).await?, &which).await?;
    tell_so_far(&audit, &person, &mut page.sessions);
    Ok(Json(page))
}

/// A page of a list.
pub(crate) async fn listed(
    reader: &Reader,
    looked_for: &Looked,
    which: &WhichSessions,
) -> Result<Sessions, ProblemResponse> {
    let limit = which.limit.unwrap_or(PAGE);
    if !(1..=LARGEST_PAGE).contains(&limit) {
        return Err(problem::malformed("A page holds 1 to 200 Sessions."));
    }
    let after = after(which.cursor.as_deref(), looked_for.listing.order)?;
    let Page { rows, looked, next } = page(reader, looked_for, after, &Reach { limit, looked: LOOKED }).await?;
    let (sessions, forgotten) = told(reader, rows).await?;
    Ok(Sessions { sessions, forgotten, looked, next: next.map(|next| next.to_string()) })
}

/// How many there are of the same list, whatever text is looked for in it.
pub(super) async fn count(
    State(audit): State<Arc<Audit>>,
    person: Person,
    asked: Result<Query<WhichSessions>, QueryRejection>,
) -> Answer<SessionCount> {
    let looked_for = audit.look_for(&person, &query(asked)?).await?;
    let (sessions, more) = audit.reader.count_listed(&looked_for.listing).await?;
    Ok(Json(SessionCount { sessions, more }))
}

/// Whoever takes a part of the list away leaves an Event first.
pub(super) async fn export(
    State(audit): State<Arc<Audit>>,
    Reviewer(person): Reviewer,
    JsonBody(asked): JsonBody<ExportSessions>,
) -> Answer<ExportedSessions> {
    let (which, cursor) = (asked.list(), asked.cursor);
    let looked_for = audit.look_for(&person, &which).await?;
    let after = after(cursor.as_deref(), looked_for.listing.order)?;
    let of = audit.reader.count_up_to(&looked_for.listing, MOST_EXPORTED + 1).await?;
    if of > MOST_EXPORTED {
        return Err(problem::export_too_large());
    }
    let reach = Reach { limit: EXPORT_PAGE, looked: EXPORT_LOOKED };
    let Page { rows, next, .. } = page(&audit.reader, &looked_for, after, &reach).await?;
    let (sessions, forgotten) = told(&audit.reader, rows).await?;
    let rows = sessions.len() + forgotten.len();
    let receipt = audit.note(exported(&person, &which, cursor.as_deref(), rows, of)).await?;
    let next = next.map(|next| next.to_string());
    Ok(Json(ExportedSessions { sessions, forgotten, of, next, receipt }))
}

/// The filter names people and tickets, so that it is sealed.
fn exported(person: &Person, which: &WhichSessions, cursor: Option<&str>, rows: usize, of: u64) -> Append {
    Append::new(EventKind::SessionsExported)
        .fact("sessions", rows.to_string())
        .fact("of", of.to_string())
        .fact("from", cursor.unwrap_or("the beginning"))
        .personal("filter", serde_json::to_string(which).unwrap_or_default())
        .personal("person", person.identity.person.to_string())
        .personal("name", one_line(&person.identity.name))
}

fn query(asked: Result<Query<WhichSessions>, QueryRejection>) -> Result<WhichSessions, ProblemResponse> {
    asked.map(|Query(which)| which).map_err(|_| problem::malformed("The query names an unknown filter or value."))
}

fn after(cursor: Option<&str>, order: Order) -> Result<Option<Cursor>, ProblemResponse> {
    let Some(text) = cursor else { return Ok(None) };
    let cursor: Cursor = text.parse().map_err(|_| problem::other_cursor())?;
    if cursor.value.is_some() == order.is_by_value() { Ok(Some(cursor)) } else { Err(problem::other_cursor()) }
}

/// Sessions behind `after`: one page, or as many of the next ones as may be looked through.
async fn page(
    reader: &Reader,
    Looked { listing, text }: &Looked,
    after: Option<Cursor>,
    reach: &Reach,
) -> Result<Page, StoreError> {
    let limit = reach.limit as usize;
    let Some(text) = text else {
        let mut places = reader.places(listing, after, reach.limit + 1).await?;
        let more = places.len() > limit;
        places.truncate(limit);
        let next = places.last().copied().filter(|_| more);
        let rows = reader.sessions_at(&places).await?;
        let rows = rows.into_iter().map(|row| opened(reader, row)).collect::<Result<_, _>>()?;
        return Ok(Page { rows, looked: None, next });
    };
    let mut page = Page { rows: Vec::new(), looked: Some(0), next: after };
    let mut looked = 0;
    loop {
        let places = reader.places(listing, page.next, AT_ONCE).await?;
        let last = places.len() < AT_ONCE as usize;
        for (place, row) in places.iter().zip(reader.sessions_at(&places).await?) {
            let (row, detail) = opened(reader, row)?;
            (looked, page.next) = (looked + 1, Some(*place));
            if detail.as_ref().is_some_and(|detail| holds(&row, detail, text)) {
                page.rows.push((row, detail));
            }
            if page.rows.len() == limit {
                page.looked = Some(looked);
                return Ok(page);
            }
        }
        if last || looked >= reach.looked {
            page.looked = Some(looked);
            page.next = page.next.filter(|_| !last);
            return Ok(page);
        }
    }
}

fn opened(reader: &Reader, row: SessionRow) -> Result<(SessionRow, Option<Detail>), StoreError> {
    match reader.detail(&row) {
        Ok(detail) => Ok((row, Some(detail))),
        Err(StoreError::Forgotten) => Ok((row, None)),
        Err(error) => Err(error),
    }
}

/// Whether the text stands in one of what a Session is known by; `text` is in small letters.
fn holds(row: &SessionRow, detail: &Detail, text: &str) -> bool {
    let has = |field: &str| field.to_lowercase().contains(text);
    has(&detail.organization.name)
        || has(&detail.name)
        || has(&detail.ticket)
        || has(row.session.as_str())
        || justification(detail).is_some_and(|justification| has(&justification))
}

fn justification(detail: &Detail) -> Option<String> {
    let bundle: statement::Bundle = serde_json::from_str(&detail.bundle_json).ok()?;
    let request = Unverified::<statement::Request>::read(&bundle.request).ok()?;
    Some(request.unverified_body().justification.clone())
}

async fn told(
    reader: &Reader,
    rows: Vec<(SessionRow, Option<Detail>)>,
) -> Result<(Vec<SessionSummary>, Vec<ForgottenSession>), ProblemResponse> {
    let (mut sessions, mut forgotten) = (Vec::with_capacity(rows.len()), Vec::new());
    for (row, detail) in rows {
        match detail {
            Some(detail) => sessions.push(summary(reader, &row, &detail).await?),
            None => forgotten.push(what_is_left(row)),
        }
    }
    Ok((sessions, forgotten))
}
