//! Tokens that an identity provider, or somebody in its place, might hand out.

use aws_lc_rs::hmac;
use serde_json::{Value, json};

use super::tests::{World, denied, me, world};
use super::*;
use statement::{CicHeader, DpopProof, base64url, dpop_proof, nonce_for, sha256};

type Sign<'a> = &'a dyn Fn(&World, &[u8]) -> Vec<u8>;

fn provider_signs(w: &World, input: &[u8]) -> Vec<u8> {
    w.provider.sign(input).expect("sign")
}

/// A PK token with this header and these changed claims (null takes one away), and what calling with it gives.
async fn call_with(w: &World, header: &Value, changed: &Value, sign: Sign<'_>) -> Result<Caller, (u16, String)> {
    let cic = CicHeader::encoded(&w.device.public(), [9; 32]);
    let now = w.clock.now();
    let mut claims = json!({
        "iss": w.trust.issuer, "aud": w.trust.client_id, "sub": "mara", "nonce": nonce_for(&cic), "iat": now,
        "exp": now + 600, "employee_id": "e-100", "countersign_roles": ["engineer"],
    });
    for (name, value) in changed.as_object().expect("object") {
        claims[name] = value.clone();
    }
    let claims: serde_json::Map<_, _> =
        claims.as_object().expect("object").clone().into_iter().filter(|(_, v)| !v.is_null()).collect();
    let input = format!("{}.{}", base64url(header.to_string()), base64url(Value::from(claims).to_string()));
    let id_token = format!("{input}.{}", base64url(sign(w, input.as_bytes())));
    let token = PkToken::make(&id_token, &cic, &w.device).expect("pk token");
    let jti = sha256(&token);
    let claims = DpopProof { ath: sha256(&token), ..w.claims("GET", &me(), jti.as_str()) };
    w.call_with(&token, &dpop_proof(&w.device, &claims).expect("proof")).await
}

fn good_header() -> Value {
    json!({"alg": "ES256", "kid": "p1", "typ": "JWT"})
}

#[tokio::test]
async fn o_06_o_07_algorithms_that_are_not_the_keys() {
    let w = world().await;
    assert!(call_with(&w, &good_header(), &json!({}), &provider_signs).await.is_ok());
    for alg in ["none", "None", "nOnE", "HS256", "RS256", "PS256", "ES384", "EdDSA", ""] {
        let header = json!({"alg": alg, "kid": "p1"});
        assert_eq!(call_with(&w, &header, &json!({}), &provider_signs).await, denied("wrong-algorithm"), "{alg}");
        let empty = |_: &World, _: &[u8]| Vec::new();
        assert_eq!(call_with(&w, &header, &json!({}), &empty).await, denied("wrong-algorithm"), "{alg}");
    }
    let as_secret = |w: &World, input: &[u8]| {
        let jwk = serde_json::to_vec(&w.provider.public()).expect("jwk");
        hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &jwk), input).as_ref().to_vec()
    };
    let header = json!({"alg": "HS256", "kid": "p1"});
    assert_eq!(call_with(&w, &header, &json!({}), &as_secret).await, denied("wrong-algorithm"));
    let empty = |_: &World, _: &[u8]| Vec::new();
    assert_eq!(call_with(&w, &good_header(), &json!({}), &empty).await, denied("bad-signature"));
}

#[tokio::test]
async fn o_08_a_key_of_somebody_else() {
    let w = world().await;
    let other = statement::DeviceKey::generate().expect("key").0;
    let signs = move |_: &World, input: &[u8]| other.sign(input).expect("sign");
    assert_eq!(call_with(&w, &good_header(), &json!({}), &signs).await, denied("bad-signature"));
    let unknown = json!({"alg": "ES256", "kid": "p2"});
    assert_eq!(call_with(&w, &unknown, &json!({}), &provider_signs).await, denied("unknown-provider-key"));
}

#[tokio::test]
async fn o_10_headers_that_bring_their_own_key() {
    let w = world().await;
    for (name, value) in [
        ("jku", json!("http://127.0.0.1:1/jwks")),
        ("x5u", json!("http://127.0.0.1:1/cert")),
        ("jwk", serde_json::to_value(w.device.public()).expect("jwk")),
        ("x5c", json!(["MIIB"])),
        ("crit", json!(["b64"])),
        ("b64", json!(false)),
    ] {
        let mut header = good_header();
        header[name] = value;
        assert_eq!(call_with(&w, &header, &json!({}), &provider_signs).await, denied("malformed"), "{name}");
    }
}

#[tokio::test]
async fn o_05_o_11_o_19_other_issuers_and_audiences() {
    let w = world().await;
    let issuer = w.trust.issuer.clone();
    for other in [format!("{issuer}/"), issuer.to_uppercase(), "https://idp.test".into(), String::new()] {
        let answer = call_with(&w, &good_header(), &json!({ "iss": other }), &provider_signs).await;
        assert_eq!(answer, denied("wrong-issuer"), "{other}");
    }
    let client = &w.trust.client_id;
    for changed in [
        json!({"aud": "another-client"}),
        json!({"aud": [client, "another-client"]}),
        json!({"aud": [client, client]}),
        json!({"aud": []}),
        json!({"aud": null}),
        json!({"aud": {"client": client}}),
        json!({"azp": "another-client"}),
    ] {
        let answer = call_with(&w, &good_header(), &changed, &provider_signs).await;
        assert_eq!(answer, denied("wrong-client"), "{changed}");
    }
    let one = call_with(&w, &good_header(), &json!({"aud": [client], "azp": client}), &provider_signs).await;
    assert!(one.is_ok(), "an array of exactly this client is this client");
}

#[tokio::test]
async fn o_03_o_12_nonces_and_times() {
    let w = world().await;
    let now = w.clock.now();
    for (changed, expected) in [
        (json!({"nonce": "another"}), "wrong-nonce"),
        (json!({"nonce": null}), "malformed"),
        (json!({"iat": null}), "malformed"),
        (json!({"iat": 1e308}), "malformed"),
        (json!({"iat": "1790000000"}), "malformed"),
        (json!({"iat": -1}), "malformed"),
        (json!({"iat": i64::MAX}), "malformed"),
        (json!({"iat": i64::MIN}), "malformed"),
        (json!({"iat": now + 6}), "from-the-future"),
        (json!({"iat": now - 8 * 3600}), "sign-in-too-old"),
    ] {
        assert_eq!(call_with(&w, &good_header(), &changed, &provider_signs).await, denied(expected), "{changed}");
    }
}

#[tokio::test]
async fn o_20_an_e_mail_address_is_nobody() {
    let w = world().await;
    let changed =
        json!({"email": "admin@company.test", "email_verified": true, "countersign_roles": ["engineer", "root"]});
    let caller = call_with(&w, &good_header(), &changed, &provider_signs).await.expect("caller");
    assert_eq!(caller.identity.person.0, "e-100");
    assert_eq!(caller.identity.roles, [domain::Role::Engineer]);
    let without = json!({"employee_id": null, "email": "admin@company.test"});
    assert_eq!(call_with(&w, &good_header(), &without, &provider_signs).await, denied("no-person"));
    let text = json!({"countersign_roles": "administrator"});
    let caller = call_with(&w, &good_header(), &text, &provider_signs).await.expect("caller");
    assert!(caller.identity.roles.is_empty());
}
