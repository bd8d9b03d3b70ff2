use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use domain::{Digest, UnixSeconds};
use serve::{JsonBody, ProblemResponse, Service};
use statement::{Enrol, Kind as _, Trust, Unverified, sha256, verify_enrol_factor};
use wire::audit::{Events, LogEntry, Sealed, WhichEvents};
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
    JsonBody(mut append): JsonBody<Append>,
) -> Result<Json<Receipt>, ProblemResponse> {
    let source = match service {
        Service::Broker => Source::Broker,
        Service::Gateway => Source::Gateway,
        Service::Audit => return Err(problem::other_service()),
    };
    let own = |unique: &String| ["grant/", "review/", "enrol/"].iter().any(|prefix| unique.starts_with(prefix));
    let reserved = append.unique.as_ref().is_some_and(own);
    if !may_write(source, append.kind) || reserved {
        return Err(problem::other_service());
    }
    if append.kind == EventKind::Enrolled {
        let enrol = check_enrolment(&append, &audit.trust, audit.now())?;
        append.unique = Some(format!("enrol/{enrol}"));
        if let Err(problem) = audit.keys_for_tokens(&append.statements).await {
            tracing::warn!(code = problem.code(), "the issuer's keys could not be looked at for an enrolment");
        }
    }
    audit.writer.append(NewEvent { source, append }).await.map(Json)
}

/// An enrolment is written down once, while it is fresh: nobody brings one that was dated back. Beside it stand the
/// attestation of the code that was taken for exactly it, and its signer's PK token; nobody else's is kept.
fn check_enrolment(append: &Append, trust: &Trust, now: UnixSeconds) -> Result<Digest, ProblemResponse> {
    let bad = |why| Err(problem::bad_event(why));
    let mut enrols = append.statements.iter().filter_map(|s| Some((s, Unverified::<Enrol>::read(s).ok()?)));
    let (Some((compact, enrol)), None) = (enrols.next(), enrols.next()) else {
        return bad("It does not hold exactly one enrolment.");
    };
    if enrol.issued_at().abs_diff(now) > Enrol::MAX_LIFE_SECONDS.unsigned_abs() {
        return bad("It holds an enrolment that was not signed just now.");
    }
    let is_token = |text: &&String| text.split('.').count() == 5;
    if append.statements.iter().filter(is_token).any(|token| sha256(token) != *enrol.kid()) {
        return bad("It holds a PK token that signed nothing in it.");
    }
    let named = append.facts.get("attestation");
    let attestation = append.statements.iter().find(|s| named.is_some_and(|named| sha256(s).as_str() == named));
    match attestation.map(|attestation| verify_enrol_factor(compact, attestation, trust)) {
        Some(Ok(())) => Ok(sha256(compact)),
        Some(Err(refusal)) => Err(problem::bad_event(&format!("Its attestation does not hold: {refusal}."))),
        None => bad("It names no attestation of the enrolment's code, or holds another."),
    }
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
        | K::DecisionRefused
        | K::RefusedOnDesktop => source == Source::Broker,
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

/// The log, newest first, with the personal fields that are still readable.
pub(super) async fn list(
    State(audit): State<Arc<Audit>>,
    _who: Reviewer,
    page: Result<Query<WhichEvents>, axum::extract::rejection::QueryRejection>,
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
