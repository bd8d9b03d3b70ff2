use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use domain::SessionId;
use recording::{Captured, Frame};
use serve::ProblemResponse;
use statement::{ReviewVerdict, sha256};
use tokio::time::Instant;
use wire::audit::{Frames, ReviewView, SessionDetail, SessionSummary, Stream, WhichFrames};
use wire::break_glass::BreakGlassUse;
use wire::event::{Append, Event, EventKind};
use wire::forgetting::ForgottenSession;

use super::session_id;
use crate::activity;
use crate::audit::Audit;
use crate::chain;
use crate::error::StoreError;
use crate::people::{Person, Reviewer};
use crate::problem;
use crate::store::{Detail, Reader, Reviewed, SessionRow, UseRow};

type Answer<T> = Result<Json<T>, ProblemResponse>;

pub(super) async fn one(
    State(audit): State<Arc<Audit>>,
    person: Person,
    Path(session): Path<String>,
) -> Answer<SessionDetail> {
    let (row, detail) = visible(&audit, &person, &session_id(&session)?).await?;
    let opened = audit.receipt(row.opened_index).await?;
    check_opened(&row.session, &opened.leaf, &detail)?;
    let seal = audit.seal(&row.session).await?;
    let sealed = match &seal {
        Some(seal) => Some(audit.receipt(seal.index).await?),
        None => None,
    };
    let mut reviews = Vec::new();
    for review in audit.reader.reviews(&row.session).await? {
        reviews.push(view(&audit.reader, review).await?);
    }
    let signers: Vec<_> =
        reviews.iter().map(|review: &ReviewView| (review.reviewer_token.clone(), review.at)).collect();
    let chain = chain::to_signers(&audit, &signers).await?;
    let bundle = serde_json::from_str(&detail.bundle_json).map_err(|_| StoreError::Damaged("a bundle".into()))?;
    let mut summary = summary(&audit.reader, &row, &detail).await?;
    tell_so_far(&audit, &person, std::slice::from_mut(&mut summary));
    let extensions = audit.logged_extensions(&row).await?;
    let examination = audit.examination(&row).await?;
    let expired = match row.expired {
        Some((_, index)) => Some(audit.receipt(index).await?),
        None => None,
    };
    Ok(Json(SessionDetail {
        summary,
        bundle,
        opened,
        extensions,
        sealed,
        manifest: seal.map(|s| s.manifest),
        expired,
        examination,
        reviews,
        reviewer_enrols: chain.enrols,
        reviewer_enrol_tokens: chain.tokens,
    }))
}

/// Whoever looks at a Recording leaves an Event first.
pub(super) async fn frames(
    State(audit): State<Arc<Audit>>,
    Reviewer(reviewer): Reviewer,
    Path(session): Path<String>,
    which: Result<Query<WhichFrames>, QueryRejection>,
) -> Answer<Frames> {
    let Query(WhichFrames { stream, from }) =
        which.map_err(|_| problem::malformed("The query is not a stream (exchanges or dom) and a frame's number."))?;
    let row = audit.reader.session(&session_id(&session)?).await?.ok_or_else(problem::no_session)?;
    audit.reader.recording_key(&row)?;
    if row.ended.is_none() && audit.watches.is_inside(&row.session, Instant::now()) {
        return Err(problem::somebody_inside());
    }
    audit.note(viewed(&row, &reviewer, &stream, from)).await?;
    let live = row.ended.is_none();
    let (frames, next) = audit.frames(&row, from.unwrap_or(0), move |frame| is_of(frame, &stream)).await?;
    let missing_batches = match audit.seal(&row.session).await? {
        Some(seal) => seal.manifest.missing_batches,
        None => audit.missing_batches(&row.session).await?,
    };
    Ok(Json(Frames { frames, live, missing_batches, next }))
}

fn viewed(row: &SessionRow, reviewer: &Person, stream: &Stream, from: Option<u64>) -> Append {
    let word = match stream {
        Stream::Exchanges => "exchanges",
        Stream::Dom => "dom",
    };
    let mut event = Append::new(EventKind::SessionViewed).organization(&row.organization).session(&row.session);
    if let Some(from) = from {
        event = event.fact("from", from.to_string());
    }
    event
        .fact("stream", word)
        .personal("person", reviewer.identity.person.to_string())
        .personal("name", crate::opening::one_line(&reviewer.identity.name))
}

