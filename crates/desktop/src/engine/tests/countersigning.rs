use super::*;

#[tokio::test]
async fn a_good_request_is_countersigned_with_the_code_of_exactly_this_decision() {
    let desk = Desk::new().await;
    let shown = desk.engine.requests("inbox").await.unwrap();
    assert_eq!(
        (shown[0].left.check, shown[0].decidable),
        (SignatureCheck::ChecksOut, true),
        "{}",
        shown[0].left.refusal
    );
    desk.engine.approve(&desk.id(), "Fits.", "123 456").await.unwrap();
    assert_eq!(desk.posts(), ["/v1/codes".to_owned(), format!("/v1/requests/{}/decisions", desk.id())]);
}

#[tokio::test]
async fn what_the_broker_altered_is_not_signed_and_the_signed_words_are_shown() {
    let desk = Desk::new().await;
    desk.services().shown[0].justification = "Nothing to worry about here at all.".into();
    let shown = desk.engine.request(&desk.id()).await.unwrap();
    assert_eq!((shown.left.check, shown.decidable), (SignatureCheck::DoesNotMatch, false));
    assert_eq!(shown.justification, World::request_body().justification);
    let error = desk.engine.approve(&desk.id(), "", "123456").await.unwrap_err();
    assert_eq!(error.code, "does-not-match");
    assert_eq!(desk.engine.deny(&desk.id(), "Looks wrong to me.").await.unwrap_err().code, "does-not-match");
    assert!(desk.posts().is_empty(), "no code and no decision left this computer");
}

#[tokio::test]
async fn another_request_under_this_id_is_not_signed() {
    let desk = Desk::new().await;
    let asked = desk.id();
    let mut other = World::request_body();
    other.duration_seconds = 7200;
    let statement = desk.world.mara.sign(other, NOW - 20, "");
    {
        let mut services = desk.services();
        services.shown[0].id = sha256(&statement);
        services.shown[0].request = statement;
        services.shown[0].duration_seconds = 7200;
    }
    assert_eq!(desk.engine.approve(&asked, "", "123456").await.unwrap_err().code, "does-not-match");
    assert!(desk.posts().is_empty());
}

#[tokio::test]
async fn a_log_that_the_signer_saw_otherwise_shows_in_the_request() {
    let desk = Desk::new().await;
    let split = signer().sign(0, &[7; 32]);
    desk.services().shown = vec![desk.world.shown(&desk.world.mara, &split)];
    let shown = desk.engine.request(&desk.id()).await.unwrap();
    assert_eq!(shown.left.check, SignatureCheck::DoesNotMatch);
    assert_eq!(desk.engine.approve(&desk.id(), "", "123456").await.unwrap_err().code, "log-broken");
    assert!(desk.posts().is_empty());
}

#[tokio::test]
async fn nothing_is_signed_while_what_a_signer_saw_cannot_be_compared() {
    let desk = Desk::new().await;
    {
        let mut services = desk.services();
        services.shown = vec![desk.world.shown(&desk.world.mara, &desk::note(1))];
        (services.note, services.no_proofs) = (desk::note(2), true);
    }
    assert!(desk.engine.requests("inbox").await.unwrap()[0].decidable, "it can be read");
    for refused in [
        desk.engine.approve(&desk.id(), "", "123456").await.unwrap_err(),
        desk.engine.deny(&desk.id(), "Looks wrong to me.").await.unwrap_err(),
    ] {
        assert_eq!(refused.code, "audit-unreachable");
    }
    assert!(desk.posts().is_empty(), "no code and no decision left this computer");
    desk.services().no_proofs = false;
    desk.engine.approve(&desk.id(), "", "123456").await.unwrap();
}

#[tokio::test]
async fn an_attestation_about_something_else_is_not_used() {
    let desk = Desk::new().await;
    desk.services().attests = Some(sha256("another statement"));
    assert_eq!(desk.engine.approve(&desk.id(), "", "123456").await.unwrap_err().code, "other-attestation");
    assert_eq!(desk.posts(), ["/v1/codes"], "the decision stays here");
}

