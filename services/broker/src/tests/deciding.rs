use domain::Scope;
use serde_json::{Value, json};
use statement::{DeviceKey, Verdict, base64url, base64url_decode, sha256};
use wire::event::EventKind;

use super::world::{Account, World, account_with, code};

async fn with_request() -> (World, Account, Account, domain::Digest) {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer", "approver"]).await;
    let tomasz = w.admitted("e-200", &["approver"]).await;
    let id = w.ask(&mara).await;
    (w, mara, tomasz, id)
}

fn refused_with(w: &World, expected: &str) {
    assert_eq!(w.log.last().kind, EventKind::DecisionRefused);
    assert_eq!(w.log.last().facts["code"], expected);
}

#[tokio::test]
async fn a_01_ones_own_request() {
    let (w, mara, _, id) = with_request().await;
    assert_eq!(code(&w.approve(&mara, &id).await), (403, "own-request"));
    refused_with(&w, "own-request");
    assert_eq!(code(&w.deny(&mara, &id).await), (403, "own-request"));
    assert_eq!(w.state(&mara, &id).await, "waiting");
    assert_eq!(w.get(&mara, "/v1/requests?view=inbox").await.1, json!([]), "nor is it shown to be signed");
}

#[tokio::test]
async fn a_02_a_second_account_of_the_same_person() {
    let (w, mara, _, id) = with_request().await;
    for (n, spelling) in ["e-100", "E-100"].into_iter().enumerate() {
        let mut second = w.stranger(spelling, &format!("mara.admin{n}"), &["engineer", "approver"]);
        w.enrol(&second).await;
        second.seed = mara.seed.clone();
        let body = json!({"code": w.next_code(&second), "purpose": "sign-in", "statement": null});
        assert_eq!(w.post(&second, "/v1/codes", body).await.0, 200, "one person, one second factor");
        assert_eq!(code(&w.approve(&second, &id).await), (403, "same-person"), "{spelling}");
        refused_with(&w, "same-person");
        assert_eq!(w.get(&second, "/v1/requests?view=inbox").await.1, json!([]));
    }
    // An e-mail address, its tags, dots and look-alikes, are nobody: the person claim alone counts.
    for (n, email) in ["mara+2@company.test", "m.ara@company.test", "MARA@COMPANY.TEST", "m\u{430}ra@company.test"]
        .into_iter()
        .enumerate()
    {
        let more = json!({"email": email, "email_verified": true, "preferred_username": format!("another{n}")});
        let (key, _) = DeviceKey::generate().expect("key");
        let names = ("e-100", email);
        let mut other = account_with(&w.provider, &w.trust, key, names, &["approver"], w.broker.now(), &more);
        w.enrol(&other).await;
        other.seed = mara.seed.clone();
        let body = json!({"code": w.next_code(&other), "purpose": "sign-in", "statement": null});
        assert_eq!(w.post(&other, "/v1/codes", body).await.0, 200);
        assert_eq!(code(&w.approve(&other, &id).await), (403, "same-person"), "{email}");
        refused_with(&w, "same-person");
    }
    for spelling in ["e-100 ", " e-100", "e\u{2011}100", "е-100", "e-100\u{200B}", ""] {
        let stranger = w.stranger(spelling, "mara.again", &["approver"]);
        assert_eq!(code(&w.get(&stranger, "/v1/me").await), (401, "no-person"), "{spelling:?}");
        assert_eq!(w.log.last().kind, EventKind::SignInRefused);
    }
    assert_eq!(w.state(&mara, &id).await, "waiting");
}