fn is_of(frame: &Frame, stream: &Stream) -> bool {
    let page = matches!(frame.content, Captured::Page { .. });
    match stream {
        Stream::Dom => page,
        Stream::Exchanges => !page,
    }
}

/// The Session, when this person may see it. To others it does not exist.
async fn visible(audit: &Audit, person: &Person, session: &SessionId) -> Result<(SessionRow, Detail), ProblemResponse> {
    let row = audit.reader.session(session).await?.ok_or_else(problem::no_session)?;
    let detail = audit.reader.detail(&row)?;
    if person.is_reviewer() || detail.person == person.identity.person {
        Ok((row, detail))
    } else {
        Err(problem::no_session())
    }
}

/// What is stored about the Session is what the log says was opened.
pub(super) fn check_opened(session: &SessionId, leaf: &str, detail: &Detail) -> Result<(), StoreError> {
    let event: Event =
        serde_json::from_str(leaf).map_err(|_| StoreError::Damaged(format!("the opening of {session}")))?;
    let bundle = sha256(&detail.bundle_json).to_string();
    if event.session.as_ref() == Some(session) && event.facts.get("bundle") == Some(&bundle) {
        Ok(())
    } else {
        Err(StoreError::Damaged(format!("the bundle of {session} is another")))
    }
}

/// What the rules point at in what runs, for reviewers.
pub(super) fn tell_so_far(audit: &Audit, person: &Person, sessions: &mut [SessionSummary]) {
    if person.is_reviewer() {
        for one in sessions.iter_mut().filter(|one| one.ended_at.is_none()) {
            one.so_far = audit.so_far.of(&one.session);
        }
    }
}

/// What the log itself says of a Session whose Organization was forgotten.
pub(super) fn what_is_left(row: SessionRow) -> ForgottenSession {
    ForgottenSession {
        ends_at: row.last_end(),
        ended_at: row.ended.map(|(at, _)| at),
        session: row.session,
        organization: row.organization,
        scope: row.scope,
        opened_at: row.opened_at,
    }
}

pub(super) async fn summary(
    reader: &Reader,
    row: &SessionRow,
    detail: &Detail,
) -> Result<SessionSummary, ProblemResponse> {
    Ok(SessionSummary {
        session: row.session.clone(),
        organization: detail.organization.clone(),
        person: detail.person.clone(),
        name: detail.name.clone(),
        approvers: detail.approver_names.clone(),
        scope: row.scope,
        reason: detail.reason,
        ticket: detail.ticket.clone(),
        opened_at: row.opened_at,
        ends_at: row.last_end(),
        ended_at: row.ended.as_ref().map(|(at, _)| *at),
        ended_by: row.ended.as_ref().map(|(_, reason)| reason.clone()),
        exchanges: row.exchanges,
        writes: row.writes,
        refused: row.refused,
        activity: activity::shown(&row.activity),
        review: verdict(reader, &row.session).await?,
        findings: reader.weighed(&row.session).await?,
        so_far: None,
        due: row.due,
        break_glass: reader.use_of(&row.session).await?.map(used),
        expired_at: row.expired.map(|(at, _)| at),
    })
}

fn used(row: UseRow) -> BreakGlassUse {
    let number = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
    BreakGlassUse { permission: row.permission, duty: !row.reviewed, told: number(row.told), seen: number(row.seen) }
}

/// What the reviews come to: one that flags the Session stands, whatever another says later.
async fn verdict(reader: &Reader, session: &SessionId) -> Result<Option<ReviewVerdict>, ProblemResponse> {
    let mut newest = None;
    for review in reader.reviews(session).await? {
        let verdict = view(reader, review).await?.verdict;
        if newest != Some(ReviewVerdict::Flagged) {
            newest = Some(verdict);
        }
    }
    Ok(newest)
}

/// From the statement itself, not from a column.
async fn view(reader: &Reader, review: Reviewed) -> Result<ReviewView, ProblemResponse> {
    let gone = || StoreError::Damaged(format!("review {} is gone", review.digest));
    let statement = reader.statement(&review.digest).await?.ok_or_else(gone)?;
    let body = crate::reviewing::body_of(&statement).ok_or_else(gone)?;
    let personal = reader.personal(review.index).await?;
    let name = personal.get("reviewer-name").map(|f| f.value.clone()).unwrap_or_default();
    let reviewer_token = reader.statement(&review.token).await?.ok_or_else(gone)?;
    Ok(ReviewView { statement, reviewer_token, name, at: review.at, verdict: body.verdict, note: body.note })
}
