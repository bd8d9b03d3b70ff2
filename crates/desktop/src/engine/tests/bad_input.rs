use super::*;

/// The desk with another address of one service; whoever is signed in stays so.
fn moved(desk: &Desk, change: impl FnOnce(&mut JoinFile)) {
    let mut file = desk.file.clone();
    change(&mut file);
    let inner = &desk.engine.inner;
    inner.profile.keep_join(&file).unwrap();
    let mut live = inner.live();
    (live.joined, live.person, live.me) = (None, None, None);
}

/// Nobody listens there.
fn nowhere() -> String {
    let port = spare_ports::reserve(1).unwrap();
    format!("https://127.0.0.1:{port}")
}

fn says_what_to_do(error: &UiError, code: &str) {
    assert_eq!(error.code, code, "{}", error.message);
    assert!(error.message.len() > 20 && error.next.len() > 10, "{error:?}");
}

#[tokio::test]
async fn a_broker_that_is_away_costs_nothing_and_is_told() {
    let desk = Desk::new().await;
    moved(&desk, |file| file.broker = nowhere());
    says_what_to_do(&desk.engine.requests("inbox").await.unwrap_err(), "unreachable");
    says_what_to_do(&desk.engine.approve(&desk.id(), "", "123456").await.unwrap_err(), "unreachable");
    let state = desk.engine.state().await.unwrap();
    assert_eq!((state.status.broker, state.person.is_some()), (crate::view::Link::Unreachable, true));
    moved(&desk, |_| ());
    assert_eq!(desk.engine.requests("inbox").await.unwrap().len(), 1, "and it goes on");
}

#[tokio::test]
async fn an_audit_service_that_is_away_stops_signing_and_is_no_broken_log() {
    let desk = Desk::new().await;
    desk.engine.check_log().await.unwrap();
    moved(&desk, |file| file.audit = nowhere());
    says_what_to_do(&desk.engine.check_log().await.unwrap_err(), "audit-unreachable");
    says_what_to_do(&desk.engine.approve(&desk.id(), "", "123456").await.unwrap_err(), "audit-unreachable");
    let status = desk.engine.state().await.unwrap().status;
    assert_eq!((status.audit, status.log.verdict), (crate::view::Link::Unreachable, LogVerdict::Waiting));
    assert!(desk.posts().is_empty() && !status.log.root.is_empty());
    moved(&desk, |_| ());
    assert_eq!(desk.engine.check_log().await.unwrap().verdict, LogVerdict::Intact);
}

#[tokio::test]
async fn a_certificate_of_another_ca_is_told_and_stops_everything() {
    let desk = Desk::new().await;
    let stranger = Fake::start(Arc::new(|_, _, _| unreachable!("nothing reaches it"))).await;
    let address = stranger.address.clone();
    moved(&desk, |file| file.audit.clone_from(&address));
    let error = desk.engine.check_log().await.unwrap_err();
    says_what_to_do(&error, "other-certificate");
    assert!(error.next.contains("Do not continue"));
    desk.engine.requests("inbox").await.unwrap();
    assert!(desk.told().await.iter().any(|r| r.code == LocalCode::OtherCertificate));

    moved(&desk, |file| file.gateway.clone_from(&address));
    says_what_to_do(&desk.engine.open_session(&desk.id(), None).await.unwrap_err(), "other-certificate");
    assert!(desk.posts().is_empty());
}

#[tokio::test]
async fn x_06_a_missing_a_locked_and_a_failing_keyring_each_say_what_to_do() {
    let io = || Box::new(std::io::Error::other("a detail"));
    let cases = [
        (keyring_core::Error::PlatformFailure(io()), "apt install gnome-keyring"),
        (keyring_core::Error::NoStorageAccess(io()), "Unlock"),
        (keyring_core::Error::Invalid("x".into(), "y".into()), "Sign in to the desktop again"),
    ];
    for (error, next) in cases {
        let store = mock::Store::new().unwrap();
        let entry = store.build("countersign", "device-key/mara", None).unwrap();
        let credential: &mock::Cred = entry.as_any().downcast_ref().unwrap();
        credential.set_error(error);
        let folder = tempfile::tempdir().unwrap();
        let engine = Engine::new(EngineConfig {
            profile: "mara".into(),
            data_dir: folder.path().to_owned(),
            keyring: Some(store.clone()),
            clock: Arc::new(FixedClock::at(NOW)),
        })
        .unwrap();
        let refused = engine.key().await.unwrap_err();
        says_what_to_do(&refused, "keyring");
        assert!(refused.next.contains(next) && !refused.message.contains("a detail"), "{refused:?}");
        let entry = store.build("countersign", "device-key/mara", None).unwrap();
        assert!(entry.get_secret().is_err(), "no key was made in its place");
    }
}

/// Something stands where the profile writes: as with a full disk, the old state is the state.
#[tokio::test]
async fn a_log_memory_that_cannot_be_written_is_told_and_the_old_one_stays() {
    let desk = Desk::new().await;
    desk.engine.check_log().await.unwrap();
    let path = desk.folder.path().join("tomasz/log.json");
    let before = std::fs::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir_all(path.join("in the way")).unwrap();
    assert_eq!(desk.engine.approve(&desk.id(), "", "123456").await.unwrap_err().code, "file");
    assert!(desk.posts().is_empty(), "nothing is signed without a memory of the log");
    std::fs::remove_dir_all(&path).unwrap();
    std::fs::write(&path, before).unwrap();
    desk.engine.approve(&desk.id(), "", "123456").await.unwrap();
}
