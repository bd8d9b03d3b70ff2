use statement::{Extends, Request, Verdict, sha256};
use wire::broker::{RequestState, RequestView as Shown};

use super::*;
use crate::engine::tests::desk::attestation;
use crate::profile::KeptSignIn;
use crate::view::{MoreState, MoreView};
use crate::world::NOW;

const DOOR: &str = "of-tomasz";

/// Tomasz asked for a quarter of an hour more in the Session behind this door.
async fn asked() -> (Desk, Shown) {
    let desk = Desk::new().await;
    open(&desk, DOOR, "e-tomasz");
    let extends =
        Extends { ends_at: NOW + 300, opened_at: NOW - 1500, request: sha256("a"), session: sha256("b").into() };
    let body = Request { duration_seconds: 2700, extends: Some(extends), ..World::request_body() };
    let shown = desk.world.shown_with(&desk.world.tomasz, body, "");
    desk.services().shown = vec![shown.clone()];
    desk.engine.inner.profile.note_extension(DOOR, &shown.id).unwrap();
    (desk, shown)
}

/// What the bar shows after one look, and whether another one follows.
async fn looked(desk: &Desk) -> (MoreView, bool) {
    let inner = &desk.engine.inner;
    inner.hand_over(DOOR).await;
    let more = inner.live().doors[DOOR].view.more.clone().expect("something is said");
    (more, inner.profile.extension(DOOR).is_some())
}

#[tokio::test]
async fn while_it_waits_the_bar_says_what_was_signed_for() {
    let (desk, shown) = asked().await;
    let (more, waits) = looked(&desk).await;
    assert_eq!((more.state, waits), (MoreState::Waiting, true));
    assert_eq!((more.request, more.seconds), (shown.id.to_string(), 900));
    assert_eq!(i64::from(more.ends_at), NOW + 1200);
}

#[tokio::test]
async fn what_came_to_nothing_is_said_once_and_not_looked_at_again() {
    for (state, expected) in
        [(RequestState::Withdrawn, MoreState::Withdrawn), (RequestState::Expired, MoreState::Expired)]
    {
        let (desk, mut shown) = asked().await;
        shown.state = state;
        desk.services().shown = vec![shown];
        let (more, waits) = looked(&desk).await;
        assert_eq!((more.state, waits), (expected, false));
    }
}

#[tokio::test]
async fn the_words_of_a_denial_that_no_approver_signed_are_not_shown() {
    let (desk, shown) = asked().await;
    let denied = desk.world.decided(shown, &desk.world.mara, Verdict::Deny);
    desk.services().shown = vec![denied];
    let (more, waits) = looked(&desk).await;
    assert_eq!((more.state, more.why.as_str(), waits), (MoreState::Denied, "", false));
}

#[tokio::test]
async fn another_request_than_was_signed_here_extends_nothing() {
    let (desk, shown) = asked().await;
    let other = Request { extends: None, ..World::request_body() };
    let mut lie = desk.world.shown_with(&desk.world.tomasz, other, "");
    (lie.id, lie.state) = (shown.id, RequestState::Approved);
    desk.services().shown = vec![lie];
    let (more, waits) = looked(&desk).await;
    assert_eq!((more.state, waits), (MoreState::Refused, false));
    assert!(more.why.contains("another request than the one that was signed here"), "{}", more.why);
    assert!(desk.posts().is_empty());
}

#[tokio::test]
async fn a_code_that_is_too_old_is_asked_for_again_and_nothing_is_given_up() {
    let (desk, mut shown) = asked().await;
    shown.state = RequestState::Approved;
    desk.services().shown = vec![shown];
    desk.sign_in(Some(NOW - 16 * 60)).await;
    let (more, waits) = looked(&desk).await;
    assert_eq!((more.state, waits), (MoreState::CodeNeeded, true));
    assert!(desk.engine.inner.recent_code().await.is_err());

    // `countersign extend --code` is another process of the profile.
    let (inner, token) = (&desk.engine.inner, desk.world.tomasz.pk_token.clone());
    let mfa = Some(attestation(&desk.world, &sha256(&token), None, NOW - 5));
    let keys = inner.unlocked().await.unwrap();
    inner.profile.keep_sign_in(&keys.sealer, &KeptSignIn { pk_token: token, mfa }).unwrap();
    assert!(inner.recent_code().await.is_ok(), "its code counts here as well");
}

#[tokio::test]
async fn the_code_of_another_sign_in_is_not_taken_over() {
    let (desk, _) = asked().await;
    desk.sign_in(Some(NOW - 16 * 60)).await;
    let inner = &desk.engine.inner;
    inner.person().await.unwrap();
    let token = desk.world.mara.pk_token.clone();
    let mfa = Some(attestation(&desk.world, &sha256(&token), None, NOW - 5));
    let keys = inner.unlocked().await.unwrap();
    inner.profile.keep_sign_in(&keys.sealer, &KeptSignIn { pk_token: token, mfa }).unwrap();
    let error = inner.recent_code().await.err().expect("refused");
    assert_eq!(error.code, "code-needed");
    assert_eq!(inner.person().await.unwrap().identity.person, PersonId("e-tomasz".into()));
}
