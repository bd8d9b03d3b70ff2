use super::*;

#[tokio::test]
async fn what_is_pinned_stays_pinned() {
    let desk = Desk::new().await;
    let join = async |change: fn(&mut JoinFile)| {
        let mut file = desk.file.clone();
        change(&mut file);
        desk.engine.join(&serde_json::to_string(&file).unwrap()).await.map_err(|e| e.code)
    };
    assert!(join(|_| {}).await.is_ok());
    let other = LogSigner::from_seed("countersign.test/log", &[6; 32]).unwrap().verifier_key();
    assert_eq!(join(|f| f.broker = "https://evil.test".into()).await.unwrap_err(), "already-joined");
    assert_eq!(join(|f| f.trust.first_administrators.push(sha256("evil"))).await.unwrap_err(), "already-joined");
    let mut file = desk.file.clone();
    file.trust.log_key = other;
    let error = desk.engine.join(&serde_json::to_string(&file).unwrap()).await.unwrap_err();
    assert_eq!((error.code.as_str(), error.next.as_str()), ("log-key-differs", "Do not continue. Call security."));
    assert_eq!(desk.engine.join("{}").await.unwrap_err().code, "bad-join-file");
}

#[tokio::test]
async fn a_join_file_that_does_not_hold_together_is_not_kept() {
    let desk = Desk::new().await;
    let changes: [fn(&mut JoinFile); 5] = [
        |f| f.policy.push(' '),
        |f| f.trust.first_administrators.truncate(1),
        |f| f.trust.log_key = "x".into(),
        |f| f.audit = f.audit.replace("https", "http"),
        |f| f.ca = "no certificate".into(),
    ];
    for (n, change) in changes.into_iter().enumerate() {
        let mut file = desk.file.clone();
        change(&mut file);
        let folder = tempfile::tempdir().unwrap();
        let engine = Engine::new(EngineConfig {
            profile: "new".into(),
            data_dir: folder.path().to_owned(),
            keyring: Some(mock::Store::new().unwrap()),
            clock: desk.clock.clone(),
        })
        .unwrap();
        assert_eq!(engine.join(&serde_json::to_string(&file).unwrap()).await.unwrap_err().code, "bad-join-file", "{n}");
        assert!(!folder.path().join("new/join.json").exists(), "{n}");
    }
}

#[tokio::test]
async fn a_service_with_another_certificate_gets_no_token() {
    let desk = Desk::new().await;
    let stranger = Fake::start(Arc::new(|_, _, _| unreachable!("nothing reaches it"))).await;
    let mut file = desk.file.clone();
    file.broker = stranger.address.clone();
    let inner = &desk.engine.inner;
    inner.profile.keep_join(&file).unwrap();
    inner.live().joined = None;
    inner.live().person = None;
    let error = desk.engine.requests("inbox").await.unwrap_err();
    assert_eq!(error.code, "other-certificate", "{}", error.message);
}

#[test]
fn a_profile_is_a_plain_name() {
    for profile in ["", "..", "a/b", "a\\b", ".hidden", "a b", &"x".repeat(65)] {
        let config = EngineConfig {
            profile: profile.to_owned(),
            data_dir: "/nonexistent".into(),
            keyring: None,
            clock: Arc::new(FixedClock::at(NOW)),
        };
        assert_eq!(Engine::new(config).err().map(|e| e.code).as_deref(), Some("bad-profile"), "{profile:?}");
    }
}