#[tokio::test]
async fn what_must_not_be_signed_is_not_even_sent() {
    let desk = Desk::new().await;
    let form = |change: fn(&mut RequestForm)| {
        let mut form = RequestForm {
            organization: "kinloch-hotels".into(),
            reason: "customer-reported-problem".into(),
            ticket: "SUP-4411".into(),
            justification: "The customer cannot see last month's payslips.".into(),
            scope: "read".into(),
            duration_seconds: 1800,
        };
        change(&mut form);
        form
    };
    let cases = [
        (form(|f| f.duration_seconds = 0), "duration-out-of-policy"),
        (form(|f| f.duration_seconds = u32::MAX), "duration-out-of-policy"),
        (form(|f| f.scope = "administer".into()), "scope-not-for-reason"),
        (form(|f| f.scope = "everything".into()), "bad-form"),
        (form(|f| f.reason = "curiosity".into()), "bad-form"),
        (form(|f| f.organization = "nobody".into()), "no-such-organization"),
        (form(|f| f.organization = "../x".into()), "bad-form"),
        (form(|f| f.justification = "Too short.".into()), "bad-text"),
        (form(|f| f.justification = "Innocent \u{202E}words that read the other way".into()), "bad-text"),
        (form(|f| f.ticket = String::new()), "bad-text"),
    ];
    for (form, code) in cases {
        assert_eq!(desk.engine.sign_request(form).await.unwrap_err().code, code);
    }
    for code in ["", "12345", "1234567", "12345a", "١٢٣٤٥٦"] {
        assert_eq!(desk.engine.enter_code(code).await.unwrap_err().code, "wrong-code");
    }
    assert_eq!(desk.engine.deny(&desk.id(), "no").await.unwrap_err().code, "bad-text");
    assert!(desk.posts().is_empty());
}

#[tokio::test]
async fn a_wrong_clock_signs_nothing() {
    let desk = Desk::new().await;
    for off in [-6_000, 6_000, 86_400_000] {
        desk.services().clock_off_ms = off;
        let error = desk.engine.approve(&desk.id(), "", "123456").await.unwrap_err();
        assert_eq!(error.code, "wrong-clock");
        assert!(error.next.contains("clock"));
    }
    assert!(desk.posts().is_empty());
}

#[tokio::test]
async fn opening_needs_a_code_of_the_last_fifteen_minutes() {
    let desk = Desk::new().await;
    for code_at in [None, Some(NOW - 15 * 60)] {
        desk.sign_in(code_at).await;
        assert_eq!(desk.engine.open_session(&desk.id(), None).await.unwrap_err().code, "code-needed");
    }
    assert!(desk.posts().is_empty());
}

#[tokio::test]
async fn a_list_says_nothing_of_the_past_and_one_request_what_is_true_of_it() {
    let desk = Desk::new().await;
    let of_the_past = ["First request", "Asked for", "copied"];
    let past = |view: &crate::view::RequestView| {
        let titles = view.signals.iter().map(|s| s.title.clone());
        titles.filter(|t| of_the_past.iter().any(|p| t.contains(p))).collect::<Vec<_>>()
    };
    let listed = desk.engine.requests("inbox").await.unwrap();
    assert!(!listed[0].signals.is_empty());
    assert_eq!(past(&listed[0]), [""; 0], "a list does not know");
    let shown = desk.engine.request(&desk.id()).await.unwrap();
    assert_eq!(past(&shown), ["First request for this Organization in 7 days."]);

    let mut earlier = desk.world.shown(&desk.world.mara, "");
    earlier.request = desk.world.mara.sign(World::request_body(), NOW - 40, "");
    (earlier.id, earlier.requested_at) = (sha256(&earlier.request), NOW - 40);
    earlier.until = NOW + 4 * 3600 - 40;
    desk.services().decided.push(earlier);
    let shown = desk.engine.request(&desk.id()).await.unwrap();
    assert_eq!(past(&shown), ["Asked for this Organization before.", "The justification is copied."]);
    assert_eq!(past(&desk.engine.requests("inbox").await.unwrap()[0]), [""; 0]);
}

#[tokio::test]
async fn a_session_that_another_process_has_open_or_opens_is_not_opened_twice() {
    let desk = Desk::new().await;
    let there = desk.again();
    let hold = there.inner.profile.hold_door(&desk.id()).unwrap().unwrap();
    assert_eq!(desk.engine.open_session(&desk.id(), None).await.unwrap_err().code, "open-elsewhere");
    assert!(desk.posts().is_empty(), "the gateway heard nothing");
    drop(hold);
    assert_ne!(desk.engine.open_session(&desk.id(), None).await.unwrap_err().code, "open-elsewhere");
    assert!(there.inner.profile.hold_door(&desk.id()).unwrap().is_some(), "nothing is held after it failed");
}
