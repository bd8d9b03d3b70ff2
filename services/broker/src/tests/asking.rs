use domain::Scope;
use serde_json::{Value, json};
use statement::{DeviceKey, Identity, PkToken, Request, Signer, Unverified, base64url, base64url_decode, sha256};
use wire::asked::{ASKED_WITH, AskedWith};
use wire::event::{Append, EventKind};

use super::world::{World, account_with, code};
use crate::asked::asked;

#[tokio::test]
async fn a_14_durations_that_the_policy_forbids() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    for (seconds, expected) in [
        (0, "duration-out-of-bounds"),
        (-1, "duration-out-of-bounds"),
        (i64::MAX, "duration-out-of-bounds"),
        (1_000_000_000_000_000_000, "duration-out-of-bounds"),
        (4 * 3600 + 1, "duration-out-of-bounds"),
        (7201, "duration-out-of-policy"),
    ] {
        let mut body = w.request();
        body.duration_seconds = seconds;
        assert_eq!(code(&w.send_request(&mara, body).await), (403, expected), "{seconds}");
        assert_eq!(w.log.last().kind, EventKind::RequestRefused);
        assert_eq!(w.log.last().facts["code"], expected);
    }
    let mut body = w.request();
    body.scope = Scope::Administer;
    assert_eq!(code(&w.send_request(&mara, body).await), (403, "scope-not-for-reason"));
    assert_eq!(w.get(&mara, "/v1/requests?view=mine").await.1, json!([]));
}

/// Replaces a text in a signed statement's payload and signs it again, which is how another spelling gets a signature.
pub(super) fn respelled(w: &World, who: &super::world::Account, from: &str, to: &str) -> String {
    let compact = w.sign(who, w.request(), 3600);
    let parts: Vec<&str> = compact.split('.').collect();
    let payload = String::from_utf8(base64url_decode(parts[1]).expect("base64url")).expect("utf-8");
    assert!(payload.contains(from), "{payload}");
    let input = format!("{}.{}", parts[0], base64url(payload.replace(from, to)));
    let signature = base64url(who.key.sign(input.as_bytes()).expect("sign"));
    format!("{input}.{signature}")
}

#[tokio::test]
async fn a_14_durations_that_are_no_numbers() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    for other in [
        "\"PT1M\"",
        "\"P0D\"",
        "\"P1M\"",
        "1e18",
        "1800.0",
        "null",
        "NaN",
        "Infinity",
        "\"1800\"",
        "[1800]",
        "18446744073709551616",
        "\"2026-12-31T23:59:60Z\"",
        "\"2026-03-29T02:30:00\"",
    ] {
        let statement = respelled(&w, &mara, "1800", other);
        let answer = w.post(&mara, "/v1/requests", json!({ "statement": statement })).await;
        assert_eq!(code(&answer), (400, "malformed"), "{other}");
    }
    // No time is written as a date, so there is no leap second, summer time or missing zone to read in two ways.
    let now = w.broker.now();
    for name in ["iat", "exp"] {
        for other in ["\"2026-12-31T23:59:60Z\"", "\"2026-10-25T02:30:00\"", "1e9", "-1", "null"] {
            let value = if name == "iat" { now } else { now + 3600 };
            let (from, to) = (format!("\"{name}\":{value}"), format!("\"{name}\":{other}"));
            let answer = w.post(&mara, "/v1/requests", json!({ "statement": respelled(&w, &mara, &from, &to) })).await;
            assert_eq!(code(&answer), (400, "malformed"), "{name} {other}");
        }
    }
}

#[tokio::test]
async fn a_15_times_that_are_not_now() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let cases: [(i64, i64, &str); 6] = [
        (-301, 3600, "stale"),
        (-3600, 3600, "expired"),
        (6, 3600, "from-the-future"),
        (86_400, 3600, "sign-in-too-old"),
        (0, 4 * 3600 + 1, "lives-too-long"),
        (0, 0, "lives-too-long"),
    ];
    w.clock.advance(4000);
    for (off, life, expected) in cases {
        let mut payload = w.payload(w.request(), life);
        (payload.iat, payload.exp) = (payload.iat + off, payload.exp + off);
        let statement = w.sign_payload(&mara, &payload);
        let answer = w.post(&mara, "/v1/requests", json!({ "statement": statement })).await;
        assert_eq!(code(&answer).1, expected, "{off} {life}");
    }
}

#[tokio::test]
async fn a_16_organizations_that_are_not_one() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    for other in ["cobalt-health", "kinloch-hotel", "nobody"] {
        let statement = respelled(&w, &mara, "kinloch-hotels", other);
        let answer = w.post(&mara, "/v1/requests", json!({ "statement": statement })).await;
        assert_eq!(code(&answer), (404, "organization-unknown"), "{other}");
    }
    for other in ["*", "kinloch-hotels' OR 1=1", "Kinloch-Hotels", "kinloch‑hotels", "../delmar-foods", ""] {
        let statement = respelled(&w, &mara, "kinloch-hotels", other);
        let answer = w.post(&mara, "/v1/requests", json!({ "statement": statement })).await;
        assert_eq!(code(&answer), (400, "malformed"), "{other}");
    }
    for other in ["null", "[\"kinloch-hotels\"]", "{\"id\":\"kinloch-hotels\"}"] {
        let statement = respelled(&w, &mara, "\"kinloch-hotels\"", other);
        let answer = w.post(&mara, "/v1/requests", json!({ "statement": statement })).await;
        assert_eq!(code(&answer), (400, "malformed"), "{other}");
    }
    let statement = respelled(&w, &mara, "Kinloch Hotels", "Delmar Foods");
    let answer = w.post(&mara, "/v1/requests", json!({ "statement": statement })).await;
    assert_eq!(code(&answer), (409, "organization-renamed"));
}

