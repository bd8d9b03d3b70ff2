//! A new computer of somebody who has one.

use serde_json::json;
use statement::{Revoke, Revoked, Verdict};

use super::world::{Account, World, code};

/// Another Device of somebody, enrolled and signed in with the second factor that they have.
pub(super) async fn second(w: &World, who: &Account) -> Account {
    let mut second = w.stranger(&who.person, &who.subject, &who.roles);
    w.enrol(&second).await;
    second.seed.clone_from(&who.seed);
    let code = json!({"code": w.next_code(&second), "purpose": "sign-in", "statement": null});
    assert_eq!(w.post(&second, "/v1/codes", code).await.0, 200);
    second
}

#[tokio::test]
async fn a_second_computer_asks_at_once_and_countersigns_after_an_hour() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let tomasz = w.admitted("e-200", &["approver"]).await;
    w.clock.advance(1);
    let (mara_2, tomasz_2) = (second(&w, &mara).await, second(&w, &tomasz).await);
    let id = w.ask(&mara_2).await;
    assert_eq!(code(&w.approve(&tomasz_2, &id).await), (403, "device-too-new"));
    assert_eq!(w.log.last().facts["code"], "device-too-new");
    assert_eq!(w.approve(&tomasz, &id).await.0, 200, "the one of before does");
    let other = w.ask(&mara).await;
    assert_eq!(w.deny(&tomasz_2, &other).await.0, 200, "to deny is to stop");
    w.clock.advance(3600);
    let id = w.ask(&mara).await;
    assert_eq!(w.approve(&tomasz_2, &id).await.0, 200);
}

#[tokio::test]
async fn a_decision_that_is_dated_back_gains_nothing() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let tomasz = w.admitted("e-200", &["approver"]).await;
    w.clock.advance(1);
    let id = w.ask(&mara).await;
    let tomasz_2 = second(&w, &tomasz).await;
    let mut payload = w.payload(w.decision(&id, Verdict::Approve), 600);
    payload.iat -= 60;
    let statement = w.sign_payload(&tomasz_2, &payload);
    let mfa = w.attestation(&tomasz_2, &statement).await;
    let answer = w.decide(&tomasz_2, &id, json!({"statement": statement, "mfa": mfa})).await;
    assert_eq!(answer.0, 403, "{answer:?}");
}

#[tokio::test]
async fn an_administrator_s_second_computer_enrols_revokes_and_resets_nobody_yet() {
    let w = World::new().await;
    let sofia = w.admitted("e-800", &["administrator"]).await;
    let tomasz = w.admitted("e-200", &["approver"]).await;
    w.clock.advance(1);
    let sofia_2 = second(&w, &sofia).await;
    let new = w.stranger("e-300", "new", &["engineer"]);
    w.get(&new, "/v1/me").await;
    let enrol = w.enrol_statement(&sofia_2, &new);
    assert_eq!(code(&w.send_enrolment(&sofia_2, &enrol).await), (403, "device-too-new"));
    let revokes = |what| Revoke { reason: "The computer was stolen.".into(), revokes: what };
    let device = Revoked::Device(tomasz.key.public().thumbprint());
    let revoke = w.sign(&sofia_2, revokes(device), 300);
    let mfa = w.attestation(&sofia_2, &revoke).await;
    let answer = w.post(&sofia_2, "/v1/revocations", json!({"statement": revoke, "mfa": mfa})).await;
    assert_eq!(code(&answer), (403, "device-too-new"));
    let reset = statement::ResetFactor {
        person: domain::PersonId(tomasz.person.clone()),
        reason: "The phone fell into the sea.".into(),
    };
    let reset = w.sign(&sofia_2, reset, 300);
    let mfa = w.attestation(&sofia_2, &reset).await;
    let answer = w.post(&sofia_2, "/v1/factor-resets", json!({"statement": reset, "mfa": mfa})).await;
    assert_eq!(code(&answer), (403, "device-too-new"));
    // To stop one Grant, or oneself, waits for nothing.
    let mara = w.admitted("e-100", &["engineer"]).await;
    let id = w.ask(&mara).await;
    let grant = w.sign(&sofia_2, revokes(Revoked::Grant(id)), 300);
    let answer = w.post(&sofia_2, "/v1/revocations", json!({"statement": grant, "mfa": null})).await;
    assert_eq!(answer.0, 204, "{answer:?}");
    w.clock.advance(3600);
    let enrol = w.enrol_statement(&sofia_2, &new);
    assert_eq!(w.send_enrolment(&sofia_2, &enrol).await.0, 204);
}

#[tokio::test]
async fn a_first_administrator_s_other_computer_waits_as_well() {
    let w = World::new().await;
    let sofia = w.admitted("e-800", &["administrator"]).await;
    w.clock.advance(1);
    // Ben's first key is pinned and nobody enrolled it: he has signed with it, so another Device of his waits.
    let ben_2 = w.stranger("e-900", "ben", &["administrator"]);
    assert_eq!(w.get(&ben_2, "/v1/me").await.0, 200);
    let enrol = w.enrol_statement(&sofia, &ben_2);
    assert_eq!(w.send_enrolment(&sofia, &enrol).await.0, 204);
    let mut ben_2 = ben_2;
    ben_2.seed.clone_from(&w.ben.seed);
    let sign_in = json!({"code": w.next_code(&ben_2), "purpose": "sign-in", "statement": null});
    assert_eq!(w.post(&ben_2, "/v1/codes", sign_in).await.0, 200);
    let new = w.stranger("e-300", "new", &["engineer"]);
    w.get(&new, "/v1/me").await;
    let by_new = w.enrol_statement(&ben_2, &new);
    assert_eq!(code(&w.send_enrolment(&ben_2, &by_new).await), (403, "device-too-new"));
    w.clock.advance(3600);
    let by_new = w.enrol_statement(&ben_2, &new);
    assert_eq!(w.send_enrolment(&ben_2, &by_new).await.0, 204);
}
