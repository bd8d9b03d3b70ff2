use serde_json::{Value, json};
use statement::{Verdict, sha256};
use wire::event::EventKind;

use super::world::{Account, World, code};

fn sign_in(code: &str) -> Value {
    json!({"code": code, "purpose": "sign-in", "statement": null})
}

fn wrong(w: &World, who: &Account) -> &'static str {
    // One of two fixed codes is wrong in every window.
    if w.code_now(who) == "000000" { "000001" } else { "000000" }
}

#[tokio::test]
async fn m_01_a_code_is_good_once_in_its_step_the_next_and_after_a_restart() {
    let mut w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let taken = w.next_code(&mara);
    assert_eq!(w.post(&mara, "/v1/codes", sign_in(&taken)).await.0, 200);
    assert_eq!(code(&w.post(&mara, "/v1/codes", sign_in(&taken)).await), (403, "code-used"));
    assert_eq!(w.log.last().kind, EventKind::SecondFactorRefused);
    assert_eq!(w.log.last().facts["code"], "code-used");
    w.restart().await;
    assert_eq!(code(&w.post(&mara, "/v1/codes", sign_in(&taken)).await), (403, "code-used"));
    w.clock.advance(29);
    assert_eq!(code(&w.post(&mara, "/v1/codes", sign_in(&taken)).await), (403, "code-used"));
    assert_eq!(w.post(&mara, "/v1/codes", sign_in(&w.code_now(&mara))).await.0, 200);
}

#[tokio::test]
async fn m_01_the_same_code_in_a_thousand_calls_at_once() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let taken = w.next_code(&mara);
    let calls = (0..1000).map(|_| w.post(&mara, "/v1/codes", sign_in(&taken)));
    let answers = futures_util::future::join_all(calls).await;
    assert_eq!(answers.iter().filter(|a| a.0 == 200).count(), 1);
    assert_eq!(answers.iter().filter(|a| code(a) == (403, "code-used")).count(), 999);
}

#[tokio::test]
async fn m_03_five_wrong_codes_lock_over_every_route_and_restart() {
    let mut w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    w.clock.advance(30);
    let bad = wrong(&w, &mara);
    for n in 0..4 {
        let body = if n % 2 == 0 {
            sign_in(bad)
        } else {
            json!({"code": bad, "purpose": "statement", "statement": sha256("x")})
        };
        assert_eq!(code(&w.post(&mara, "/v1/codes", body).await), (403, "wrong-code"));
        w.restart().await;
    }
    assert_eq!(code(&w.post(&mara, "/v1/codes", sign_in(bad)).await), (429, "second-factor-locked"));
    assert_eq!(w.log.last().kind, EventKind::SecondFactorLocked);
    assert_eq!(code(&w.post(&mara, "/v1/codes", sign_in(&w.code_now(&mara))).await), (429, "second-factor-locked"));
    w.restart().await;
    w.clock.advance(15 * 60 - 10);
    assert_eq!(code(&w.post(&mara, "/v1/codes", sign_in(&w.code_now(&mara))).await), (429, "second-factor-locked"));
    w.clock.advance(30);
    assert_eq!(w.post(&mara, "/v1/codes", sign_in(&w.code_now(&mara))).await.0, 200);
}

#[tokio::test]
async fn m_03_m_08_a_hundred_at_once_are_five_tries() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    w.clock.advance(30);
    let before = w.log.len();
    let guesses: Vec<String> = (0..100).map(|n| format!("{n:06}")).filter(|c| *c != w.code_now(&mara)).collect();
    let calls = guesses.iter().map(|guess| w.post(&mara, "/v1/codes", sign_in(guess)));
    let answers = futures_util::future::join_all(calls).await;
    assert_eq!(answers.iter().filter(|a| code(a) == (403, "wrong-code")).count(), 4);
    assert!(answers.iter().filter(|a| code(a) == (429, "second-factor-locked")).count() >= 95);
    let tried = w.log.kinds()[before..].iter().filter(|k| **k == EventKind::SecondFactorLocked).count();
    assert_eq!(tried, 1);
}

/// However a person comes: in another spelling, with another account, from another computer, over another call.
#[tokio::test]
async fn m_03_every_way_in_counts_the_same_tries() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let mut ways = Vec::new();
    for (n, spelling) in ["E-100", "e-100", "e-100"].into_iter().enumerate() {
        let mut way = w.stranger(spelling, &format!("mara-{n}"), &["engineer"]);
        w.enrol(&way).await;
        way.seed = mara.seed.clone();
        ways.push(way);
    }
    w.clock.advance(30);
    let bad = wrong(&w, &mara);
    let for_statement = json!({"code": bad, "purpose": "statement", "statement": sha256("x")});
    for (way, body) in ways.iter().chain([&mara]).zip([sign_in(bad), for_statement, sign_in(bad), sign_in(bad)]) {
        assert_eq!(code(&w.post(way, "/v1/codes", body).await), (403, "wrong-code"));
    }
    for way in ways.iter().chain([&mara]) {
        assert_eq!(code(&w.post(way, "/v1/codes", sign_in(bad)).await), (429, "second-factor-locked"));
        let right = sign_in(&w.code_now(&mara));
        assert_eq!(code(&w.post(way, "/v1/codes", right).await), (429, "second-factor-locked"));
    }
}