#[tokio::test]
async fn a_17_fields_that_nobody_may_set() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let statement = w.sign(&mara, w.request(), 3600);
    for (name, value) in
        [("state", json!("approved")), ("approver", json!("e-200")), ("id", json!(1)), ("until", json!(9))]
    {
        let mut body = json!({ "statement": statement });
        body[name] = value;
        assert_eq!(code(&w.post(&mara, "/v1/requests", body).await), (400, "malformed"), "{name}");
        let inside = respelled(&w, &mara, "\"scope\":\"read\"", &format!("\"{name}\":1,\"scope\":\"read\""));
        let answer = w.post(&mara, "/v1/requests", json!({ "statement": inside })).await;
        assert_eq!(code(&answer), (400, "malformed"), "{name}");
    }
    let twice = respelled(&w, &mara, "\"scope\":\"read\"", "\"scope\":\"administer\",\"scope\":\"read\"");
    assert_eq!(code(&w.post(&mara, "/v1/requests", json!({ "statement": twice })).await), (400, "malformed"));
    assert_eq!(w.get(&mara, "/v1/requests?view=mine").await.1, json!([]));
}

#[tokio::test]
async fn a_19_justifications_that_mislead_or_flood() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    for text in [
        "too short",
        "reads the other way \u{202E}round from here",
        "zero\u{200B}width in the middle of it",
        "\u{1b}[31mred letters in a terminal",
    ] {
        let mut body = w.request();
        body.justification = text.into();
        assert_eq!(code(&w.send_request(&mara, body).await), (400, "bad-text"), "{text:?}");
    }
    let mut body = w.request();
    body.justification = "x".repeat(1001);
    assert_eq!(code(&w.send_request(&mara, body).await), (400, "bad-text"));
    let statement = "x".repeat(10 * 1024 * 1024);
    assert_eq!(code(&w.post(&mara, "/v1/requests", json!({ "statement": statement })).await), (413, "too-large"));
    let mut body = w.request();
    body.justification = "=cmd|'/C calc'!A0 <b>bold</b> & ‘quoted’ — kept as it is".into();
    let (status, view) = w.send_request(&mara, body.clone()).await;
    assert_eq!((status, view["justification"].as_str()), (200, Some(body.justification.as_str())));
}

#[tokio::test]
async fn a_22_people_who_may_not_ask() {
    let w = World::new().await;
    let approver = w.admitted("e-200", &["approver", "reviewer", "administrator"]).await;
    assert_eq!(code(&w.send_request(&approver, w.request()).await), (403, "missing-role"));
    let stranger = w.stranger("e-500", "e-500", &["engineer"]);
    assert_eq!(code(&w.send_request(&stranger, w.request()).await), (403, "not-enrolled"));
    assert_eq!(w.log.last().kind, EventKind::CallRefused);
    w.enrol(&stranger).await;
    assert_eq!(code(&w.send_request(&stranger, w.request()).await), (403, "sign-in-code-needed"));
}

#[tokio::test]
async fn a_24_others_requests_are_not_to_be_seen() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let other = w.admitted("e-101", &["engineer"]).await;
    let id = w.ask(&mara).await;
    for view in ["mine", "inbox", "decided"] {
        assert_eq!(w.get(&other, &format!("/v1/requests?view={view}")).await, (200, json!([])), "{view}");
    }
    let theirs = w.get(&other, &format!("/v1/requests/{id}")).await;
    let nobodys = w.get(&other, &format!("/v1/requests/{}", sha256("nothing"))).await;
    assert_eq!(theirs, nobodys);
    assert_eq!(code(&theirs), (404, "no-such-request"));
    assert_eq!(code(&w.get(&other, &format!("/v1/requests/{id}/materials")).await), (403, "not-the-requester"));
    assert_eq!(code(&w.withdraw(&other, &id).await), (403, "not-the-requester"));
    for bad in ["/v1/requests", "/v1/requests?view=all", "/v1/requests?view=mine&person=e-100"] {
        assert_eq!(code(&w.get(&other, bad).await), (400, "malformed"), "{bad}");
    }
}

#[tokio::test]
async fn a_25_there_are_no_other_ways_in() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    for path in ["/requests", "/v1/requests/", "/V1/requests", "/v1//requests", "/api/v1/requests", "/v1/admin"] {
        assert_eq!(w.get(&mara, path).await.0, 404, "{path}");
    }
    assert_eq!(code(&w.post(&mara, "/v1/me", Value::Null).await), (405, "wrong-method"));
}

