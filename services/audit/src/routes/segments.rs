use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderName, header};
use axum::response::IntoResponse;
use domain::SessionId;
use recording::{SegmentEntry, open_segment_lines};
use serve::ProblemResponse;
use wire::event::{Append, EventKind};

use super::session_id;
use crate::audit::Audit;
use crate::error::StoreError;
use crate::opening::one_line;
use crate::people::{Person, Reviewer};
use crate::problem;
use crate::store::SessionRow;

/// The exact lines of one segment of a sealed Recording. Whoever looks at it leaves an Event first.
pub(super) async fn lines(
    State(audit): State<Arc<Audit>>,
    Reviewer(reviewer): Reviewer,
    Path((session, number)): Path<(String, String)>,
) -> Result<impl IntoResponse, ProblemResponse> {
    let number: u64 = number.parse().map_err(|_| problem::malformed("The segment's number is not one."))?;
    let row = audit.reader.session(&session_id(&session)?).await?.ok_or_else(problem::no_session)?;
    let seal = audit.seal(&row.session).await?.ok_or_else(|| {
        problem::conflict("not-sealed", "The Recording is not sealed yet.", "Ask for its frames while it runs.")
    })?;
    let mut segments = seal.manifest.segments.into_iter();
    let entry = segments.find(|s| s.number == number).ok_or_else(|| {
        problem::malformed("The Recording has no segment of this number; its manifest lists those that it has.")
    })?;
    audit.reader.recording_key(&row)?;
    audit.note(viewed(&row, &reviewer, number)).await?;
    let text = audit.lines(&row, entry).await?;
    let headers: [(HeaderName, &str); 2] =
        [(header::CONTENT_TYPE, "application/octet-stream"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, text))
}

impl Audit {
    async fn lines(&self, row: &SessionRow, entry: SegmentEntry) -> Result<Vec<u8>, ProblemResponse> {
        let _turn = self.unpacking.pages.acquire().await.map_err(|_| problem::stopped())?;
        let (key, session) = (self.reader.recording_key(row)?, row.session.clone());
        let objects = self.reader.objects.clone();
        let reading = tokio::task::spawn_blocking(move || {
            let name = |session: &SessionId| format!("segment {} of {session}", entry.number);
            let sealed = objects.get(&entry.sealed)?;
            let sealed = sealed.ok_or_else(|| StoreError::damaged(format!("{} is gone", name(&session))))?;
            open_segment_lines(&key, &session, &entry, &sealed)
                .map(|text| text.to_vec())
                .map_err(|error| StoreError::damaged(format!("{}: {error}", name(&session))))
        });
        Ok(reading.await.map_err(|_| problem::stopped())??)
    }
}

fn viewed(row: &SessionRow, reviewer: &Person, segment: u64) -> Append {
    Append::new(EventKind::SessionViewed)
        .organization(&row.organization)
        .session(&row.session)
        .fact("segment", segment.to_string())
        .personal("person", reviewer.identity.person.to_string())
        .personal("name", one_line(&reviewer.identity.name))
}