#[tokio::test]
async fn a_04_somebody_elses_account_on_the_requesters_computer() {
    let w = World::new().await;
    let (key, pkcs8) = DeviceKey::generate().expect("key");
    let mut mara = w.on_key("e-100", "mara", &["engineer"], key);
    w.enrol(&mara).await;
    w.pass_factor(&mut mara).await;
    let id = w.ask(&mara).await;
    let mut service = w.on_key("e-700", "svc", &["approver"], DeviceKey::from_pkcs8(&pkcs8).expect("key"));
    w.enrol(&service).await;
    w.pass_factor(&mut service).await;
    assert_eq!(code(&w.approve(&service, &id).await), (403, "same-device"));
    refused_with(&w, "same-device");

    // A service account that the directory says is hers is she, and one that it says is nobody's is nobody.
    let mut hers = w.stranger("e-100", "svc-of-mara", &["approver"]);
    w.enrol(&hers).await;
    hers.seed = mara.seed.clone();
    let body = json!({"code": w.next_code(&hers), "purpose": "sign-in", "statement": null});
    assert_eq!(w.post(&hers, "/v1/codes", body).await.0, 200);
    assert_eq!(code(&w.approve(&hers, &id).await), (403, "same-person"));
    let (key, _) = DeviceKey::generate().expect("key");
    let none = json!({"employee_id": null});
    let nobody = account_with(&w.provider, &w.trust, key, ("x", "svc"), &["approver"], w.broker.now(), &none);
    assert_eq!(code(&w.deny(&nobody, &id).await), (401, "no-person"));

    // Nor does joining a group do it that is no role of the directory's.
    let group = json!({"groups": ["approver"], "roles": ["approver"], "countersign_roles": []});
    let (key, _) = DeviceKey::generate().expect("key");
    let mut member = account_with(&w.provider, &w.trust, key, ("e-300", "m"), &[], w.broker.now(), &group);
    w.enrol(&member).await;
    w.pass_factor(&mut member).await;
    assert_eq!(code(&w.deny(&member, &id).await), (403, "missing-role"));
}

#[tokio::test]
async fn a_06_an_approver_who_lost_the_role_meanwhile() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let (key, pkcs8) = DeviceKey::generate().expect("key");
    let mut tomasz = w.on_key("e-200", "tomasz", &["approver"], key);
    w.enrol(&tomasz).await;
    w.pass_factor(&mut tomasz).await;
    let id = w.ask(&mara).await;
    let now = w.sign_in_again(&tomasz, DeviceKey::from_pkcs8(&pkcs8).expect("key"), &["reviewer"]);
    let body = json!({"code": w.next_code(&now), "purpose": "sign-in", "statement": null});
    assert_eq!(w.post(&now, "/v1/codes", body).await.0, 200);
    assert_eq!(code(&w.approve(&now, &id).await), (403, "missing-role"));
    w.clock.advance(8 * 3600);
    assert_eq!(code(&w.deny(&tomasz, &id).await), (401, "sign-in-too-old"));
    assert_eq!(w.log.last().kind, EventKind::SignInRefused);
}

