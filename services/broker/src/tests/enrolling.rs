use domain::PersonId;
use serde_json::{Value, json};
use statement::Enrol;
use wire::event::EventKind;

use super::world::{World, code};

#[tokio::test]
async fn a_new_computer_waits_until_an_administrator_signs() {
    let w = World::new().await;
    let mara = w.stranger("e-100", "mara", &["engineer"]);
    let (_, me) = w.get(&mara, "/v1/me").await;
    assert_eq!((me["enrolled"].as_bool(), me["second_factor"].as_bool()), (Some(false), Some(false)));
    let (_, pending) = w.get(&w.ben, "/v1/enrolments").await;
    assert_eq!(pending[0]["person"], "e-100");
    assert_eq!(pending[0]["device"], json!(mara.key.public().thumbprint()));
    assert_eq!(pending[0]["pk_token"], Value::from(mara.token.clone()));
    for path in ["/v1/second-factor", "/v1/codes"] {
        assert_eq!(code(&w.post(&mara, path, Value::Null).await), (403, "not-enrolled"), "{path}");
    }
    w.enrol(&mara).await;
    let (_, me) = w.get(&mara, "/v1/me").await;
    assert_eq!(me["enrolled"], json!(true));
    assert_eq!(me["enrols"].as_array().map(Vec::len), Some(1));
    assert_eq!(me["enrol_tokens"], json!([w.ben.token]));
    assert_eq!(w.get(&w.ben, "/v1/enrolments").await.1, json!([]));
}

#[tokio::test]
async fn a_first_administrator_sets_up_codes_before_anybody_enrolled_them() {
    let w = World::new().await;
    let (_, me) = w.get(&w.ben, "/v1/me").await;
    assert_eq!((&me["enrolled"], &me["second_factor"]), (&json!(true), &json!(true)));
    assert_eq!(me["enrols"], json!([]));
    assert!(!w.log.kinds().contains(&EventKind::Enrolled));
}

#[tokio::test]
async fn enrolments_that_are_refused() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let fresh = w.stranger("e-101", "new", &["engineer"]);
    w.get(&fresh, "/v1/me").await;
    let device = fresh.key.public().thumbprint();
    let enrol = |person: &str| Enrol { device: device.clone(), person: PersonId(person.into()) };
    let refused = |answer, expected: (u16, &'static str)| {
        assert_eq!(code(&answer), expected);
        assert_eq!(w.log.last().kind, EventKind::EnrolmentRefused);
        assert_eq!(w.log.last().facts["code"], expected.1);
    };
    let send = |by, statement: String| w.post(by, "/v1/enrolments", json!({ "statement": statement }));
    refused(send(&mara, w.sign(&mara, enrol("e-101"), 600)).await, (403, "missing-role"));
    refused(send(&w.ben, w.sign(&w.ben, enrol("e-900"), 600)).await, (403, "same-person"));
    refused(send(&w.ben, w.sign(&w.ben, enrol("e-100"), 600)).await, (409, "nobody-waits"));
    refused(send(&w.ben, w.sign(&w.ben, enrol("e-101"), 3601)).await, (409, "lives-too-long"));
    refused(send(&w.ben, w.sign(&mara, enrol("e-101"), 600)).await, (403, "unknown-signer"));
    refused(send(&w.ben, "a.b.c".into()).await, (400, "malformed"));
    let statement = w.sign(&w.ben, enrol("e-101"), 600);
    assert_eq!(w.send_enrolment(&w.ben, &statement).await.0, 204);
    refused(send(&w.ben, statement).await, (409, "enrolled-already"));
    assert_eq!(code(&w.get(&mara, "/v1/enrolments").await), (403, "missing-role"));
}

#[tokio::test]
async fn an_enrolment_takes_a_code_for_exactly_itself() {
    let w = World::new().await;
    let sofia = w.admitted("e-901", &["administrator"]).await;
    let [first, second] = [w.stranger("e-101", "e-101", &[]), w.stranger("e-102", "e-102", &[])];
    for new in [&first, &second] {
        w.get(new, "/v1/me").await;
    }
    let (statement, other) = (w.enrol_statement(&w.ben, &first), w.enrol_statement(&w.ben, &second));
    let send = |mfa: Option<String>| w.post(&w.ben, "/v1/enrolments", json!({"statement": statement, "mfa": mfa}));
    let sign_in = json!({"code": w.next_code(&w.ben), "purpose": "sign-in", "statement": null});
    let sign_in = w.post(&w.ben, "/v1/codes", sign_in).await.1["attestation"].as_str().map(str::to_owned);
    let others = [
        ("none", None, (403, "no-second-factor")),
        ("of the sign-in", sign_in, (403, "no-second-factor")),
        ("for another enrolment", Some(w.attestation(&w.ben, &other).await), (403, "no-second-factor")),
        ("another administrator's", Some(w.attestation(&sofia, &statement).await), (403, "no-second-factor")),
        ("no attestation", Some("a.b.c".into()), (400, "malformed")),
    ];
    for (what, mfa, expected) in others {
        assert_eq!(code(&send(mfa).await), expected, "{what}");
        assert_eq!(w.log.last().kind, EventKind::EnrolmentRefused, "{what}");
        assert_eq!(w.get(&first, "/v1/me").await.1["enrolled"], json!(false), "{what}");
    }
    let late = w.attestation(&w.ben, &statement).await;
    w.clock.advance(300);
    assert_eq!(code(&send(Some(late)).await), (403, "second-factor-too-old"));
    let mfa = w.attestation(&w.ben, &statement).await;
    assert_eq!(send(Some(mfa.clone())).await.0, 204);
    assert_eq!(w.log.last().kind, EventKind::Enrolled);
    assert_eq!(w.log.last().facts["attestation"], statement::sha256(&mfa).as_str());
    let passed = w.log.since(0).into_iter().rfind(|e| e.kind == EventKind::SecondFactorPassed).expect("a code");
    assert_eq!(passed.facts["statement"], statement::sha256(&statement).as_str());
    assert_eq!(passed.facts["attestation"], statement::sha256(&mfa).as_str());
    assert_eq!(w.get(&first, "/v1/me").await.1["enrolled"], json!(true));
}

