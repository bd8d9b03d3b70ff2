//! Second factors that take the place of others.

use std::sync::atomic::Ordering;

use domain::Digest;
use serde_json::{Value, json};
use statement::{Verdict, sha256};
use wire::event::EventKind;

use super::world::{Account, Answered, World, code};

const REPLACE: &str = "/v1/second-factor/replace";
const CONFIRM: &str = "/v1/second-factor/confirm";

fn sign_in(code: &str) -> Value {
    json!({"code": code, "purpose": "sign-in", "statement": null})
}

fn with_recovery(code: &str) -> Value {
    json!({"with": "recovery-code", "code": code})
}

async fn replace_with_code(w: &World, who: &Account) -> Answered {
    w.post(who, REPLACE, json!({"with": "code", "code": w.next_code(who)})).await
}

/// The new seed is in the account, and confirmed.
async fn confirm(w: &World, who: &mut Account, start: &Value) -> Answered {
    who.seed = start["secret"].as_str().map(str::to_owned);
    let answer = w.post(who, CONFIRM, sign_in(&w.next_code(who))).await;
    if answer.0 == 200 {
        who.recovery = serde_json::from_value(answer.1["recovery_codes"].clone()).expect("recovery codes");
    }
    answer
}

/// From a fresh sign-in to a confirmed new factor.
async fn recover(w: &World, who: &mut Account) {
    w.sign_in_anew(who);
    let (status, start) = w.post(who, REPLACE, with_recovery(&who.recovery[0])).await;
    assert_eq!(status, 200, "{start}");
    assert_eq!(confirm(w, who, &start).await.0, 200);
}

async fn left(w: &World, who: &Account) -> Value {
    w.get(who, "/v1/me").await.1["factor"]["recovery_codes_left"].clone()
}

async fn statement_code(w: &World, who: &Account) -> Answered {
    let body = json!({"code": w.next_code(who), "purpose": "statement", "statement": sha256("x")});
    w.post(who, "/v1/codes", body).await
}

#[tokio::test]
async fn whoever_has_the_app_replaces_it_with_its_code_and_signs_at_once() {
    let w = World::new().await;
    let mut mara = w.admitted("e-100", &["engineer"]).await;
    let old = Account { seed: mara.seed.clone(), ..w.stranger("e-100", "e-100", &[]) };
    let (status, start) = replace_with_code(&w, &mara).await;
    assert_eq!(status, 200);
    assert_eq!(w.log.last().facts["purpose"], "replace");
    assert_eq!(w.post(&mara, "/v1/codes", sign_in(&w.next_code(&mara))).await.0, 200, "the old one stays until then");
    assert_eq!(confirm(&w, &mut mara, &start).await.0, 200);
    assert_eq!(w.log.last().kind, EventKind::SecondFactorReplaced);
    assert_eq!(w.log.last().facts["with"], "code");
    assert!(!w.log.last().facts.contains_key("counts-from"));
    assert_eq!(statement_code(&w, &mara).await.0, 200);
    w.clock.advance(30);
    assert_eq!(code(&w.post(&mara, "/v1/codes", sign_in(&w.code_now(&old))).await), (403, "wrong-code"));
}

