use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use domain::Digest;
use serve::{JsonBody, ProblemResponse, Service};
use statement::{
    Directory, Enrol, Enrolments, Refusal, ResetFactor, Revoke, Revoked, Unverified, sha256, verify_enrol_factor,
    verify_factor_for, verify_kept_revoke,
};
use wire::audit::{Events, LogEntry, Sealed, WhichEvents};
use wire::event::{Append, Event, EventKind, Receipt, Source};

use crate::audit::Audit;
use crate::error::StoreError;
use crate::people::{FromService, Reviewer};
use crate::problem;
use crate::routes::resets::check_reset;
use crate::sequencer::{Holder, NewEvent};
use crate::store::{LeafRow, field_digest};

/// Entries in one page.
const PAGE: u32 = 100;
/// An enrolment's date and the moment at which it is written down are no further apart, in seconds: how long a new Device
/// waits is counted from that date.
const ENROLLED_WITHIN: u64 = 10 * 60;

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
    const OWN: [&str; 6] = ["grant/", "review/", "enrol/", "revoke/", "reset/", "policy/"];
    let own = |unique: &String| OWN.iter().any(|prefix| unique.starts_with(prefix));
    let reserved = append.unique.as_ref().is_some_and(own);
    if !may_write(source, append.kind) || reserved {
        return Err(problem::other_service());
    }
    let mut signer = None;
    if append.kind == EventKind::Revoked {
        let (revoke, by) = check_revocation(&audit, &append).await?;
        append.unique = Some(format!("revoke/{revoke}"));
        signer = by;
    }
    check_place(&append)?;
    if append.kind == EventKind::Enrolled {
        let (enrol, by) = check_enrolment(&audit, &append).await?;
        append.unique = Some(format!("enrol/{enrol}"));
        signer = Some(by);
    }
    if append.kind == EventKind::SecondFactorReset {
        let (reset, by) = check_reset(&audit, &append).await?;
        append.unique = Some(format!("reset/{reset}"));
        signer = Some(by);
    }
    let append = audit.with_what_signers_saw(append).await?;
    audit.writer.append(NewEvent { source, append, signer }).await.map(Json)
}

/// Who is enrolled, what is revoked and what is reset follows from these statements: they stand where they are checked and nowhere else.
fn check_place(append: &Append) -> Result<(), ProblemResponse> {
    let elsewhere = |text: &String| {
        (append.kind != EventKind::Enrolled && Unverified::<Enrol>::read(text).is_ok())
            || (append.kind != EventKind::Revoked && Unverified::<Revoke>::read(text).is_ok())
            || (append.kind != EventKind::SecondFactorReset && Unverified::<ResetFactor>::read(text).is_ok())
    };
    if append.statements.iter().any(elsewhere) {
        return Err(problem::bad_event("It holds an enrolment, a revocation or a reset, and is another."));
    }
    Ok(())
}

/// An enrolment is written down once, while it is fresh, when an enrolled administrator signed it: nobody brings one that
/// was dated back or made up. Beside it stand the attestation of the code that was taken for exactly it, and its signer's
/// PK token; nobody else's is kept.
async fn check_enrolment(audit: &Audit, append: &Append) -> Result<(Digest, Holder), ProblemResponse> {
    let bad = |why| Err(problem::bad_event(why));
    let mut enrols = append.statements.iter().filter_map(|s| Some((s, Unverified::<Enrol>::read(s).ok()?)));
    let (Some((compact, enrol)), None) = (enrols.next(), enrols.next()) else {
        return bad("It does not hold exactly one enrolment.");
    };
    if enrol.issued_at().abs_diff(audit.now()) > ENROLLED_WITHIN {
        return bad("It holds an enrolment that was not signed just now.");
    }
    let named = |fact: &str| append.facts.get(fact).map(String::as_str);
    if named("device") != Some(enrol.unverified_body().device.as_str()) {
        return bad("It names another Device than its statement.");
    }
    let is_token = |text: &&String| text.split('.').count() == 5;
    if append.statements.iter().filter(is_token).any(|token| sha256(token) != *enrol.kid()) {
        return bad("It holds a PK token that signed nothing in it.");
    }
    let signer = enrolled_by(audit, append, compact).await?;
    let attestation = append.statements.iter().find(|s| named("attestation") == Some(sha256(s).as_str()));
    match attestation.map(|attestation| verify_enrol_factor(compact, attestation, &audit.trust)) {
        Some(Ok(())) => Ok((sha256(compact), signer)),
        Some(Err(refusal)) => Err(problem::bad_event(&format!("Its attestation does not hold: {refusal}."))),
        None => bad("It names no attestation of the enrolment's code, or holds another."),
    }
}