#[tokio::test]
async fn d_07_a_device_that_is_enrolled_for_somebody_else() {
    let w = World::new().await;
    let (key, pkcs8) = statement::DeviceKey::generate().expect("key");
    let mara = w.on_key("e-100", "mara", &["engineer"], key);
    w.enrol(&mara).await;
    let other = w.on_key("e-101", "other", &["engineer"], statement::DeviceKey::from_pkcs8(&pkcs8).expect("key"));
    assert_eq!(w.get(&other, "/v1/me").await.1["enrolled"], json!(false));
    assert_eq!(code(&w.post(&other, "/v1/second-factor", Value::Null).await), (403, "not-enrolled"));
}

#[tokio::test]
async fn the_chain_goes_down_to_a_first_administrator() {
    let w = World::new().await;
    let second = w.admitted("e-901", &["administrator"]).await;
    let mut mara = w.stranger("e-100", "mara", &["engineer"]);
    w.get(&mara, "/v1/me").await;
    let statement = w.enrol_statement(&second, &mara);
    assert_eq!(w.send_enrolment(&second, &statement).await.0, 204);
    w.pass_factor(&mut mara).await;
    let (_, me) = w.get(&mara, "/v1/me").await;
    assert_eq!(me["enrols"].as_array().map(Vec::len), Some(2));
    assert_eq!(me["enrol_tokens"].as_array().map(Vec::len), Some(2));
    let id = w.ask(&mara).await;
    let (_, view) = w.get(&mara, &format!("/v1/requests/{id}")).await;
    assert_eq!(view["enrols"].as_array().map(Vec::len), Some(2));
    assert_eq!(view["pk_tokens"].as_array().map(Vec::len), Some(3));
}

#[tokio::test]
async fn a_row_in_the_table_enrols_nobody() {
    let w = World::new().await;
    let mara = w.stranger("e-100", "mara", &["engineer"]);
    w.get(&mara, "/v1/me").await;
    let path = w.folder.path().join("broker.sqlite");
    let pool = sqlx::SqlitePool::connect(&format!("sqlite://{}", path.display())).await.expect("pool");
    let forged = w.sign(&mara, Enrol { device: mara.key.public().thumbprint(), person: PersonId("e-100".into()) }, 600);
    let insert = "INSERT INTO enrolments (digest, person, device, compact, signer_person, signer_device, signer_token,
         enrolled_at) SELECT 'x', person, device, ?, person, device, token, 1 FROM pending";
    sqlx::query(insert)
        .bind(super::world::fields().seal("statement", &forged).expect("sealed"))
        .execute(&pool)
        .await
        .expect("row");
    assert_eq!(w.get(&mara, "/v1/me").await.1["enrolled"], json!(false));
    w.enrol(&mara).await;
    assert_eq!(w.get(&mara, "/v1/me").await.1["enrolled"], json!(true), "and hinders nobody");
}

#[tokio::test]
async fn one_person_cannot_fill_the_list() {
    let w = World::new().await;
    for _ in 0..5 {
        assert_eq!(w.get(&w.stranger("e-100", "mara", &[]), "/v1/me").await.0, 200);
    }
    let sixth = w.stranger("e-100", "mara", &[]);
    assert_eq!(code(&w.get(&sixth, "/v1/me").await), (429, "too-many-devices"));
    assert_eq!(w.log.last().kind, EventKind::SignInRefused);
}

#[tokio::test]
async fn a_sign_in_that_is_too_old_to_verify_is_not_offered() {
    let w = World::new().await;
    let (key, pkcs8) = statement::DeviceKey::generate().expect("key");
    let mara = w.on_key("e-100", "mara", &[], key);
    w.get(&mara, "/v1/me").await;
    w.clock.advance(8 * 3600);
    assert!(w.broker.store.pending(w.broker.now() - 8 * 3600).await.expect("pending").is_empty());
    let again = w.sign_in_again(&mara, statement::DeviceKey::from_pkcs8(&pkcs8).expect("key"), &[]);
    w.get(&again, "/v1/me").await;
    let pending = w.broker.store.pending(w.broker.now() - 8 * 3600).await.expect("pending");
    assert_eq!(pending.len(), 1);
    assert_eq!(pending[0].pk_token, again.token);
}
