//! An administrator voids somebody's second factor.

use domain::PersonId;
use serde_json::{Value, json};
use statement::{ResetFactor, sha256};
use wire::event::EventKind;

use super::world::{Account, Answered, World, code};

const RESETS: &str = "/v1/factor-resets";

fn reset_of(who: &Account) -> ResetFactor {
    ResetFactor { person: PersonId(who.person.clone()), reason: "The phone fell into the sea.".into() }
}

async fn send(w: &World, by: &Account, statement: &str) -> Answered {
    let mfa = w.attestation(by, statement).await;
    w.post(by, RESETS, json!({"statement": statement, "mfa": mfa})).await
}

async fn reset(w: &World, by: &Account, who: &Account) -> Answered {
    send(w, by, &w.sign(by, reset_of(who), 300)).await
}

#[tokio::test]
async fn a_reset_voids_the_old_one_and_the_person_sets_up_another_after_signing_in_again() {
    let w = World::new().await;
    let mut tomasz = w.admitted("e-200", &["approver"]).await;
    let old = tomasz.recovery[0].clone();
    assert_eq!(reset(&w, &w.ben, &tomasz).await, (204, Value::Null));
    let entry = w.log.last();
    assert_eq!((entry.kind, entry.personal["reset-person"].as_str()), (EventKind::SecondFactorReset, "e-200"));
    assert_eq!(entry.statements.len(), 3);
    let code_now = json!({"code": w.next_code(&tomasz), "purpose": "sign-in", "statement": null});
    assert_eq!(code(&w.post(&tomasz, "/v1/codes", code_now.clone()).await), (409, "second-factor-missing"));
    assert_eq!(code(&w.post(&tomasz, "/v1/second-factor/confirm", code_now).await), (409, "second-factor-missing"));
    let recovery = json!({"with": "recovery-code", "code": old});
    assert_eq!(code(&w.post(&tomasz, "/v1/second-factor/replace", recovery).await), (409, "second-factor-missing"));
    assert_eq!(code(&w.get(&tomasz, "/v1/organizations").await), (403, "sign-in-code-needed"));
    assert_eq!(w.get(&tomasz, "/v1/me").await.1["second_factor"], json!(false));
    // A computer that was left open sets none up.
    assert_eq!(code(&w.post(&tomasz, "/v1/second-factor", Value::Null).await), (403, "fresh-sign-in-needed"));
    w.sign_in_anew(&mut tomasz);
    w.pass_factor(&mut tomasz).await;
    assert_eq!(w.log.last().kind, EventKind::SecondFactorReplaced);
    assert_eq!(w.log.last().facts["with"], "reset");
    let body = json!({"code": w.next_code(&tomasz), "purpose": "statement", "statement": sha256("x")});
    assert_eq!(code(&w.post(&tomasz, "/v1/codes", body).await), (403, "second-factor-waits"));
    w.clock.advance(3600);
    let body = json!({"code": w.next_code(&tomasz), "purpose": "statement", "statement": sha256("x")});
    assert_eq!(w.post(&tomasz, "/v1/codes", body).await.0, 200);
}

#[tokio::test]
async fn m_12_a_sign_in_of_before_the_reset_or_an_old_one_sets_nothing_up() {
    let w = World::new().await;
    let mut tomasz = w.admitted("e-200", &["approver"]).await;
    w.sign_in_anew(&mut tomasz);
    w.clock.advance(1);
    assert_eq!(reset(&w, &w.ben, &tomasz).await.0, 204);
    assert_eq!(code(&w.post(&tomasz, "/v1/second-factor", Value::Null).await), (403, "fresh-sign-in-needed"));
    w.sign_in_anew(&mut tomasz);
    w.clock.advance(600);
    assert_eq!(code(&w.post(&tomasz, "/v1/second-factor", Value::Null).await), (403, "fresh-sign-in-needed"));
    w.sign_in_anew(&mut tomasz);
    w.pass_factor(&mut tomasz).await;
}

