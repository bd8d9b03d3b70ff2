use super::*;

#[tokio::test]
async fn a_sign_in_lasts_eight_hours_and_an_altered_one_is_none() {
    let desk = Desk::new().await;
    assert!(desk.engine.requests("inbox").await.is_ok());
    desk.clock.advance(8 * 3600);
    assert_eq!(desk.engine.requests("inbox").await.unwrap_err().code, "signed-out");
    desk.clock.advance(-8 * 3600);

    let path = desk.folder.path().join("tomasz/sign-in");
    let mut sealed = std::fs::read(&path).unwrap();
    assert!(!sealed.windows(20).any(|w| w == &desk.world.tomasz.pk_token.as_bytes()[..20]), "no token in the clear");
    *sealed.last_mut().unwrap() ^= 1;
    std::fs::write(&path, sealed).unwrap();
    desk.engine.inner.live().person = None;
    assert_eq!(desk.engine.requests("inbox").await.unwrap_err().code, "file");
    assert_eq!(desk.engine.state().await.unwrap().step, SetupStep::SignIn, "and one can sign in again");
}

#[tokio::test]
async fn the_brokers_word_alone_enrols_nobody() {
    let desk = Desk::new().await;
    assert_eq!(desk.engine.state().await.unwrap().step, SetupStep::WaitForEnrolment);
}

/// Tomasz is enrolled, and everything has been verified once.
async fn at_work() -> Desk {
    let desk = Desk::new().await;
    let tokens = vec![desk.world.ben.pk_token.clone(), desk.world.tomasz.pk_token.clone()];
    desk.services().enrols = (desk.world.enrols(), tokens);
    assert_eq!(desk.engine.state().await.unwrap().step, SetupStep::Ready);
    desk
}

#[tokio::test]
async fn an_issuer_that_is_away_sends_nobody_to_wait_for_an_enrolment() {
    let desk = at_work().await;
    desk.issuer_away.store(true, std::sync::atomic::Ordering::SeqCst);
    desk.clock.advance(2 * 3600);
    assert_eq!(desk.engine.state().await.unwrap().step, SetupStep::Ready);
    assert_eq!(
        desk.engine.requests("inbox").await.unwrap_err().code,
        "provider-unreachable",
        "and nothing is believed"
    );

    desk.issuer_away.store(false, std::sync::atomic::Ordering::SeqCst);
    desk.clock.advance(60);
    desk.services().enrols.0.clear();
    desk.engine.inner.live().me = None;
    assert_eq!(desk.engine.state().await.unwrap().step, SetupStep::WaitForEnrolment, "a refusal does");
}

#[tokio::test]
async fn who_starts_while_the_issuer_is_away_is_told_so_and_is_not_signed_out() {
    let desk = at_work().await;
    desk.issuer_away.store(true, std::sync::atomic::Ordering::SeqCst);
    let state = desk.again().state().await.unwrap();
    let why = state.sign_in_failed.expect("a reason");
    assert_eq!((state.step, why.code.as_str()), (SetupStep::SignIn, "provider-unreachable"));
    assert!(why.next.contains("not lost"), "{}", why.next);
    desk.issuer_away.store(false, std::sync::atomic::Ordering::SeqCst);
    let state = desk.again().state().await.unwrap();
    assert_eq!((state.step, state.sign_in_failed.is_none()), (SetupStep::Ready, true), "and it goes on by itself");
}

#[tokio::test]
async fn x_06_without_a_keyring_nothing_begins_and_the_reason_is_shown() {
    let store = mock::Store::new().unwrap();
    let entry = store.build("countersign", "probe/mara", None).unwrap();
    let credential: &mock::Cred = entry.as_any().downcast_ref().unwrap();
    credential.set_error(keyring_core::Error::NoStorageAccess(Box::new(std::io::Error::other("locked"))));
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::new(EngineConfig {
        profile: "mara".into(),
        data_dir: folder.path().to_owned(),
        keyring: Some(store),
        clock: Arc::new(FixedClock::at(NOW)),
    })
    .unwrap();
    let state = engine.state().await.unwrap();
    assert_eq!(state.step, SetupStep::NoKeyring);
    assert!(state.status.keyring.contains("Unlock"), "{}", state.status.keyring);
    let kept: Vec<_> = std::fs::read_dir(folder.path().join("mara")).unwrap().map(|f| f.unwrap()).collect();
    assert_eq!(kept.len(), 1, "nothing is kept anywhere else but a lock");
    assert_eq!(kept[0].metadata().unwrap().len(), 0, "which is empty");
    // Unlocked in the meantime, it goes on without a restart.
    assert_eq!(engine.state().await.unwrap().step, SetupStep::Join);
}

/// The browser opens the start page and comes back from the provider with these parameters.
async fn come_back(url: &str, answer: &[(&str, &str)]) {
    let start = reqwest::get(url).await.unwrap();
    let cookie = start.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let page = start.text().await.unwrap();
    let link = page.split("id=continue href=\"").nth(1).unwrap().split('"').next().unwrap().replace("&amp;", "&");
    let link = url::Url::parse(&link).unwrap();
    let of = |name: &str| link.query_pairs().find(|(n, _)| n == name).unwrap().1.into_owned();
    let mut back = url::Url::parse(&of("redirect_uri")).unwrap();
    back.query_pairs_mut().extend_pairs(answer).append_pair("state", &of("state"));
    reqwest::Client::new().get(back).header("cookie", cookie).send().await.unwrap();
}

async fn heard_of_the_sign_in(notices: &mut broadcast::Receiver<Notice>) -> Option<UiError> {
    loop {
        if let Notice::SignIn { failed } = notices.recv().await.unwrap() {
            return failed;
        }
    }
}

#[tokio::test]
async fn a_sign_in_that_fails_is_told_with_its_reason_and_what_to_do() {
    let desk = Desk::new().await;
    desk.engine.sign_out().await.unwrap();
    let cases: [(&[(&str, &str)], &str); 2] =
        [(&[("error", "access_denied")], "provider-refused"), (&[("code", "a code")], "provider-unreachable")];
    for (answer, code) in cases {
        let mut notices = desk.engine.notices();
        let begun = desk.engine.begin_sign_in().await.unwrap();
        come_back(&begun.url, answer).await;
        let failed = heard_of_the_sign_in(&mut notices).await.expect("a reason");
        assert!(!failed.message.is_empty() && !failed.next.is_empty());
        let state = desk.engine.state().await.unwrap();
        assert_eq!((state.step, state.sign_in_failed.map(|f| f.code)), (SetupStep::SignIn, Some(failed.code.clone())));
        assert_eq!(desk.engine.finish_sign_in().await.unwrap_err().code, failed.code, "the command line fails too");
        assert!([code, "provider-refused"].contains(&failed.code.as_str()), "{}", failed.code);
    }
    desk.engine.begin_sign_in().await.unwrap();
    assert!(desk.engine.state().await.unwrap().sign_in_failed.is_none(), "a new one begins without it");
}

#[tokio::test]
async fn a_code_of_a_sign_in_that_another_process_replaced_is_not_kept() {
    let desk = Desk::new().await;
    desk.engine.enter_code("123456").await.unwrap();
    desk.again().sign_out().await.unwrap();
    assert_eq!(desk.engine.enter_code("123456").await.unwrap_err().code, "sign-in-replaced");
    assert!(!desk.folder.path().join("tomasz/sign-in").exists(), "who signed out stays signed out");
}
