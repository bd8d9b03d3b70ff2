use domain::PersonId;
use statement::{PkToken, ResetFactor};
use wire::broker::FactorChange;

use super::*;

fn resets(desk: &Desk) -> Vec<NewReset> {
    desk.services().resets.clone()
}

#[tokio::test]
async fn a_reset_is_signed_with_a_code_for_exactly_it() {
    let desk = Desk::new().await;
    desk.engine.reset_factor(" E-Mara ", "Her phone fell into the sea.", "123456").await.unwrap();
    let [sent] = &resets(&desk)[..] else { panic!("one reset") };
    let signed = statement::Unverified::<ResetFactor>::read(&sent.statement).unwrap();
    assert_eq!(signed.unverified_body().person, PersonId("e-mara".into()));
    let kid = PkToken::read(&desk.world.tomasz.pk_token).unwrap().digest().clone();
    let about = statement::sha256(&sent.statement);
    statement::verify_factor_for(&about, &kid, sent.mfa.as_ref().unwrap(), &desk.world.trust).unwrap();
}

#[tokio::test]
async fn what_the_receiver_would_refuse_is_not_signed() {
    let desk = Desk::new().await;
    for (person, reason, code, expected) in [
        ("e-tomasz", "My phone fell into the sea.", "123456", "same-person"),
        ("E-TOMASZ ", "My phone fell into the sea.", "123456", "same-person"),
        ("e-mara", "Lost.", "123456", "bad-text"),
        ("e-mara", "Her phone fell into the sea.", "12345", "wrong-code"),
        ("", "Her phone fell into the sea.", "123456", "bad-text"),
    ] {
        assert_eq!(desk.engine.reset_factor(person, reason, code).await.unwrap_err().code, expected, "{person:?}");
    }
    desk.services().attests = Some(sha256("another statement"));
    let error = desk.engine.reset_factor("e-mara", "Her phone fell into the sea.", "123456").await.unwrap_err();
    assert_eq!(error.code, "other-attestation");
    assert!(resets(&desk).is_empty());
}

#[tokio::test]
async fn a_person_is_told_what_became_of_a_second_factor() {
    let desk = Desk::new().await;
    desk.engine.state().await.unwrap();
    let mut notices = desk.engine.notices();
    desk.engine.inner.tell_of_factor(&desk.world.tomasz.id, FactorChange::RecoveryCodeUsed);
    desk.engine.inner.tell_of_factor(&PersonId("e-\u{202e}mara".into()), FactorChange::Reset);
    let mut texts = Vec::new();
    while let Ok(notice) = notices.try_recv() {
        if let Notice::SecondFactor { text, .. } = notice {
            texts.push(text);
        }
    }
    assert_eq!(
        texts[0],
        "A recovery code was used to replace your second factor. If that was not you, tell security at once."
    );
    assert!(texts[1].starts_with("An administrator reset the second factor of e-"), "{}", texts[1]);
    assert!(!texts[1].contains('\u{202e}'), "nothing that misleads");
}

#[tokio::test]
async fn a_code_of_the_factor_of_before_is_asked_for_again() {
    let desk = Desk::new().await;
    let tokens = vec![desk.world.ben.pk_token.clone()];
    desk.services().enrols = (desk.world.enrols(), tokens);
    assert_eq!(desk.engine.state().await.unwrap().step, SetupStep::Ready);
    desk.services().factor = Some(FactorView { confirmed_at: NOW, counts_from: NOW + 3600, recovery_codes_left: 9 });
    desk.engine.inner.tell_of_factor(&desk.world.tomasz.id, FactorChange::Replaced);
    let state = desk.engine.state().await.unwrap();
    assert_eq!(state.step, SetupStep::Code);
    let factor = state.factor.unwrap();
    assert_eq!((i64::from(factor.counts_from), factor.recovery_codes_left), (NOW + 3600, 9));
}
