use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serve::{JsonBody, ProblemResponse, Service};
use statement::BreakGlassPermission;
use wire::audit::Sessions;
use wire::break_glass::{LoggedPermissions, Notice, Notices};
use wire::event::{Append, EventKind, Receipt};

use super::sessions::summary;
use crate::audit::Audit;
use crate::opening::one_line;
use crate::people::{FromService, Person, Reviewer};
use crate::permitting::could_have_signed;
use crate::problem;
use crate::sequencer::{Command, NewSeen};
use crate::store::NoticeRow;

/// Notices, and duties, in one answer.
const PAGE: u32 = 200;

pub(super) async fn list(
    State(audit): State<Arc<Audit>>,
    FromService(service): FromService,
) -> Result<Json<LoggedPermissions>, ProblemResponse> {
    if service != Service::Broker {
        return Err(problem::other_service());
    }
    audit.logged_permissions().await.map(Json)
}

pub(super) async fn permit(
    State(audit): State<Arc<Audit>>,
    FromService(service): FromService,
    JsonBody(permission): JsonBody<BreakGlassPermission>,
) -> Result<Json<Receipt>, ProblemResponse> {
    if service != Service::Broker {
        return Err(problem::other_service());
    }
    audit.permit(permission).await.map(Json)
}

/// Each person's own, from this service and from nobody else. What is given out for the first time is written down before.
pub(super) async fn notices(State(audit): State<Arc<Audit>>, person: Person) -> Result<Json<Notices>, ProblemResponse> {
    if !person.identity.roles.iter().any(could_have_signed) {
        return Ok(Json(Notices::default()));
    }
    let mark = audit.reader.vault().mark(&person.identity.person)?;
    let mut notices = Vec::new();
    for row in audit.reader.notices_of(&mark, audit.writer.head().size, PAGE).await? {
        notices.push(notice(&audit, &person, &row).await?);
    }
    Ok(Json(Notices { notices }))
}

async fn notice(audit: &Audit, person: &Person, row: &NoticeRow) -> Result<Notice, ProblemResponse> {
    let session = audit.reader.session(&row.session).await?.ok_or_else(problem::no_session)?;
    let detail = audit.reader.detail(&session)?;
    if !row.done {
        let mut event = Append::new(EventKind::NoticeSeen)
            .organization(&session.organization)
            .session(&row.session)
            .fact("notice", row.index.to_string())
            .fact("to", "person")
            .personal("person", person.identity.person.to_string())
            .personal("name", one_line(&person.identity.name));
        event.unique = Some(format!("notice/{}", row.index));
        let seen = NewSeen { notice: row.index, event };
        match audit.writer.perform(Command::See(Box::new(seen))).await {
            // Two calls of one person at once: the other one wrote it down.
            Err(refusal) if refusal.code() == problem::already_taken().code() => {}
            result => drop(result?),
        }
    }
    let used = audit.reader.use_of(&row.session).await?;
    Ok(Notice {
        session: row.session.clone(),
        organization: detail.organization,
        person: detail.person,
        name: detail.name,
        signed_by: detail.approver_names,
        scope: session.scope,
        reason: detail.reason,
        ticket: detail.ticket,
        opened_at: session.opened_at,
        ends_at: session.last_end(),
        reviewed: used.is_some_and(|used| used.reviewed),
        entry: audit.receipt(row.index).await?,
    })
}

/// Sessions that were opened by break-glass and wait for somebody's review, oldest first.
pub(super) async fn duties(
    State(audit): State<Arc<Audit>>,
    _reviewer: Reviewer,
) -> Result<Json<Sessions>, ProblemResponse> {
    let mut sessions = Vec::new();
    for session in audit.reader.duties(PAGE).await? {
        let row = audit.reader.session(&session).await?.ok_or_else(problem::no_session)?;
        sessions.push(summary(&audit.reader, &row, &audit.reader.detail(&row)?).await?);
    }
    Ok(Json(Sessions { sessions, forgotten: Vec::new(), looked: None, next: None }))
}
