use axum::http::Method;
use domain::{Role, SessionId};
use statement::{Review, ReviewVerdict, sha256};
use wire::audit::{Acknowledged, SessionDetail};
use wire::broker::SignedStatement;
use wire::event::{EventKind, Receipt};

use super::world::{Answer, Human, NOW, World, check_receipt, frames, world};

pub(super) async fn sealed(w: &World) -> (SessionId, Review) {
    let (session, _, _) = w.session().await;
    w.batch(&session, 0, &frames(0, 5)).await.json::<Acknowledged>();
    w.end(&session, 1).await.json::<Receipt>();
    let detail: SessionDetail = w.get_person(&w.ines, &format!("/v1/sessions/{session}")).await.json();
    let manifest = detail.manifest.expect("sealed").digest().expect("digest");
    let review = Review {
        manifest,
        note: "Looked at all of it.".into(),
        session: session.clone(),
        verdict: ReviewVerdict::Flagged,
    };
    (session, review)
}

pub(super) async fn send(w: &World, who: &Human, session: &SessionId, statement: String) -> Answer {
    let body = serde_json::to_vec(&SignedStatement { statement }).expect("json");
    w.person(who, Method::POST, &format!("/v1/sessions/{session}/reviews"), Some(body)).await
}

#[tokio::test]
async fn a_review_is_signed_logged_and_shown() {
    let w = world().await;
    let (session, review) = sealed(&w).await;
    let statement = w.ines.state(review, NOW, 300, "");
    let receipt: Receipt = send(&w, &w.ines, &session, statement.clone()).await.json();
    let event = check_receipt(&w.verifier(), &receipt);
    assert_eq!((event.kind, event.facts["verdict"].as_str()), (EventKind::ReviewSigned, "flagged"));
    assert_eq!(event.statements, [sha256(&statement), w.ines.kid()]);
    let detail: SessionDetail = w.get_person(&w.ines, &format!("/v1/sessions/{session}")).await.json();
    assert_eq!((&detail.reviews[0].statement, &detail.reviews[0].reviewer_token), (&statement, &w.ines.token));
    assert_eq!(
        (detail.reviews[0].name.as_str(), detail.reviews[0].note.as_str()),
        ("Name of p-ines", "Looked at all of it.")
    );
    assert_eq!(detail.summary.review, Some(ReviewVerdict::Flagged));
    assert_eq!(send(&w, &w.ines, &session, statement).await.problem(), (409, "already-taken".into()));
}

#[tokio::test]
async fn a_flag_is_not_hidden_by_a_later_review() {
    let w = world().await;
    let (session, flagged) = sealed(&w).await;
    let fine = Review { verdict: ReviewVerdict::NothingToReport, ..flagged.clone() };
    let listed = async || {
        let list: wire::audit::Sessions = w.get_person(&w.ines, "/v1/sessions").await.json();
        list.sessions[0].review
    };
    for (review, shown) in
        [(&fine, ReviewVerdict::NothingToReport), (&flagged, ReviewVerdict::Flagged), (&fine, ReviewVerdict::Flagged)]
    {
        send(&w, &w.ines, &session, w.ines.state(review.clone(), NOW, 300, "")).await.json::<Receipt>();
        assert_eq!(listed().await, Some(shown));
    }
    let detail: SessionDetail = w.get_person(&w.ines, &format!("/v1/sessions/{session}")).await.json();
    assert_eq!((detail.reviews.len(), detail.summary.review), (3, Some(ReviewVerdict::Flagged)));
}

#[tokio::test]
async fn who_signed_either_side_does_not_review_not_even_with_another_account() {
    let w = world().await;
    let (session, review) = sealed(&w).await;
    for person in ["p-mara", "P-Tomasz"] {
        let second = w.another(person, &[Role::Reviewer]);
        w.enrol(&w.ben, &second_as_enrolled(&w, &second)).await;
        let statement = second.state(review.clone(), NOW, 300, "");
        let answer = send(&w, &second, &session, statement).await;
        assert_eq!(answer.problem(), (403, "same-person".into()), "{person}");
        let newest = w.newest(1).await.remove(0);
        assert_eq!((newest.kind, newest.facts["code"].as_str()), (EventKind::ReviewRefused, "same-person"));
    }
}

/// The same Device under the one spelling that the person claim is folded to.
fn second_as_enrolled(w: &World, who: &Human) -> Human {
    let folded: &'static str = if who.person == "P-Tomasz" { "p-tomasz" } else { who.person };
    let copy = w.another(folded, &[]);
    Human { key: clone_public(who), pkcs8: who.pkcs8.clone(), person: folded, ..copy }
}

/// Only its thumbprint is looked at.
fn clone_public(who: &Human) -> statement::DeviceKey {
    statement::DeviceKey::from_pkcs8(&who.pkcs8).expect("its own key")
}

#[tokio::test]
async fn a_bad_review_changes_nothing() {
    let w = world().await;
    let (session, review) = sealed(&w).await;
    let other = |change: fn(&mut Review)| {
        let mut other = review.clone();
        change(&mut other);
        w.ines.state(other, NOW, 300, "")
    };
    let cases = [
        (other(|r| r.manifest = sha256("another")), "other-manifest"),
        (other(|r| r.session = sha256("another").into()), "other-session"),
        (w.ines.state(review.clone(), NOW - 400, 300, ""), "expired"),
        (w.ines.state(review.clone(), NOW + 60, 300, ""), "from-the-future"),
        (w.ines.state(review.clone(), NOW, 3600, ""), "lives-too-long"),
        (w.tomasz.state(review.clone(), NOW, 300, ""), "unknown-signer"),
        (w.ines.state(review.clone(), NOW, 300, "").replace('.', ".."), "malformed"),
        (w.case().await.bundle.open, "wrong-kind"),
    ];
    for (statement, code) in cases {
        assert_eq!(send(&w, &w.ines, &session, statement).await.problem().1, code);
        let newest = w.newest(1).await.remove(0);
        assert_eq!((newest.kind, newest.facts["code"].as_str()), (EventKind::ReviewRefused, code));
    }
    let statement = w.mara.state(review, NOW, 300, "");
    assert_eq!(send(&w, &w.mara, &session, statement).await.problem(), (403, "missing-role".into()));
    let detail: SessionDetail = w.get_person(&w.ines, &format!("/v1/sessions/{session}")).await.json();
    assert!(detail.reviews.is_empty());
}