#[tokio::test]
async fn a_07_requests_that_are_over() {
    let (w, mara, tomasz, _) = with_request().await;
    let adaeze = w.admitted("e-300", &["approver"]).await;
    let withdrawn = w.ask(&mara).await;
    assert_eq!(w.withdraw(&mara, &withdrawn).await.1["state"], "withdrawn");
    let denied = w.ask(&mara).await;
    assert_eq!(w.deny(&tomasz, &denied).await.1["state"], "denied");
    let approved = w.ask(&mara).await;
    assert_eq!(w.approve(&tomasz, &approved).await.1["state"], "approved");
    for (id, expected) in [(&withdrawn, "withdrawn"), (&denied, "already-decided"), (&approved, "already-decided")] {
        assert_eq!(code(&w.approve(&adaeze, id).await), (409, expected));
        refused_with(&w, expected);
        assert_eq!(code(&w.deny(&adaeze, id).await), (409, expected));
    }
    let second = w.approve(&tomasz, &approved).await;
    assert_eq!(code(&second), (409, "already-decided"), "a second decision of the same person");
    assert_eq!(code(&w.withdraw(&mara, &denied).await), (409, "already-decided"));
    assert_eq!(code(&w.withdraw(&mara, &withdrawn).await), (409, "withdrawn"));
    assert_eq!(w.withdraw(&mara, &approved).await.1["state"], "withdrawn", "not opened yet");
    assert_eq!(code(&w.get(&mara, &format!("/v1/requests/{approved}/materials")).await), (409, "withdrawn"));
    let used = w.ask(&mara).await;
    assert_eq!(w.approve(&tomasz, &used).await.0, 200);
    let change = |kind: &str| {
        let mut change = json!({"kind": kind, "request": used, "session": sha256("session")});
        match kind {
            "opened" => change["ends_at"] = json!(w.broker.now() + 600),
            _ => change["reason"] = json!("person"),
        }
        change
    };
    for step in ["opened", "ended"] {
        assert_eq!(w.as_gateway("/v1/session-changes", change(step)).await.0, 204, "{step}");
        assert_eq!(code(&w.approve(&adaeze, &used).await), (409, "already-decided"), "{step}");
        refused_with(&w, "already-decided");
    }
    let late = w.ask(&mara).await;
    w.clock.advance(3600);
    assert_eq!(code(&w.approve(&adaeze, &late).await), (409, "expired"), "before anything swept it");
    let nothing = sha256("nothing");
    assert_eq!(code(&w.approve(&adaeze, &nothing).await), (404, "no-such-request"));
    assert_eq!(
        code(&w.decide(&adaeze, &nothing, json!({"statement": "x", "mfa": null})).await),
        (404, "no-such-request")
    );
}

#[tokio::test]
async fn a_08_a_decision_about_anything_but_the_exact_request() {
    let (w, mara, tomasz, id) = with_request().await;
    let other = w.ask(&mara).await;
    let statement = w.sign(&tomasz, w.decision(&other, Verdict::Approve), 600);
    let mfa = w.attestation(&tomasz, &statement).await;
    let answer = w.decide(&tomasz, &id, json!({"statement": statement, "mfa": mfa})).await;
    assert_eq!(code(&answer), (409, "other-request"));
    refused_with(&w, "other-request");

    let signed = w.sign(&tomasz, w.decision(&id, Verdict::Approve), 600);
    let mfa = w.attestation(&tomasz, &signed).await;
    let parts: Vec<&str> = signed.split('.').collect();
    let payload = String::from_utf8(base64url_decode(parts[1]).expect("base64url")).expect("utf-8");
    let altered = format!("{}.{}.{}", parts[0], base64url(payload.replace("1800", "1700")), parts[2]);
    let answer = w.decide(&tomasz, &id, json!({"statement": altered, "mfa": mfa})).await;
    assert_eq!(code(&answer), (403, "bad-signature"));
    for (wider, expected) in [
        ((1801, Scope::Read), "wider-than-asked"),
        ((1800, Scope::ReadWrite), "wider-than-asked"),
        ((0, Scope::Read), "duration-out-of-bounds"),
    ] {
        let mut body = w.decision(&id, Verdict::Approve);
        (body.terms.duration_seconds, body.terms.scope) = wider;
        let statement = w.sign(&tomasz, body, 600);
        let mfa = w.attestation(&tomasz, &statement).await;
        let answer = w.decide(&tomasz, &id, json!({"statement": statement, "mfa": mfa})).await;
        assert_eq!(code(&answer), (403, expected));
    }
    assert_eq!(w.state(&mara, &id).await, "waiting");
}

