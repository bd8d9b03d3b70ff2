//! More time in an open Session, as the log takes it.

use axum::http::Method;
use domain::{Role, Scope};
use serve::Service;
use statement::{Review, ReviewVerdict, Revoked, sha256};
use wire::audit::{RecordingState, SessionDetail, SessionSummary, TakenGrant};
use wire::broker::SignedStatement;
use wire::event::{Append, EventKind, Receipt, Source};
use wire::extension::ExtensionFacts;

use super::revoked::revoked;
use super::world::{Case, Human, More, NOW, World, by_hand, check_receipt, world};
use crate::error::{Error, StoreError};
use crate::silence::GRACE_SECONDS;

async fn taken(w: &World, case: &Case) -> TakenGrant {
    w.get_as(Service::Gateway, &format!("/v1/grants/{}", sha256(&case.bundle.request))).await.json()
}

async fn summary(w: &World, more: &More) -> SessionSummary {
    w.get_person(&w.ines, &format!("/v1/sessions/{}", more.session)).await.json::<SessionDetail>().summary
}

/// Refused with one entry, and the Session ends when it did.
async fn is_refused(w: &World, case: &Case, more: &More, (status, code): (u16, &str)) {
    let before = taken(w, case).await.extensions;
    let size = w.head().await.size;
    assert_eq!(w.extend(more).await.problem(), (status, code.to_owned()));
    assert_eq!(w.head().await.size, size + 1, "{code}");
    let entry = w.newest(1).await.remove(0);
    assert_eq!((entry.kind, entry.source), (EventKind::SessionRefused, Source::Audit));
    assert_eq!(entry.facts["code"], code);
    assert_eq!(taken(w, case).await.extensions.len(), before.len());
}

#[tokio::test]
async fn a_countersigned_extension_is_an_entry_and_moves_the_end() {
    let w = world().await;
    let (session, _, case) = w.session().await;
    w.clock.advance(900);
    let more = w.more(&case, 2700).await;
    let receipt: Receipt = w.extend(&more).await.json();
    let event = check_receipt(&w.verifier(), &receipt);
    let facts = ExtensionFacts::read(&event).expect("an extension");
    assert_eq!((facts.extended_at, facts.ends_at), (NOW + 900, NOW + 2700));
    assert_eq!(facts.bundle, sha256(&more.asked.bundle_json));
    assert_eq!((event.session.as_ref(), event.source), (Some(&session), Source::Audit));
    let b = &more.bundle;
    assert_eq!(event.statements, [&b.request, &b.decisions[0], &b.open].map(sha256));
    assert_eq!(summary(&w, &more).await.ends_at, NOW + 2700);
    let w = w.restart().await;
    let found = taken(&w, &case).await;
    assert_eq!(found.recording.ends_at, NOW + 1800, "as it was opened");
    assert_eq!(found.extensions.len(), 1);
    assert_eq!(found.extensions[0].bundle_json, more.asked.bundle_json);
    assert_eq!(found.extensions[0].receipt.leaf, receipt.leaf);
    let state: RecordingState = w.get_as(Service::Gateway, &format!("/v1/recordings/{session}")).await.json();
    assert!(!state.sealed);
}

#[tokio::test]
async fn a_grant_extends_once_and_the_same_bundle_again_is_told_the_same() {
    let w = world().await;
    let (_, _, case) = w.session().await;
    let more = w.more(&case, 2700).await;
    let answers = futures_util::future::join_all((0..20).map(|_| w.extend(&more))).await;
    let leaves: std::collections::BTreeSet<String> =
        answers.iter().map(|answer| answer.json::<Receipt>().leaf).collect();
    assert_eq!(leaves.len(), 1);
    let again = w.handed_over(more.clone(), &w.mara);
    is_refused(&w, &case, &again, (409, "already-taken")).await;
    let (other, _, _) = w.session().await;
    assert_eq!(w.extend_session(&other, &more).await.problem(), (403, "other-session".into()));
    let w = w.restart().await;
    is_refused(&w, &case, &again, (409, "already-taken")).await;
}