#[tokio::test]
async fn m_12_nothing_is_replaced_without_what_it_takes() {
    let w = World::new().await;
    let mut mara = w.admitted("e-100", &["engineer"]).await;
    let tomasz = w.admitted("e-200", &["approver"]).await;
    w.clock.advance(30);
    let his = w.code_now(&tomasz);
    for (body, expected) in [
        (json!({"with": "code", "code": mara.recovery[0]}), (400, "no-code")),
        (json!({"with": "code", "code": his}), (403, "wrong-code")),
        (with_recovery(&tomasz.recovery[0]), (403, "wrong-recovery-code")),
        (with_recovery("123456"), (400, "no-recovery-code")),
        (with_recovery(""), (400, "no-recovery-code")),
        (json!({"with": "reset", "code": ""}), (400, "malformed")),
        (json!({"with": "code", "code": his, "person": "e-200"}), (400, "malformed")),
    ] {
        assert_eq!(code(&w.post(&mara, REPLACE, body.clone()).await), expected, "{body}");
        assert_eq!(w.log.last().kind, EventKind::SecondFactorRefused);
    }
    let stranger = w.stranger("e-100", "mara", &["engineer"]);
    let answer = w.post(&stranger, REPLACE, with_recovery(&mara.recovery[0])).await;
    assert_eq!(code(&answer), (403, "not-enrolled"));
    let without = w.stranger("e-300", "e-300", &[]);
    w.enrol(&without).await;
    assert_eq!(code(&w.post(&without, REPLACE, with_recovery("x")).await), (409, "second-factor-missing"));
    assert_eq!(
        code(&w.post(&without, "/v1/recovery-codes", json!({"code": "1"})).await),
        (409, "second-factor-missing")
    );
    assert_eq!(code(&w.post(&mara, CONFIRM, sign_in("123456")).await), (409, "second-factor-exists"));
    // What was begun is over after a quarter of an hour.
    let (_, start) = replace_with_code(&w, &mara).await;
    let seed = mara.seed.clone();
    w.clock.advance(15 * 60 - 30);
    assert_eq!(code(&confirm(&w, &mut mara, &start).await), (409, "second-factor-exists"));
    mara.seed = seed;
    assert_eq!(w.post(&mara, "/v1/codes", sign_in(&w.next_code(&mara))).await.0, 200);
}

#[tokio::test]
async fn m_12_a_recovery_code_begins_a_replacement_once_and_is_good_for_nothing_else() {
    let mut w = World::new().await;
    let mut mara = w.admitted("e-100", &["approver"]).await;
    let codes = mara.recovery.clone();
    assert_eq!((codes.len(), left(&w, &mara).await), (10, json!(10)));
    for body in [sign_in(&codes[0]), json!({"code": codes[0], "purpose": "statement", "statement": sha256("x")})] {
        assert_eq!(code(&w.post(&mara, "/v1/codes", body).await), (400, "no-code"));
    }
    assert_eq!(code(&w.post(&mara, "/v1/recovery-codes", json!({"code": codes[0]})).await), (400, "no-code"));
    assert_eq!(left(&w, &mara).await, json!(10), "and it is not used up");

    let (status, start) = w.post(&mara, REPLACE, with_recovery(&codes[0].to_uppercase().replace('-', " "))).await;
    assert_eq!(status, 200);
    assert_eq!(w.log.last().kind, EventKind::RecoveryCodeUsed);
    assert_eq!(w.log.last().facts["left"], "9");
    assert_eq!(code(&w.post(&mara, CONFIRM, sign_in(&codes[1])).await), (400, "no-code"));
    assert_eq!(code(&w.post(&mara, REPLACE, with_recovery(&codes[0])).await), (403, "wrong-recovery-code"), "again");
    w.restart().await;
    assert_eq!(code(&w.post(&mara, REPLACE, with_recovery(&codes[0])).await), (403, "wrong-recovery-code"));
    assert_eq!(left(&w, &mara).await, json!(9));

    assert_eq!(confirm(&w, &mut mara, &start).await.0, 200);
    assert_eq!(w.log.last().facts["with"], "recovery-code");
    assert_eq!(left(&w, &mara).await, json!(10));
    // The codes of the factor that is gone are gone.
    for old in &codes[1..3] {
        assert_eq!(code(&w.post(&mara, REPLACE, with_recovery(old)).await), (403, "wrong-recovery-code"));
    }
}

#[tokio::test]
async fn one_recovery_code_in_a_hundred_calls_at_once() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let calls = (0..100).map(|_| w.post(&mara, REPLACE, with_recovery(&mara.recovery[0])));
    let answers = futures_util::future::join_all(calls).await;
    assert_eq!(answers.iter().filter(|a| a.0 == 200).count(), 1);
    assert_eq!(w.log.kinds().iter().filter(|k| **k == EventKind::RecoveryCodeUsed).count(), 1);
}