#[tokio::test]
async fn a_08_a_row_changed_behind_the_signature() {
    let (w, _, tomasz, id) = with_request().await;
    let path = w.folder.path().join("broker.sqlite");
    let pool = sqlx::SqlitePool::connect(&format!("sqlite://{}", path.display())).await.expect("pool");
    let row = w.broker.find(id.as_str()).await.expect("row");
    let parts: Vec<&str> = row.compact.split('.').collect();
    let payload = String::from_utf8(base64url_decode(parts[1]).expect("base64url")).expect("utf-8");
    let altered = format!("{}.{}.{}", parts[0], base64url(payload.replace("\"read\"", "\"administer\"")), parts[2]);
    sqlx::query("UPDATE requests SET compact = ?")
        .bind(super::world::fields().seal("statement", &altered).expect("sealed"))
        .execute(&pool)
        .await
        .expect("altered");
    assert_eq!(code(&w.approve(&tomasz, &id).await), (403, "bad-signature"));
    refused_with(&w, "bad-signature");
}

#[tokio::test]
async fn a_17_fields_that_nobody_may_set() {
    let (w, mara, tomasz, id) = with_request().await;
    let statement = w.sign(&tomasz, w.decision(&id, Verdict::Deny), 600);
    for name in ["state", "person", "decided_at", "approved_at", "until"] {
        let mut body = json!({"statement": statement, "mfa": null});
        body[name] = json!("approved");
        assert_eq!(code(&w.decide(&tomasz, &id, body).await), (400, "malformed"), "{name}");
        refused_with(&w, "malformed");
    }
    assert_eq!(w.state(&mara, &id).await, "waiting");
}

#[tokio::test]
async fn a_decision_that_lay_around() {
    let (w, mara, tomasz, id) = with_request().await;
    let statement = w.sign(&tomasz, w.decision(&id, Verdict::Deny), 600);
    w.clock.advance(301);
    assert_eq!(code(&w.decide(&tomasz, &id, json!({"statement": statement, "mfa": null})).await), (409, "stale"));
    w.clock.advance(300);
    assert_eq!(code(&w.decide(&tomasz, &id, json!({"statement": statement, "mfa": null})).await), (409, "expired"));
    assert_eq!(w.state(&mara, &id).await, "waiting");
}

#[tokio::test]
async fn two_approvers_at_once_make_one_decision() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let mut approvers = Vec::new();
    for n in 0..8 {
        approvers.push(w.admitted(&format!("e-2{n}"), &["approver"]).await);
    }
    let id = w.ask(&mara).await;
    let mut bodies = Vec::new();
    for approver in &approvers {
        let statement = w.sign(approver, w.decision(&id, Verdict::Approve), 600);
        let mfa = w.attestation(approver, &statement).await;
        bodies.push(json!({"statement": statement, "mfa": mfa}));
    }
    let calls = approvers.iter().zip(bodies).map(|(who, body)| w.decide(who, &id, body));
    let answers = futures_util::future::join_all(calls).await;
    assert_eq!(answers.iter().filter(|a| a.0 == 200).count(), 1);
    assert_eq!(answers.iter().filter(|a| code(a) == (409, "already-decided")).count(), 7);
    assert_eq!(w.log.kinds().iter().filter(|k| **k == EventKind::Approved).count(), 1);
    assert_eq!(w.get(&mara, &format!("/v1/requests/{id}")).await.1["decisions"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_denial_needs_no_code_and_an_approval_of_another_gateway_is_none() {
    let (w, mara, tomasz, id) = with_request().await;
    let mut payload = w.payload(w.decision(&id, Verdict::Approve), 600);
    payload.aud = "another.gateway".into();
    let statement = w.sign_payload(&tomasz, &payload);
    let mfa = w.attestation(&tomasz, &statement).await;
    let answer = w.decide(&tomasz, &id, json!({"statement": statement, "mfa": mfa})).await;
    assert_eq!(code(&answer), (403, "wrong-audience"));
    assert_eq!(w.deny(&tomasz, &id).await.1["state"], "denied");
    assert_eq!(w.state(&mara, &id).await, "denied");
    assert_eq!(w.get(&mara, "/v1/organizations").await.1[0]["id"], Value::from("kinloch-hotels"));
}