#[tokio::test]
async fn overlapping_extensions_never_shorten_each_other() {
    let w = world().await;
    let (_, _, case) = w.session().await;
    let (long, short) = (w.more(&case, 3600).await, w.more(&case, 2700).await);
    w.extend(&long).await.json::<Receipt>();
    let receipt: Receipt = w.extend(&short).await.json();
    let facts = ExtensionFacts::read(&check_receipt(&w.verifier(), &receipt)).expect("an extension");
    assert_eq!(facts.ends_at, NOW + 3600);
    assert_eq!(summary(&w, &long).await.ends_at, NOW + 3600);
    // Nor does another Session of the same person in the same Organization.
    let (_, _, second) = w.session().await;
    assert_eq!(taken(&w, &second).await.recording.ends_at, NOW + 1800);
    assert_eq!(summary(&w, &long).await.ends_at, NOW + 3600);
}

#[tokio::test]
async fn extensions_at_once_are_counted_one_after_another() {
    let w = world().await;
    let (_, _, case) = w.session().await;
    let mut mores = Vec::new();
    for seconds in [2000, 3600, 2400, 3000] {
        mores.push(w.more(&case, seconds).await);
    }
    let answers = futures_util::future::join_all(mores.iter().map(|more| w.extend(more))).await;
    let mut ends: Vec<(u64, i64)> = answers
        .iter()
        .map(|answer| {
            let receipt: Receipt = answer.json();
            (receipt.index, ExtensionFacts::read(&check_receipt(&w.verifier(), &receipt)).expect("one").ends_at)
        })
        .collect();
    ends.sort_unstable();
    assert!(ends.windows(2).all(|pair| pair[0].1 <= pair[1].1), "no end moves back: {ends:?}");
    assert_eq!(ends[3].1, NOW + 3600);
}

#[tokio::test]
async fn a_12_what_was_not_signed_for_exactly_this_extends_nothing() {
    let w = world().await;
    let (_, _, case) = w.session().await;
    let pavel = w.another("p-pavel", &[Role::Engineer]);
    w.enrol(&w.ben, &pavel).await;
    let changed = |change: fn(&mut statement::Request)| w.unlogged_more(&case, change);
    let mut alone = changed(|_| {});
    alone.bundle.decisions.clear();
    let cases = [
        (changed(|r| r.extends = None), "extends-nothing"),
        (changed(|r| r.extends.as_mut().expect("one").session = sha256("another").into()), "other-session"),
        (changed(|r| r.extends.as_mut().expect("one").opened_at -= 1), "other-session"),
        (changed(|r| r.organization.id = "delmar-foods".parse().expect("id")), "other-organization"),
        (changed(|r| r.scope = Scope::ReadWrite), "other-scope"),
        (changed(|r| r.scope = Scope::Diagnostics), "other-scope"),
        (changed(|r| r.duration_seconds = 4 * 3600 + 1), "duration-out-of-bounds"),
        (w.more_by(&case, &pavel, |_| {}), "not-the-requester"),
        (w.handed_over(alone, &w.mara), "no-approval"),
    ];
    for (more, code) in cases {
        let status = if code == "no-approval" { 409 } else { 403 };
        is_refused(&w, &case, &more, (status, code)).await;
    }
    let longer_than_its_reason = w.unlogged_more(&case, |r| r.duration_seconds = 4 * 3600);
    let answer = w.extend(&longer_than_its_reason).await.problem();
    assert_eq!(answer.0, 403, "the policy is asked with the whole time: {answer:?}");
    assert!(taken(&w, &case).await.extensions.is_empty());
    w.extend(&w.more(&case, 2700).await).await.json::<Receipt>();
}

#[tokio::test]
async fn an_extension_stands_on_what_the_broker_wrote_down() {
    let w = world().await;
    let (_, _, case) = w.session().await;
    let more = w.unlogged_more(&case, |_| {});
    is_refused(&w, &case, &more, (409, "not-in-the-log")).await;
    let [asked, approved] = more.logged(&case);
    w.append(&asked).await;
    is_refused(&w, &case, &more, (409, "not-in-the-log")).await;
    w.append(&approved).await;
    let over = Append::new(EventKind::RequestWithdrawn).fact("request", more.request().as_str());
    w.append(&over).await;
    is_refused(&w, &case, &more, (409, "request-over")).await;
}

