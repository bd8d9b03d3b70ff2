use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use serde::Deserialize;
use serve::{JsonBody, ProblemResponse, Service};
use wire::audit::{Events, LogEntry, Sealed};
use wire::event::{Append, Event, EventKind, Receipt, Source};

use crate::audit::Audit;
use crate::error::StoreError;
use crate::people::{FromService, Reviewer};
use crate::problem;
use crate::sequencer::NewEvent;
use crate::store::{LeafRow, field_digest};

/// Entries in one page.
const PAGE: u32 = 100;

/// A service writes something down. What this service writes itself nobody else may.
pub(super) async fn append(
    State(audit): State<Arc<Audit>>,
    FromService(service): FromService,
    JsonBody(append): JsonBody<Append>,
) -> Result<Json<Receipt>, ProblemResponse> {
    let source = match service {
        Service::Broker => Source::Broker,
        Service::Gateway => Source::Gateway,
        Service::Audit => return Err(problem::other_service()),
    };
    let reserved = append.unique.as_ref().is_some_and(|u| u.starts_with("grant/") || u.starts_with("review/"));
    if !may_write(source, append.kind) || reserved {
        return Err(problem::other_service());
    }
    audit.writer.append(NewEvent { source, append }).await.map(Json)
}

fn may_write(source: Source, kind: EventKind) -> bool {
    use EventKind as K;
    match kind {
        K::SignedIn
        | K::SignInRefused
        | K::SecondFactorEnrolled
        | K::SecondFactorPassed
        | K::SecondFactorRefused
        | K::SecondFactorLocked
        | K::Enrolled
        | K::EnrolmentRefused
        | K::RequestSigned
        | K::RequestRefused
        | K::RequestWithdrawn
        | K::RequestExpired
        | K::Approved
        | K::Denied
        | K::DecisionRefused => source == Source::Broker,
        K::ExchangeRefused | K::RecordingPaused | K::RecordingGap | K::SessionEnded | K::SessionResumed => {
            source == Source::Gateway
        }
        K::ProviderKeysSeen | K::SessionRefused | K::CallRefused => source != Source::Audit,
        K::LogStarted
        | K::SessionOpened
        | K::RecordingSealed
        | K::SessionViewed
        | K::ReviewSigned
        | K::ReviewRefused
        | K::EvidenceMade => false,
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Page {
    before: Option<u64>,
    limit: Option<u32>,
}

/// The log, newest first, with the personal fields that are still readable.
pub(super) async fn list(
    State(audit): State<Arc<Audit>>,
    _who: Reviewer,
    page: Result<Query<Page>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<Events>, ProblemResponse> {
    let Query(page) = page.map_err(|_| problem::malformed("The query is not before and limit."))?;
    let size = audit.writer.head().size;
    let before = page.before.unwrap_or(size).min(size);
    let rows = audit.reader.leaves_before(before, page.limit.unwrap_or(PAGE).clamp(1, PAGE)).await?;
    let mut events = Vec::with_capacity(rows.len());
    for row in rows {
        events.push(entry(&audit, row).await?);
    }
    Ok(Json(Events { events, size }))
}

async fn entry(audit: &Audit, row: LeafRow) -> Result<LogEntry, StoreError> {
    let event = read(&row)?;
    let personal = audit.reader.personal(row.index).await?;
    check_fields(&row, &event, &personal)?;
    Ok(LogEntry { index: row.index, leaf: row.leaf, event, personal })
}

pub(super) fn read(row: &LeafRow) -> Result<Event, StoreError> {
    serde_json::from_str(&row.leaf).map_err(|_| StoreError::Damaged(format!("leaf {} is not an Event", row.index)))
}

/// Each opened field is the one that the leaf committed to.
pub(super) fn check_fields(
    row: &LeafRow,
    event: &Event,
    personal: &std::collections::BTreeMap<String, Sealed>,
) -> Result<(), StoreError> {
    for (name, field) in personal {
        if event.sealed.get(name) != Some(&field_digest(field)?) {
            return Err(StoreError::Damaged(format!("field {name} of leaf {} is another", row.index)));
        }
    }
    Ok(())
}