#[tokio::test]
async fn m_12_a_recovery_code_takes_a_sign_in_of_the_last_minutes() {
    let w = World::new().await;
    let mut mara = w.admitted("e-100", &["engineer"]).await;
    w.clock.advance(600);
    for given in [&mara.recovery[0], "2222-2222-2222-2222"] {
        let answer = w.post(&mara, REPLACE, with_recovery(given)).await;
        assert_eq!(code(&answer), (403, "fresh-sign-in-needed"), "and nothing is tried");
    }
    assert_eq!(left(&w, &mara).await, json!(10));
    recover(&w, &mut mara).await;
}

#[tokio::test]
async fn m_03_m_12_guessed_recovery_codes_are_counted_with_the_others() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    w.clock.advance(30);
    let wrong = if w.code_now(&mara) == "000000" { "000001" } else { "000000" };
    for n in 0..4 {
        let (answer, expected) = if n % 2 == 0 {
            (
                w.post(&mara, REPLACE, with_recovery(&format!("2222-2222-2222-222{}", n + 2))).await,
                "wrong-recovery-code",
            )
        } else {
            (w.post(&mara, "/v1/codes", sign_in(wrong)).await, "wrong-code")
        };
        assert_eq!(code(&answer), (403, expected));
    }
    let last = w.post(&mara, REPLACE, with_recovery("3333-3333-3333-3333")).await;
    assert_eq!(code(&last), (429, "second-factor-locked"));
    assert_eq!(w.log.last().kind, EventKind::SecondFactorLocked);
    for body in [with_recovery(&mara.recovery[0]), json!({"with": "code", "code": w.code_now(&mara)})] {
        assert_eq!(code(&w.post(&mara, REPLACE, body).await), (429, "second-factor-locked"));
    }
    assert_eq!(code(&w.post(&mara, "/v1/codes", sign_in(&w.code_now(&mara))).await), (429, "second-factor-locked"));
}

#[tokio::test]
async fn m_12_a_recovered_factor_signs_in_and_countersigns_nothing_for_an_hour() {
    let mut w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let mut tomasz = w.admitted("e-200", &["approver", "administrator"]).await;
    recover(&w, &mut tomasz).await;
    let counts_from = w.broker.now() + 3600;
    assert_eq!(w.log.last().facts["counts-from"], counts_from.to_string());
    assert_eq!(w.get(&tomasz, "/v1/me").await.1["factor"]["counts_from"], json!(counts_from));
    assert_eq!(w.post(&tomasz, "/v1/codes", sign_in(&w.next_code(&tomasz))).await.0, 200);
    assert_eq!(code(&statement_code(&w, &tomasz).await), (403, "second-factor-waits"));
    assert_eq!(w.log.last().facts["code"], "second-factor-waits");
    // Neither another secret in its place nor another start makes it older.
    let (_, start) = replace_with_code(&w, &tomasz).await;
    assert_eq!(confirm(&w, &mut tomasz, &start).await.0, 200);
    w.restart().await;
    assert_eq!(code(&statement_code(&w, &tomasz).await), (403, "second-factor-waits"));
    let id = w.ask(&mara).await;
    let early = w.sign(&tomasz, w.decision(&id, Verdict::Approve), 600);
    let answer = w.decide(&tomasz, &id, json!({"statement": early, "mfa": null})).await;
    assert_eq!(code(&answer), (403, "no-second-factor"));
    w.clock.advance(counts_from - w.broker.now() - 31);
    assert_eq!(code(&statement_code(&w, &tomasz).await), (403, "second-factor-waits"));
    assert_eq!(statement_code(&w, &tomasz).await.0, 200);
    let id: Digest = w.ask(&mara).await;
    assert_eq!(w.approve(&tomasz, &id).await.0, 200);
}