#[tokio::test]
async fn a_12_a_session_that_is_over_is_not_extended() {
    let w = world().await;
    let (session, _, case) = w.session().await;
    w.clock.advance(1770);
    let more = w.more(&case, 2700).await;
    w.end(&session, 0).await.json::<Receipt>();
    is_refused(&w, &case, &more, (409, "recording-sealed")).await;

    let w = world().await;
    let (_, _, case) = w.session().await;
    w.clock.advance(1770);
    let mut more = w.more(&case, 2700).await;
    w.clock.advance(30);
    more = w.handed_over(more, &w.mara);
    is_refused(&w, &case, &more, (409, "session-over")).await;
    more.asked.extended_at -= 1;
    is_refused(&w, &case, &more, (409, "session-over")).await;
}

#[tokio::test]
async fn who_is_revoked_extends_nothing_and_a_revoked_extension_ends_the_session() {
    let w = world().await;
    let (session, _, case) = w.session().await;
    let (first, second) = (w.more(&case, 2700).await, w.more(&case, 3000).await);
    w.extend(&first).await.json::<Receipt>();
    let revoked = |request| revoked(&w, &w.ben, Revoked::Grant(request));
    let resumed = Append::new(EventKind::SessionResumed).organization(&case.organization).session(&session);
    w.post_as(Service::Gateway, "/v1/events", &resumed).await.json::<Receipt>();
    w.append(&revoked(first.request())).await;
    let refused = w.post_as(Service::Gateway, "/v1/events", &resumed).await;
    assert_eq!(refused.problem(), (403, "revoked".into()));
    is_refused(&w, &case, &second, (403, "revoked")).await;

    let (_, _, other) = w.session().await;
    let more = w.more(&other, 2700).await;
    w.append(&revoked(more.request())).await;
    is_refused(&w, &other, &more, (403, "revoked")).await;
}

#[tokio::test]
async fn r_13_a_silent_recording_waits_for_its_last_end() {
    let w = world().await;
    let (session, _, case) = w.session().await;
    let more = w.more(&case, 2700).await;
    w.extend(&more).await.json::<Receipt>();
    let audit = w.service.audit.upgrade().expect("it runs");
    w.clock.advance(1800 + GRACE_SECONDS + 1);
    audit.end_silent().await;
    assert!(audit.reader.seal(&session).await.expect("reads").is_none());
    w.clock.advance(900);
    audit.end_silent().await;
    let row = audit.reader.session(&session).await.expect("reads").expect("there");
    assert_eq!(row.ended, Some((NOW + 2700, "gateway-silent".into())));
}

#[tokio::test]
async fn whoever_extended_a_session_does_not_review_it() {
    let w = world().await;
    let (session, _, case) = w.session().await;
    let both = w.another("p-both", &[Role::Approver, Role::Reviewer]);
    w.enrol(&w.ben, &both).await;
    let more = w.more_between(&case, &w.mara, &both, |_| {});
    for append in more.logged(&case) {
        w.append(&append).await;
    }
    w.extend(&more).await.json::<Receipt>();
    w.end(&session, 0).await.json::<Receipt>();
    let detail: SessionDetail = w.get_person(&w.ines, &format!("/v1/sessions/{session}")).await.json();
    let manifest = detail.manifest.expect("sealed").digest().expect("digest");
    let review = Review { manifest, note: String::new(), session: session.clone(), verdict: ReviewVerdict::Flagged };
    let send = async |who: &Human| {
        let statement = who.state(review.clone(), NOW, 300, "");
        let body = serde_json::to_vec(&SignedStatement { statement }).expect("json");
        w.person(who, Method::POST, &format!("/v1/sessions/{session}/reviews"), Some(body)).await
    };
    assert_eq!(send(&both).await.problem(), (403, "same-person".into()));
    send(&w.ines).await.json::<Receipt>();
}

#[tokio::test]
async fn whoever_changes_an_extension_by_hand_is_noticed() {
    for change in [
        "UPDATE extensions SET ends_at = ends_at + 3600",
        "DELETE FROM extensions",
        "DELETE FROM taken WHERE idx = (SELECT idx FROM extensions)",
    ] {
        let w = world().await;
        let (_, _, case) = w.session().await;
        w.extend(&w.more(&case, 2700).await).await.json::<Receipt>();
        let Err(Error::Store(StoreError::Damaged(what))) =
            w.restart_after(async |folder| by_hand(folder, change).await).await
        else {
            panic!("{change}: it started");
        };
        assert!(what.contains("extension"), "{what}");
    }
}