#[tokio::test]
async fn m_12_who_resets_nothing() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let tomasz = w.admitted("e-200", &["approver", "reviewer"]).await;
    let nobody = w.stranger("e-999", "nobody", &[]);
    let mut waiting = w.admitted("e-300", &["administrator"]).await;
    w.sign_in_anew(&mut waiting);
    let body = json!({"with": "recovery-code", "code": waiting.recovery[0]});
    let (_, start) = w.post(&waiting, "/v1/second-factor/replace", body).await;
    waiting.seed = start["secret"].as_str().map(str::to_owned);
    let confirm = json!({"code": w.next_code(&waiting), "purpose": "sign-in", "statement": null});
    assert_eq!(w.post(&waiting, "/v1/second-factor/confirm", confirm).await.0, 200);

    let own = w.sign(&w.ben, reset_of(&w.ben), 300);
    let unknown = w.sign(&w.ben, reset_of(&nobody), 300);
    let by_tomasz = w.sign(&tomasz, reset_of(&mara), 300);
    for (by, statement, expected) in [
        (&tomasz, by_tomasz.as_str(), (403, "missing-role")),
        (&w.ben, own.as_str(), (403, "same-person")),
        (&w.ben, unknown.as_str(), (404, "person-unknown")),
        (&w.ben, by_tomasz.as_str(), (403, "unknown-signer")),
    ] {
        assert_eq!(code(&send(&w, by, statement).await), expected);
        assert_eq!(w.log.last().kind, EventKind::SecondFactorRefused);
    }
    let good = w.sign(&w.ben, reset_of(&mara), 300);
    let other = w.sign(&w.ben, reset_of(&tomasz), 300);
    let of_other = w.attestation(&w.ben, &other).await;
    for mfa in [Value::Null, json!(of_other)] {
        let answer = w.post(&w.ben, RESETS, json!({"statement": good, "mfa": mfa})).await;
        assert_eq!(code(&answer), (403, "no-second-factor"));
    }
    w.clock.advance(300);
    let mfa = w.attestation(&w.ben, &good).await;
    let answer = w.post(&w.ben, RESETS, json!({"statement": good, "mfa": mfa})).await;
    assert_eq!(code(&answer), (409, "expired"));
    let statement = w.sign(&waiting, reset_of(&mara), 300);
    let body = json!({"code": w.next_code(&waiting), "purpose": "statement", "statement": sha256(&statement)});
    assert_eq!(code(&w.post(&waiting, "/v1/codes", body).await), (403, "second-factor-waits"));
    let answer = w.post(&waiting, RESETS, json!({"statement": statement, "mfa": null})).await;
    assert_eq!(code(&answer), (403, "no-second-factor"));
    assert!(!w.log.kinds().contains(&EventKind::SecondFactorReset));
    let still = json!({"code": w.next_code(&mara), "purpose": "sign-in", "statement": null});
    assert_eq!(w.post(&mara, "/v1/codes", still).await.0, 200);
}

#[tokio::test]
async fn m_12_an_old_reset_does_nothing_to_the_new_factor() {
    let mut w = World::new().await;
    let mut tomasz = w.admitted("e-200", &["approver"]).await;
    let statement = w.sign(&w.ben, reset_of(&tomasz), 300);
    let mfa = w.attestation(&w.ben, &statement).await;
    let body = json!({"statement": statement, "mfa": mfa});
    assert_eq!(w.post(&w.ben, RESETS, body.clone()).await.0, 204);
    w.sign_in_anew(&mut tomasz);
    w.pass_factor(&mut tomasz).await;
    w.restart().await;
    assert_eq!(code(&w.post(&w.ben, RESETS, body.clone()).await), (409, "reset-already"));
    w.clock.advance(300);
    assert_eq!(code(&w.post(&w.ben, RESETS, body).await), (409, "expired"));
    assert_eq!(w.get(&tomasz, "/v1/organizations").await.0, 200);
}

/// Its entry was written and its effect lost.
#[tokio::test]
async fn a_reset_that_is_sent_again_after_a_crash_has_its_effect() {
    let w = World::new().await;
    let tomasz = w.admitted("e-200", &["approver"]).await;
    let statement = w.sign(&w.ben, reset_of(&tomasz), 300);
    let mfa = w.attestation(&w.ben, &statement).await;
    let mut entry = wire::event::Append::new(EventKind::SecondFactorReset);
    entry.unique = Some(format!("factor-reset/{}", sha256(&statement)));
    w.broker.log(entry).await.expect("written");
    assert_eq!(w.post(&w.ben, RESETS, json!({"statement": statement, "mfa": mfa})).await.0, 204);
    assert_eq!(code(&w.get(&tomasz, "/v1/organizations").await), (403, "sign-in-code-needed"));
}

#[tokio::test]
async fn a_reset_opens_a_lock() {
    let w = World::new().await;
    let mut tomasz = w.admitted("e-200", &["approver"]).await;
    w.clock.advance(30);
    let wrong = if w.code_now(&tomasz) == "000000" { "000001" } else { "000000" };
    for _ in 0..5 {
        w.post(&tomasz, "/v1/codes", json!({"code": wrong, "purpose": "sign-in", "statement": null})).await;
    }
    assert_eq!(w.log.last().kind, EventKind::SecondFactorLocked);
    assert_eq!(reset(&w, &w.ben, &tomasz).await.0, 204);
    w.sign_in_anew(&mut tomasz);
    w.pass_factor(&mut tomasz).await;
}