#[tokio::test]
async fn m_12_what_the_old_factor_had_passed_ends_with_it() {
    let w = World::new().await;
    let mut mara = w.admitted("e-100", &["engineer"]).await;
    let mut second = w.stranger("e-100", "e-100", &["engineer"]);
    w.enrol(&second).await;
    second.seed.clone_from(&mara.seed);
    assert_eq!(w.post(&second, "/v1/codes", sign_in(&w.next_code(&second))).await.0, 200);
    assert_eq!(w.get(&second, "/v1/organizations").await.0, 200);
    recover(&w, &mut mara).await;
    assert_eq!(code(&w.get(&second, "/v1/organizations").await), (403, "sign-in-code-needed"));
    assert_eq!(w.get(&mara, "/v1/organizations").await.0, 200);
}

#[tokio::test]
async fn new_recovery_codes_take_a_code_and_void_the_old() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let body = json!({"code": w.next_code(&mara)});
    let (status, made) = w.post(&mara, "/v1/recovery-codes", body.clone()).await;
    assert_eq!((status, w.log.last().kind), (200, EventKind::RecoveryCodesMade));
    assert_eq!(code(&w.post(&mara, "/v1/recovery-codes", body).await), (403, "code-used"));
    let old = w.post(&mara, REPLACE, with_recovery(&mara.recovery[0])).await;
    assert_eq!(code(&old), (403, "wrong-recovery-code"));
    let new = made["codes"][0].as_str().expect("a code");
    assert_eq!(w.post(&mara, REPLACE, with_recovery(new)).await.0, 200);
}

#[tokio::test]
async fn l_01_neither_recovery_codes_nor_new_secrets_are_in_the_file_or_in_the_log() {
    let w = World::new().await;
    let mut mara = w.admitted("e-100", &["engineer"]).await;
    let first = mara.recovery.clone();
    recover(&w, &mut mara).await;
    let secrets = first.iter().chain(&mara.recovery).flat_map(|code| [code.clone(), code.replace('-', "")]);
    let secrets: Vec<String> = secrets.chain(mara.seed.clone()).collect();
    let log = format!("{:?}", w.log.since(0));
    for name in ["broker.sqlite", "broker.sqlite-wal"] {
        let bytes = std::fs::read(w.folder.path().join(name)).unwrap_or_default();
        for secret in &secrets {
            assert!(!bytes.windows(secret.len()).any(|b| b == secret.as_bytes()), "{name}");
            assert!(!log.contains(secret.as_str()));
        }
    }
}

#[tokio::test]
async fn what_cannot_be_written_down_changes_nothing() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    w.log.away.store(true, Ordering::SeqCst);
    let answer = w.post(&mara, REPLACE, with_recovery(&mara.recovery[0])).await;
    assert_eq!(answer.0, 503);
    w.log.away.store(false, Ordering::SeqCst);
    assert_eq!(left(&w, &mara).await, json!(10));
    assert_eq!(w.post(&mara, REPLACE, with_recovery(&mara.recovery[0])).await.0, 200);
}

#[tokio::test]
async fn m_12_a_recovery_code_countersigns_nothing() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let tomasz = w.admitted("e-200", &["approver"]).await;
    let id = w.ask(&mara).await;
    let statement = w.sign(&tomasz, w.decision(&id, Verdict::Approve), 600);
    let for_this = json!({"code": tomasz.recovery[0], "purpose": "statement", "statement": sha256(&statement)});
    assert_eq!(code(&w.post(&tomasz, "/v1/codes", for_this).await), (400, "no-code"));
    let with_code = json!({"statement": statement, "mfa": tomasz.recovery[0]});
    assert_eq!(code(&w.decide(&tomasz, &id, with_code).await), (400, "malformed"));
    assert_eq!((w.state(&mara, &id).await.as_str(), left(&w, &tomasz).await), ("waiting", json!(10)));
}
