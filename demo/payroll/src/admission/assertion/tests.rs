use domain::{FixedClock, Scope};
use serde_json::{Value, json};
use statement::{DeviceKey, base64url};

use super::*;

const NOW: i64 = 1_795_000_000;
const GATEWAY: &str = "countersign.test/gateway";
const AUDIENCE: &str = "https://payroll.test";
const DIGEST: &str = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";

fn claims() -> Value {
    json!({ "iss": GATEWAY, "aud": AUDIENCE, "sub": "e-1041", "name": "Mara Lindqvist", "iat": NOW, "exp": NOW + 60,
        "jti": "a", "organization": "delmar-foods", "scope": "read", "session": DIGEST, "bundle": DIGEST })
}

fn header() -> Value {
    json!({ "alg": "ES256", "typ": TYP, "kid": "k1" })
}

fn sign(key: &DeviceKey, header: &Value, claims: &Value) -> String {
    let input = format!("{}.{}", base64url(header.to_string()), base64url(claims.to_string()));
    format!("{input}.{}", base64url(key.sign(input.as_bytes()).unwrap()))
}

fn keys(key: &DeviceKey) -> AssertionKeys {
    let mut jwk = serde_json::to_value(key.public()).unwrap();
    jwk["kid"] = "k1".into();
    jwk["use"] = "sig".into();
    AssertionKeys::from_jwks(json!({ "keys": [jwk] }).to_string().as_bytes()).unwrap()
}

fn verify(keys: &AssertionKeys, compact: &str) -> Result<AssertionClaims, Distrust> {
    keys.verify(compact, GATEWAY, AUDIENCE, &FixedClock::at(NOW))
}

#[test]
fn a_good_assertion_is_read() {
    let (key, _) = DeviceKey::generate().unwrap();
    let read = verify(&keys(&key), &sign(&key, &header(), &claims())).unwrap();
    assert_eq!((read.organization.as_str(), read.scope), ("delmar-foods", Scope::Read));
}

#[test]
fn each_check_refuses_by_itself() {
    let (key, _) = DeviceKey::generate().unwrap();
    let cases: [(&str, Value, Distrust); 7] = [
        ("iss", json!("other/gateway"), Distrust::OtherGateway),
        ("aud", json!("https://other.test"), Distrust::OtherAudience),
        ("exp", json!(NOW), Distrust::NotNow),
        ("exp", json!(NOW + 61), Distrust::NotNow),
        ("iat", json!(NOW + 6), Distrust::NotNow),
        ("organization", json!("../kinloch"), Distrust::Malformed),
        ("scope", json!("everything"), Distrust::Malformed),
    ];
    for (name, value, expected) in cases {
        let mut bad = claims();
        bad[name] = value.clone();
        assert_eq!(verify(&keys(&key), &sign(&key, &header(), &bad)), Err(expected), "{name} = {value}");
    }
}

#[test]
fn another_key_an_altered_text_and_other_headers_are_refused() {
    let ((key, _), (other, _)) = (DeviceKey::generate().unwrap(), DeviceKey::generate().unwrap());
    let keys = keys(&key);
    assert_eq!(verify(&keys, &sign(&other, &header(), &claims())), Err(Distrust::BadSignature));
    let good = sign(&key, &header(), &claims());
    let mut wider = claims();
    wider["scope"] = "administer".into();
    let parts: Vec<&str> = good.split('.').collect();
    let altered = format!("{}.{}.{}", parts[0], base64url(wider.to_string()), parts[2]);
    assert_eq!(verify(&keys, &altered), Err(Distrust::BadSignature));
    for (name, value) in [("alg", "none"), ("alg", "HS256"), ("typ", "JWT"), ("jku", "https://example.org")] {
        let mut bad = header();
        bad[name] = value.into();
        assert_eq!(verify(&keys, &sign(&key, &bad, &claims())), Err(Distrust::Malformed), "{name} = {value}");
    }
    let mut unknown = header();
    unknown["kid"] = "k2".into();
    assert_eq!(verify(&keys, &sign(&key, &unknown, &claims())), Err(Distrust::UnknownKey));
    assert_eq!(verify(&keys, "a.b"), Err(Distrust::Malformed));
    assert_eq!(verify(&keys, &format!("{good}=")), Err(Distrust::Malformed));
}
