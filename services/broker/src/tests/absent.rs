//! Ways in that do not exist here, and stay so.

use axum::body::Body;
use serde_json::{Value, json};
use statement::{Verdict, sha256, verify_mfa};
use wire::event::EventKind;

use super::asking::respelled;
use super::world::{World, account_with, code, read};

/// A call with any verb and body, by somebody admitted.
async fn call(w: &World, who: &super::world::Account, verb: &str, path: &str, kind: &str, body: &str) -> (u16, String) {
    let mut request = w.prepared(who, verb, path, None);
    request.headers_mut().insert("content-type", kind.parse().expect("header"));
    *request.body_mut() = Body::from(body.to_owned());
    let answer = w.send(request).await;
    let status = answer.status().as_u16();
    if verb == "HEAD" {
        return (status, String::new());
    }
    (status, read(answer).await.1["code"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn a_05_nobody_names_who_approves_and_nobody_edits_a_request() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    for member in ["approvers", "approver", "approvals_needed", "group"] {
        let inside = respelled(&w, &mara, "\"scope\":\"read\"", &format!("\"{member}\":\"e-200\",\"scope\":\"read\""));
        let answer = w.post(&mara, "/v1/requests", json!({ "statement": inside })).await;
        assert_eq!(code(&answer), (400, "malformed"), "{member}");
    }
    let id = w.ask(&mara).await;
    for verb in ["PUT", "PATCH", "DELETE", "POST"] {
        let refused = call(&w, &mara, verb, &format!("/v1/requests/{id}"), "application/json", "{}").await;
        assert_eq!(refused, (405, "wrong-method".to_owned()), "{verb}");
    }
    assert_eq!(w.state(&mara, &id).await, "waiting");
}

#[tokio::test]
async fn a_12_nothing_unsigned_extends_a_session() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let tomasz = w.admitted("e-200", &["approver"]).await;
    let id = w.ask(&mara).await;
    w.approve(&tomasz, &id).await;
    let (session, ends_at) = (sha256("session"), w.broker.now() + 1800);
    let opened = |ends_at| json!({"kind": "opened", "request": id, "session": session, "ends_at": ends_at});
    assert_eq!(w.as_gateway("/v1/session-changes", opened(ends_at)).await.0, 204);
    for path in ["extend", "extensions", "renew", "prolong"] {
        assert_eq!(w.post(&mara, &format!("/v1/requests/{id}/{path}"), json!({})).await.0, 404, "{path}");
    }
    assert_eq!(w.as_gateway("/v1/session-changes", opened(ends_at + 3600)).await.0, 204, "told twice");
    let (_, view) = w.get(&mara, &format!("/v1/requests/{id}")).await;
    assert_eq!(view["session_ends_at"], json!(ends_at), "and no later for it");
    assert_eq!(code(&w.approve(&tomasz, &id).await), (409, "already-decided"), "a second Approval adds no time");
    w.clock.advance(1800);
    let lease = json!({"sessions": [{"session": session, "request": id}]});
    assert_eq!(w.as_gateway("/v1/leases", lease).await.1["leases"], json!([]));
    assert_eq!(w.ask(&mara).await.as_str().len(), 43, "more time is another request, with its own Approval");
}

#[tokio::test]
async fn a_20_only_a_signature_approves_whatever_the_way_it_comes() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let tomasz = w.admitted("e-200", &["approver"]).await;
    let id = w.ask(&mara).await;
    let path = format!("/v1/requests/{id}/decisions");
    let statement = w.sign(&tomasz, w.decision(&id, Verdict::Approve), 600);
    let mfa = w.attestation(&tomasz, &statement).await;
    let good = json!({"statement": statement, "mfa": mfa}).to_string();
    let json_type = "application/json";
    let form = format!("statement={statement}&mfa={mfa}");
    let linked = format!("{path}?statement={statement}&mfa={mfa}");
    let unsigned = json!({"statement": "", "mfa": mfa}).to_string();
    let cases = [
        ("GET", path.as_str(), json_type, "", (405, "wrong-method")),
        ("HEAD", &path, json_type, "", (405, "")),
        ("GET", &linked, json_type, "", (405, "wrong-method")),
        ("PUT", &path, json_type, &good, (405, "wrong-method")),
        ("POST", &linked, json_type, "", (400, "malformed")),
        ("POST", &path, "application/x-www-form-urlencoded", &form, (415, "malformed")),
        ("POST", &path, "text/plain", &good, (415, "malformed")),
        ("POST", &path, json_type, r#"{"verdict":"approve"}"#, (400, "malformed")),
        ("POST", &path, json_type, &unsigned, (400, "malformed")),
        ("POST", &format!("/v1/requests/{id}/approve"), json_type, &good, (404, "no-such-call")),
    ];
    for (verb, path, kind, body, (status, refused)) in cases {
        assert_eq!(
            call(&w, &tomasz, verb, path, kind, body).await,
            (status, refused.to_owned()),
            "{verb} {path} {kind}"
        );
        assert_eq!(w.state(&mara, &id).await, "waiting");
    }
    assert_eq!(call(&w, &tomasz, "POST", &path, json_type, &good).await.0, 200, "the same bytes, where they belong");
}

#[tokio::test]
async fn a_21_a_policy_that_changed_while_a_request_waits() {
    let mut w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let tomasz = w.admitted("e-200", &["approver"]).await;
    let (kept, id) = (w.ask(&mara).await, w.ask(&mara).await);
    let then = w.trust.policy.clone();
    assert_eq!(w.approve(&tomasz, &kept).await.1["state"], "approved");
    assert_eq!(w.log.last().facts["policy"], then.as_str(), "the entry says which policy");
    let mut other = w.decision(&id, Verdict::Approve);
    other.policy = sha256("another policy");
    let statement = w.sign(&tomasz, other, 600);
    let mfa = w.attestation(&tomasz, &statement).await;
    let answer = w.decide(&tomasz, &id, json!({"statement": statement, "mfa": mfa})).await;
    assert_eq!(code(&answer), (409, "other-policy"), "and the decision names it");

    let looser = w.policy.text().replace("7200", "14400");
    assert_ne!(looser, w.policy.text());
    w.policy = policy::Policy::read(&looser).expect("a policy");
    w.trust.policy = w.policy.digest().clone();
    w.restart().await;
    for policy in [then, w.trust.policy.clone()] {
        let mut body = w.decision(&id, Verdict::Approve);
        body.policy = policy;
        let statement = w.sign(&tomasz, body, 600);
        let mfa = w.attestation(&tomasz, &statement).await;
        let answer = w.decide(&tomasz, &id, json!({"statement": statement, "mfa": mfa})).await;
        assert_eq!(code(&answer), (409, "other-policy"), "asked under one policy, it is not approved under another");
        assert_eq!(
            (w.log.last().kind, w.log.last().facts["code"].as_str()),
            (EventKind::DecisionRefused, "other-policy")
        );
    }
    assert_eq!(w.state(&mara, &id).await, "waiting");
    let again = w.ask(&mara).await;
    assert_eq!(w.approve(&tomasz, &again).await.1["state"], "approved", "a request under the new one");
}

#[tokio::test]
async fn m_08_a_lock_is_one_entry_that_names_whom_and_nobody_can_be_prompted() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    w.clock.advance(30);
    let wrong = if w.code_now(&mara) == "000000" { "000001" } else { "000000" };
    let before = w.log.len();
    for _ in 0..100 {
        let body = json!({"code": wrong, "purpose": "sign-in", "statement": null});
        assert!(matches!(w.post(&mara, "/v1/codes", body).await.0, 403 | 429));
    }
    let events = w.log.since(before);
    let alerts: Vec<_> = events.iter().filter(|e| e.kind == EventKind::SecondFactorLocked).collect();
    assert_eq!(alerts.len(), 1);
    assert_eq!(alerts[0].personal["person"], "e-100");
    assert_eq!(alerts[0].facts["until"], (w.broker.now() + 900).to_string());
    assert_eq!(events.len(), 100, "and each of the hundred has its entry");
    let pushes = ["hello", "request", "enrolment"];
    for push in [wire::broker::Push::Hello, wire::broker::Push::Enrolment] {
        let kind = serde_json::to_value(&push).expect("json")["kind"].clone();
        assert!(pushes.contains(&kind.as_str().expect("kind")), "no push asks for a code");
    }
    assert!(serde_json::from_value::<wire::broker::Push>(json!({"kind": "prompt"})).is_err());
}