/// Whoever signed the enrolment, when they may.
async fn enrolled_by(audit: &Audit, append: &Append, compact: &str) -> Result<Holder, ProblemResponse> {
    let keys = audit.keys_for_tokens(&append.statements).await?;
    let enrolments = audit.roster.enrolments(audit).await?;
    let directory = Directory::of_stored(&append.statements, &audit.trust, &keys);
    let (statement, signer) = directory.verify_enrol(compact).map_err(|refusal| serve::refused(&refusal))?;
    let added = Enrolments::clone(&enrolments).add(&statement, &signer, &audit.trust, audit.now());
    added.map_err(|refusal| serve::refused(&refusal))?;
    Ok(Holder::of(&signer))
}

/// A revocation is written down as its one statement says it, once its signer may revoke that: nobody who took a service
/// over keeps others out for longer than that lasts. Whoever is revoked revokes nobody else.
async fn check_revocation(audit: &Audit, append: &Append) -> Result<(Digest, Option<Holder>), ProblemResponse> {
    let mut revokes = append.statements.iter().filter(|s| Unverified::<Revoke>::read(s).is_ok());
    let (Some(compact), None) = (revokes.next(), revokes.next()) else {
        return Err(problem::bad_event("It does not hold exactly one revocation."));
    };
    let keys = audit.keys_for_tokens(&append.statements).await?;
    let enrolments = audit.roster.enrolments(audit).await?;
    let directory = Directory::of_stored(&append.statements, &audit.trust, &keys);
    let signer = verify_kept_revoke(compact, &directory, &enrolments, &audit.trust, audit.now())
        .map_err(|refusal| serve::refused(&refusal))?;
    let named = |fact: &str| append.facts.get(fact).map(String::as_str);
    let (revokes, who) = (&signer.statement.body().revokes, &signer.identity);
    let right = match revokes {
        Revoked::Grant(request) => named("request") == Some(request.as_str()),
        Revoked::Device(device) => named("revoked-device") == Some(device.as_str()),
        Revoked::Person(person) => append.personal.get("revoked-person").map(String::as_str) == Some(&person.0),
        Revoked::Sessions(sessions) => named("sessions") == Some(Revoked::digest_of_sessions(sessions).as_str()),
    };
    if !right {
        return Err(problem::bad_event("It names something else than its statement."));
    }
    let digest = signer.statement.digest().clone();
    if !matches!(revokes, Revoked::Grant(_)) && *revokes != Revoked::Device(who.device.clone()) {
        let attested = |text: &String| verify_factor_for(&digest, &who.kid, text, &audit.trust).is_ok();
        if !append.statements.iter().any(attested) {
            return Err(serve::refused(&Refusal::NoSecondFactor));
        }
    }
    // What another service wrote down already is in force: the second entry only says who else heard.
    let size = audit.writer.head().size;
    let written = !audit.reader.leaves_naming(std::slice::from_ref(&digest), size).await?.is_empty();
    Ok((digest, (!written).then(|| Holder::of(who))))
}

fn may_write(source: Source, kind: EventKind) -> bool {
    use EventKind as K;
    match kind {
        K::SignedIn
        | K::SignInRefused
        | K::SecondFactorBegun
        | K::SecondFactorEnrolled
        | K::SecondFactorPassed
        | K::SecondFactorRefused
        | K::SecondFactorLocked
        | K::SecondFactorReplaced
        | K::SecondFactorReset
        | K::RecoveryCodeUsed
        | K::RecoveryCodesMade
        | K::Enrolled
        | K::EnrolmentRefused
        | K::RequestSigned
        | K::RequestRefused
        | K::RequestWithdrawn
        | K::RequestExpired
        | K::Approved
        | K::Denied
        | K::DecisionRefused
        | K::PolicyProposed
        | K::PolicyRefused
        | K::BreakGlassProposed
        | K::BreakGlassRefused
        | K::ForgettingProposed
        | K::ForgettingRefused
        | K::RefusedOnDesktop
        | K::GrantChanged => source == Source::Broker,
        K::Viewed => source != Source::Audit,
        K::ExchangeRefused | K::RecordingPaused | K::RecordingGap | K::SessionEnded | K::SessionResumed => {
            source == Source::Gateway
        }
        K::ProviderKeysSeen | K::Revoked | K::SessionRefused | K::CallRefused | K::CertificateExpires => {
            source != Source::Audit
        }
        K::LogStarted
        | K::PolicyAdopted
        | K::BreakGlassFiled
        | K::BreakGlassUsed
        | K::NoticeMade
        | K::NoticeSeen
        | K::NoticeDelivered
        | K::NoticeFailed
        | K::OrganizationForgotten
        | K::RecordingExpired
        | K::SessionOpened
        | K::SessionExtended
        | K::RecordingGrows
        | K::RecordingSealed
        | K::RecordingExamined
        | K::SessionViewed
        | K::SessionsExported
        | K::SessionWatched
        | K::RevealProposed
        | K::RevealRefused
        | K::MarksRevealed
        | K::MarksRead
        | K::ReviewSigned
        | K::ReviewRefused
        | K::EvidenceMade
        | K::WitnessContradicts => false,
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