#[tokio::test]
async fn m_04_nobody_is_locked_out_from_elsewhere_and_denying_stays() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let tomasz = w.admitted("e-200", &["approver"]).await;
    let id = w.ask(&mara).await;
    let thief = w.stranger("e-200", "tomasz", &["approver"]);
    for _ in 0..10 {
        assert_eq!(code(&w.post(&thief, "/v1/codes", sign_in("000000")).await), (403, "not-enrolled"));
    }
    assert_eq!(w.post(&tomasz, "/v1/codes", sign_in(&w.next_code(&tomasz))).await.0, 200);
    w.clock.advance(30);
    let bad = wrong(&w, &tomasz);
    for _ in 0..5 {
        w.post(&tomasz, "/v1/codes", sign_in(bad)).await;
    }
    assert_eq!(code(&w.post(&tomasz, "/v1/codes", sign_in(bad)).await), (429, "second-factor-locked"));
    assert_eq!(w.deny(&tomasz, &id).await.1["state"], "denied");
}

#[tokio::test]
async fn m_05_drift_of_one_step_and_not_of_two() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let old = w.next_code(&mara);
    w.clock.advance(60);
    let fresh = w.code_now(&mara);
    if old != fresh {
        assert_eq!(code(&w.post(&mara, "/v1/codes", sign_in(&old)).await), (403, "wrong-code"), "two steps");
    }
    let body = json!({"code": fresh, "purpose": "sign-in", "statement": null, "time": 1});
    assert_eq!(code(&w.post(&mara, "/v1/codes", body).await), (400, "malformed"), "nobody brings their own time");
    w.clock.advance(30);
    assert_eq!(w.post(&mara, "/v1/codes", sign_in(&fresh)).await.0, 200, "one step");
}

#[tokio::test]
async fn m_06_a_code_taken_for_something_else() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let tomasz = w.admitted("e-200", &["approver"]).await;
    let adaeze = w.admitted("e-300", &["approver"]).await;
    let (first, second) = (w.ask(&mara).await, w.ask(&mara).await);
    let for_first = w.sign(&tomasz, w.decision(&first, Verdict::Approve), 600);
    let for_second = w.sign(&tomasz, w.decision(&second, Verdict::Approve), 600);
    let of_first = w.attestation(&tomasz, &for_first).await;
    let (_, of_sign_in) = w.post(&tomasz, "/v1/codes", sign_in(&w.next_code(&tomasz))).await;
    let of_adaeze = w.attestation(&adaeze, &for_second).await;
    let attempts = [
        (of_first.clone(), "no-second-factor"),
        (of_sign_in["attestation"].as_str().expect("attestation").to_owned(), "no-second-factor"),
        (of_adaeze, "no-second-factor"),
        ("x".into(), "malformed"),
        (for_second.clone(), "wrong-kind"),
    ];
    for (mfa, expected) in attempts {
        let answer = w.decide(&tomasz, &second, json!({"statement": for_second, "mfa": mfa})).await;
        assert_eq!(code(&answer).1, expected);
        assert_eq!(w.log.last().kind, EventKind::DecisionRefused);
    }
    assert_eq!(w.decide(&tomasz, &first, json!({"statement": for_first, "mfa": of_first})).await.0, 200);
    assert_eq!(w.state(&mara, &second).await, "waiting");
}

#[tokio::test]
async fn m_06_an_attestation_of_another_key_or_too_old() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let tomasz = w.admitted("e-200", &["approver"]).await;
    let id = w.ask(&mara).await;
    let statement = w.sign(&tomasz, w.decision(&id, Verdict::Approve), 600);
    let forged = crate::attest::Attestor::new(statement::DeviceKey::generate().expect("key").0, "gateway.test");
    let forged = forged.mfa(&sha256(&tomasz.token), None, Some(&sha256(&statement)), w.broker.now()).expect("signed");
    let answer = w.decide(&tomasz, &id, json!({"statement": statement, "mfa": forged})).await;
    assert_eq!(code(&answer), (403, "bad-signature"));
    w.clock.advance(300);
    let later = w.sign(&tomasz, w.decision(&id, Verdict::Approve), 600);
    w.clock.advance(-300);
    let mfa = w.attestation(&tomasz, &later).await;
    w.clock.advance(300);
    let answer = w.decide(&tomasz, &id, json!({"statement": later, "mfa": mfa})).await;
    assert_eq!(code(&answer), (403, "second-factor-too-old"));
}