#[tokio::test]
async fn m_10_m_11_there_are_no_prompts_and_no_other_factors() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    for path in [
        "/v1/prompts",
        "/v1/second-factor/push",
        "/v1/second-factor/accept",
        "/v1/second-factor/recover",
        "/v1/second-factor/reset",
        "/v1/webauthn/register",
        "/v1/webauthn/assert",
    ] {
        assert_eq!(code(&w.post(&mara, path, json!({})).await), (404, "no-such-call"), "{path}");
    }
    for (name, value) in [("assertion", json!({})), ("method", json!("webauthn")), ("accept", json!(true))] {
        let mut body = json!({"code": w.next_code(&mara), "purpose": "sign-in", "statement": null});
        body[name] = value;
        assert_eq!(code(&w.post(&mara, "/v1/codes", body).await), (400, "malformed"), "{name}");
    }
    let body = json!({"code": w.next_code(&mara), "purpose": "sign-in", "statement": null});
    let (_, answer) = w.post(&mara, "/v1/codes", body).await;
    let attestation = answer["attestation"].as_str().expect("attestation");
    assert_eq!(verify_mfa(attestation, &w.trust).expect("ours").body().method, "totp");
}

#[tokio::test]
async fn o_21_what_the_provider_says_of_its_own_factors_is_no_code_here() {
    let w = World::new().await;
    let now = w.broker.now();
    let claims: [Value; 4] = [
        json!({"amr": ["mfa", "hwk", "otp"], "acr": "urn:mace:incommon:iap:gold", "auth_time": now}),
        json!({"amr": ["pwd"], "acr": "0", "auth_time": now - 86_400 * 30}),
        json!({"amr": "mfa", "auth_time": "now"}),
        json!({}),
    ];
    for (n, more) in claims.iter().enumerate() {
        let (key, _) = statement::DeviceKey::generate().expect("key");
        let name = format!("e-40{n}");
        let names = (name.as_str(), name.as_str());
        let mut who = account_with(&w.provider, &w.trust, key, names, &["engineer"], w.broker.now(), more);
        w.enrol(&who).await;
        assert_eq!(code(&w.send_request(&who, w.request()).await), (403, "sign-in-code-needed"), "{more}");
        assert_eq!(w.log.last().facts["code"], "sign-in-code-needed");
        w.pass_factor(&mut who).await;
        assert_eq!(w.send_request(&who, w.request()).await.0, 200, "{more}");
    }
}

#[tokio::test]
async fn whom_the_policy_does_not_let_countersign_is_told_before_it_counts() {
    let mut w = World::new().await;
    let rule = "@id(\"no-administrators\") @sentence(\"Administrators do not countersign.\")
        forbid(principal in Role::\"administrator\", action == Action::\"approve\", resource);\n";
    w.policy = policy::Policy::read(&format!("{}{rule}", w.policy.text())).expect("a policy");
    w.trust.policy = w.policy.digest().clone();
    w.restart().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let ben = w.admitted("e-300", &["approver", "administrator"]).await;
    let tomasz = w.admitted("e-200", &["approver"]).await;
    let id = w.ask(&mara).await;
    let answer = w.approve(&ben, &id).await;
    assert_eq!(code(&answer), (403, "forbidden-by-policy"));
    assert_eq!(answer.1["title"], "Administrators do not countersign.");
    assert_eq!(w.log.last().facts["code"], "forbidden-by-policy");
    assert_eq!(w.state(&mara, &id).await, "waiting");
    assert_eq!(w.approve(&tomasz, &id).await.1["state"], "approved");
}
