use super::*;

fn form() -> RequestForm {
    RequestForm {
        organization: "kinloch-hotels".into(),
        reason: "customer-reported-problem".into(),
        ticket: "SUP-4411".into(),
        justification: "The customer cannot see last month's payslips.".into(),
        scope: "read".into(),
        duration_seconds: 1800,
    }
}

fn codes(told: &[LocalRefusal]) -> Vec<LocalCode> {
    told.iter().map(|r| r.code).collect()
}

#[tokio::test]
async fn ones_own_request_and_that_of_ones_second_account_are_told_apart() {
    let desk = Desk::new().await;
    let (issuer, idp) = (&desk.world.trust.issuer, &desk.world.idp);
    let second = Person::new(idp, issuer, "e-tomasz", "Tomasz (other account)", &["engineer"]);
    let mut by_second = desk.world.shown(&second, "");
    by_second.pk_tokens.push(second.pk_token.clone());
    let enrol = statement::Enrol { device: second.thumbprint(), person: second.id.clone() };
    by_second.enrols.push(desk.world.ben.sign(enrol, NOW - 50, ""));
    for (shown, code) in
        [(desk.world.shown(&desk.world.tomasz, ""), LocalCode::OwnRequest), (by_second, LocalCode::SamePerson)]
    {
        let (id, organization) = (shown.id.clone(), shown.organization.id.clone());
        desk.services().shown = vec![shown];
        assert_eq!(desk.engine.approve(&desk.id(), "", "123456").await.unwrap_err().code, "same-person");
        let expected = LocalRefusal { code, request: Some(id), organization: Some(organization) };
        assert_eq!(desk.told().await.last(), Some(&expected));
    }
    assert!(desk.posts().is_empty());
}

#[tokio::test]
async fn a_form_that_is_refused_here_leaves_a_code_and_no_words() {
    let desk = Desk::new().await;
    let cases: [(fn(&mut RequestForm), LocalCode); 5] = [
        (|f| f.duration_seconds = u32::MAX, LocalCode::DurationForbidden),
        (|f| f.scope = "administer".into(), LocalCode::ScopeForbidden),
        (|f| f.justification = "Too short.".into(), LocalCode::JustificationTooShort),
        (|f| f.justification = "Innocent \u{202E}words that read the other way".into(), LocalCode::BadText),
        (|f| f.organization = "nobody".into(), LocalCode::NoSuchOrganization),
    ];
    for (change, code) in cases {
        let mut form = form();
        change(&mut form);
        desk.engine.sign_request(form).await.unwrap_err();
        assert_eq!(codes(&desk.told().await).last(), Some(&code));
    }
    let told = desk.told().await;
    assert_eq!(told.len(), 5, "one each: {told:?}");
    assert_eq!(told[4].organization, None, "a name that is not on the broker's list is not told");
}

#[tokio::test]
async fn what_does_not_match_and_what_is_too_old_is_told() {
    let desk = Desk::new().await;
    desk.clock.advance(4 * 3600);
    desk.services().clock_off_ms = 4 * 3_600_000;
    assert_eq!(desk.engine.approve(&desk.id(), "", "123456").await.unwrap_err().code, "expired");
    assert_eq!(codes(&desk.told().await), [LocalCode::Expired]);
    desk.services().shown[0].ticket = "SUP-1".into();
    for _ in 0..3 {
        desk.engine.request(&desk.id()).await.unwrap();
    }
    assert_eq!(
        codes(&desk.told().await),
        [LocalCode::Expired, LocalCode::DoesNotMatch],
        "once, however often it is shown"
    );
}

#[tokio::test]
async fn a_wrong_clock_and_a_log_that_is_not_the_same_are_told() {
    let desk = Desk::new().await;
    desk.services().clock_off_ms = 60_000;
    assert_eq!(desk.engine.check_log().await.unwrap_err().code, "wrong-clock");
    assert_eq!(desk.told().await, [], "nobody was signed in on this engine yet");
    desk.engine.requests("inbox").await.unwrap();
    assert_eq!(codes(&desk.told().await), [LocalCode::WrongClock]);
    desk.services().clock_off_ms = 0;
    desk.engine.check_log().await.unwrap();
    desk.services().note = signer().sign(0, &[7; 32]);
    assert_eq!(desk.engine.check_log().await.unwrap_err().code, "log-broken");
    assert_eq!(codes(&desk.told().await), [LocalCode::WrongClock, LocalCode::LogBroken]);
}

#[tokio::test]
async fn what_the_broker_cannot_take_now_waits_sealed_and_is_told_at_the_next_contact() {
    let desk = Desk::new().await;
    desk.services().deaf = true;
    let mut wrong = form();
    wrong.duration_seconds = u32::MAX;
    assert_eq!(desk.engine.sign_request(wrong).await.unwrap_err().code, "duration-out-of-policy", "told all the same");
    assert_eq!(desk.told().await, []);
    let path = desk.folder.path().join("tomasz/refusals");
    let kept = std::fs::read(&path).unwrap();
    assert!(!kept.windows(8).any(|w| w == b"duration" || w == b"kinloch-"), "sealed");

    desk.services().deaf = false;
    // Another process of the profile, after this one was killed.
    let next = desk.again();
    next.requests("inbox").await.unwrap();
    next.settle().await;
    assert_eq!(codes(&desk.services().told), [LocalCode::DurationForbidden]);
    assert!(!path.exists(), "nothing is left to tell");
    assert_eq!(codes(&desk.told().await), [LocalCode::DurationForbidden], "and nothing is told twice");
}

#[tokio::test]
async fn what_waits_is_bounded_and_an_altered_queue_is_dropped() {
    let desk = Desk::new().await;
    desk.engine.requests("inbox").await.unwrap();
    desk.services().deaf = true;
    for n in 0..200 {
        desk.engine.inner.report(LocalCode::DoesNotMatch, Some(sha256(n.to_string())), None);
        if n % 50 == 0 {
            desk.engine.settle().await;
        }
    }
    desk.engine.settle().await;
    let path = desk.folder.path().join("tomasz/refusals");
    assert!(std::fs::metadata(&path).unwrap().len() < 16 * 1024);
    desk.services().deaf = false;
    assert_eq!(desk.told().await.len(), 64);

    std::fs::write(&path, b"something else").unwrap();
    desk.engine.inner.report(LocalCode::WrongClock, None, None);
    assert_eq!(desk.told().await.len(), 65);
}
