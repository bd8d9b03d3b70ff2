use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use serve::{JsonBody, ProblemResponse};
use tokio::time::{Instant, timeout_at};
use wire::event::{Append, EventKind, Receipt};
use wire::watching::{OpenNow, Part, Watched, WhichPart};

use super::session_id;
use crate::audit::Audit;
use crate::opening::one_line;
use crate::people::{FromGateway, Person, Reviewer};
use crate::problem;
use crate::store::SessionRow;
use crate::watches::NewWatch;

type Answer<T> = Result<Json<T>, ProblemResponse>;

/// A watcher is answered within this time, whether something came or not.
const PATIENCE: Duration = Duration::from_secs(1);
/// However much comes, a watcher is not answered more often.
const GATHER: Duration = Duration::from_millis(100);

/// Somebody begins to watch. The entry stands in the log before the watch exists.
pub(super) async fn begin(
    State(audit): State<Arc<Audit>>,
    Reviewer(reviewer): Reviewer,
    Path(session): Path<String>,
) -> Answer<Receipt> {
    let row = audit.reader.session(&session_id(&session)?).await?.ok_or_else(problem::no_session)?;
    let detail = audit.reader.detail(&row)?;
    audit.reader.recording_key(&row)?;
    if detail.person == reviewer.identity.person {
        return Err(problem::own_session());
    }
    if row.ended.is_some() {
        return Err(problem::not_running());
    }
    audit.watches.check_room(&reviewer.identity.person, Instant::now())?;
    let receipt = audit.note(watched(&row, &reviewer)).await?;
    let watch = NewWatch {
        session: row.session,
        person: reviewer.identity.person.clone(),
        name: one_line(&reviewer.identity.name),
        since: audit.now(),
    };
    audit.watches.add(receipt.index, watch, Instant::now());
    Ok(Json(receipt))
}

/// What came, as soon as something did.
pub(super) async fn part(
    State(audit): State<Arc<Audit>>,
    Reviewer(reviewer): Reviewer,
    Path((session, watch)): Path<(String, String)>,
    which: Result<Query<WhichPart>, QueryRejection>,
) -> Answer<Part> {
    let Query(WhichPart { from }) = which.map_err(|_| problem::malformed("The query is not a frame's number."))?;
    let session = session_id(&session)?;
    let watch: u64 = watch.parse().map_err(|_| problem::no_watch())?;
    audit.watches.ask(watch, &session, &reviewer.identity.person, Instant::now())?;
    let mut changes = audit.watches.changes();
    let until = Instant::now() + PATIENCE;
    loop {
        changes.borrow_and_update();
        let untold = !audit.watches.may_see(watch, Instant::now());
        if !untold {
            let row = audit.reader.session(&session).await?.ok_or_else(problem::no_session)?;
            let (lines, next) = audit.lines_from(&session, from).await?;
            if !lines.is_empty() || row.ended.is_some() {
                return Ok(Json(Part { over: row.ended.is_some() && lines.is_empty(), lines, next, untold }));
            }
        }
        if timeout_at(until, changes.changed()).await.is_err() {
            return Ok(Json(Part { lines: String::new(), next: from, untold, over: false }));
        }
        tokio::time::sleep(GATHER).await;
    }
}

/// The gateway says what it has open, and hears who watches it.
pub(super) async fn tell(
    State(audit): State<Arc<Audit>>,
    _gateway: FromGateway,
    JsonBody(open): JsonBody<OpenNow>,
) -> Json<Watched> {
    Json(audit.watches.tell(open.sessions, Instant::now()))
}

fn watched(row: &SessionRow, reviewer: &Person) -> Append {
    Append::new(EventKind::SessionWatched)
        .organization(&row.organization)
        .session(&row.session)
        .personal("person", reviewer.identity.person.to_string())
        .personal("name", one_line(&reviewer.identity.name))
}