#[tokio::test]
async fn another_persons_signature_is_not_ones_own() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let other = w.admitted("e-101", &["engineer"]).await;
    let statement = w.sign(&other, w.request(), 3600);
    let answer = w.post(&mara, "/v1/requests", json!({ "statement": statement })).await;
    assert_eq!(code(&answer), (403, "unknown-signer"));
}

#[tokio::test]
async fn a_request_is_taken_once_and_only_so_many_wait() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let statement = w.sign(&mara, w.request(), 3600);
    assert_eq!(w.post(&mara, "/v1/requests", json!({ "statement": statement })).await.0, 200);
    let again = w.post(&mara, "/v1/requests", json!({ "statement": statement })).await;
    assert_eq!(code(&again), (409, "sent-already"));
    for _ in 1..20 {
        w.ask(&mara).await;
    }
    assert_eq!(code(&w.send_request(&mara, w.request()).await), (429, "too-many-waiting"));
}

#[tokio::test]
async fn another_policy_is_refused() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let mut body = w.request();
    body.policy = sha256("another");
    assert_eq!(code(&w.send_request(&mara, body).await), (409, "other-policy"));
}

/// What another policy would have said can be asked later, of what was refused too.
#[tokio::test]
async fn what_was_asked_stands_beside_the_answer() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    w.ask(&mara).await;
    let taken = w.log.last();
    let mut body = w.request();
    body.duration_seconds = 7201;
    let statement = w.sign(&mara, body.clone(), 3600);
    assert_eq!(
        code(&w.post(&mara, "/v1/requests", json!({ "statement": statement })).await),
        (403, "duration-out-of-policy")
    );
    let refused = w.log.last();
    assert_eq!((taken.kind, refused.kind), (EventKind::RequestSigned, EventKind::RequestRefused));
    assert_eq!(refused.facts["request"], sha256(&statement).as_str());
    assert_eq!((&*taken.facts["duration-seconds"], &*refused.facts["duration-seconds"]), ("1800", "7201"));
    assert_eq!(refused.personal["ticket"], body.ticket);
    for event in [&taken, &refused] {
        let said = (&*event.facts["scope"], &*event.facts["reason"], event.organization.as_ref().map(|o| o.as_str()));
        assert_eq!(said, ("read", "customer-reported-problem", Some("kinloch-hotels")));
        assert_eq!(event.facts["policy"], w.trust.policy.as_str());
        let with: AskedWith = serde_json::from_str(&event.personal[ASKED_WITH]).expect("what it was asked with");
        assert_eq!(with.roles, [domain::Role::Engineer]);
        assert_eq!(with.factor.map(|factor| factor.method), Some("totp".to_owned()));
        assert_eq!(with.at, w.broker.now());
        let named = |value: &String| value.contains("engineer") || value.contains("totp");
        assert!(!event.facts.values().any(named), "facts name nobody");
    }
}

/// What nobody's signature holds for is nobody's ask.
#[tokio::test]
async fn what_was_not_verified_is_not_written_down() {
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let statement = respelled(&w, &mara, "kinloch-hotels", "nobody");
    assert_eq!(w.post(&mara, "/v1/requests", json!({ "statement": statement })).await.0, 404);
    let refused = w.log.last();
    assert_eq!((refused.kind, refused.organization), (EventKind::RequestRefused, None));
    assert!(!refused.facts.contains_key("scope") && !refused.personal.contains_key(ASKED_WITH));
}

/// The audit service takes no field with such a character: names lose it, and what is only written down is left out.
#[tokio::test]
async fn a_claim_with_a_control_character_keeps_nobody_from_asking() {
    let w = World::new().await;
    let (key, _) = DeviceKey::generate().expect("key");
    let more = json!({ "name": "Mara\u{7f} Lindqvist\u{85}", "groups": ["pay\u{7f}roll"], "locale": "\u{1b}[2J" });
    let names = ("e-100", "mara\u{7f}");
    let mut mara = account_with(&w.provider, &w.trust, key, names, &["engineer"], w.broker.now(), &more);
    w.enrol(&mara).await;
    w.pass_factor(&mut mara).await;
    assert_eq!(w.send_request(&mara, w.request()).await.0, 200);
    assert_eq!(w.log.last().kind, EventKind::RequestSigned);

    let compact = w.sign(&mara, w.request(), 3600);
    let statement = Unverified::<Request>::read(&compact).and_then(|s| s.verify(&mara.key.public())).expect("signed");
    let keys = w.broker.keys().await.expect("keys");
    let token = PkToken::read(&mara.token).expect("a token");
    let identity = token.verify(&w.trust, keys.current(), w.broker.now()).expect("signed in");
    for (group, is_written) in [("payroll", true), ("pay\u{7f}roll", false)] {
        let identity = Identity { groups: vec![group.to_owned()], ..identity.clone() };
        let written =
            asked(Append::new(EventKind::RequestSigned), &Signer { statement: statement.clone(), identity }, None);
        assert_eq!(written.personal.contains_key(ASKED_WITH), is_written);
        assert!(!written.personal.values().any(|text| text.contains(char::is_control)));
    }
}