#[tokio::test]
async fn m_07_m_09_no_way_around_the_code() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let tomasz = w.admitted("e-200", &["approver"]).await;
    let id = w.ask(&mara).await;
    let statement = w.sign(&tomasz, w.decision(&id, Verdict::Approve), 600);
    for mfa in [json!({"statement": statement}), json!({"statement": statement, "mfa": null})] {
        assert_eq!(code(&w.decide(&tomasz, &id, mfa).await), (403, "no-second-factor"));
    }
    let skipper = w.stranger("e-400", "skipper", &["engineer", "approver", "administrator"]);
    w.enrol(&skipper).await;
    let calls = [
        ("GET", "/v1/organizations"),
        ("GET", "/v1/enrolments"),
        ("POST", "/v1/enrolments"),
        ("GET", "/v1/requests?view=inbox"),
        ("POST", "/v1/requests"),
    ];
    for (method, path) in calls {
        let answer =
            if method == "GET" { w.get(&skipper, path).await } else { w.post(&skipper, path, json!({})).await };
        assert_eq!(code(&answer), (403, "sign-in-code-needed"), "{path}");
        assert_eq!(w.log.last().kind, EventKind::CallRefused);
    }
    for action in ["decisions", "withdraw"] {
        let answer = w.post(&skipper, &format!("/v1/requests/{id}/{action}"), json!({})).await;
        assert_eq!(code(&answer), (403, "sign-in-code-needed"));
    }
    assert_eq!(code(&w.post(&skipper, "/v1/codes", sign_in("123456")).await), (409, "second-factor-missing"));
    assert_eq!(
        code(&w.post(&skipper, "/v1/second-factor/confirm", sign_in("123456")).await),
        (409, "second-factor-missing")
    );
    for text in ["", "12345", "1234567", "abcdef"] {
        assert_eq!(code(&w.post(&mara, "/v1/codes", sign_in(text)).await), (400, "no-code"));
    }
    for body in [
        json!({"code": "123456", "purpose": "statement", "statement": null}),
        json!({"code": "123456", "purpose": "sign-in", "statement": sha256("x")}),
        json!({"code": "123456", "purpose": "anything", "statement": null}),
        json!({"code": 123456, "purpose": "sign-in", "statement": null}),
    ] {
        assert_eq!(code(&w.post(&mara, "/v1/codes", body).await), (400, "malformed"));
    }
}

#[tokio::test]
async fn m_12_a_factor_cannot_be_replaced_by_whoever_holds_the_sign_in() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    assert_eq!(code(&w.post(&mara, "/v1/second-factor", Value::Null).await), (409, "second-factor-exists"));
    let second = w.stranger("e-100", "e-100", &["engineer"]);
    assert_eq!(code(&w.post(&second, "/v1/second-factor", Value::Null).await), (403, "not-enrolled"));
    w.enrol(&second).await;
    assert_eq!(code(&w.post(&second, "/v1/second-factor", Value::Null).await), (409, "second-factor-exists"));
    let answer = w.post(&second, "/v1/second-factor/confirm", sign_in(&w.next_code(&mara))).await;
    assert_eq!(code(&answer), (409, "second-factor-exists"));
    for way in ["/v1/second-factor/remove", "/v1/second-factor/recovery-codes", "/v1/second-factor/reset"] {
        assert_eq!(code(&w.post(&mara, way, json!({})).await), (404, "no-such-call"), "{way}");
    }
    let removal = w.send(w.prepared(&mara, "DELETE", "/v1/second-factor", None)).await;
    assert_eq!(removal.status(), 405, "the last factor cannot be removed");
    assert_eq!(w.post(&mara, "/v1/codes", sign_in(&w.next_code(&mara))).await.0, 200, "and it still works");
}

#[tokio::test]
async fn a_sign_in_lasts_eight_hours_and_the_secret_is_not_in_the_file() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    assert_eq!(w.get(&mara, "/v1/organizations").await.0, 200);
    let secret = totp_rs::Secret::try_from_base32(mara.seed.as_deref().expect("seed")).expect("base32");
    for name in ["broker.sqlite", "broker.sqlite-wal"] {
        let bytes = std::fs::read(w.folder.path().join(name)).unwrap_or_default();
        assert!(!bytes.windows(20).any(|b| b == secret.as_bytes()), "{name}");
        let text = mara.seed.as_deref().expect("seed").as_bytes();
        assert!(!bytes.windows(text.len()).any(|b| b == text), "{name}");
    }
    w.clock.advance(8 * 3600);
    assert_eq!(code(&w.get(&mara, "/v1/organizations").await), (401, "sign-in-too-old"));
}
