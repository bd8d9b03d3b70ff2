//! Tokens that an identity provider, or somebody in its place, might hand out, brought to the router: each is refused with
//! one `sign-in-refused` Event and the same words for everybody.

use aws_lc_rs::hmac;
use domain::Clock as _;
use serde_json::{Value, json};
use statement::{CicHeader, DeviceKey, DpopProof, PkToken, base64url, dpop_proof, nonce_for, sha256};
use wire::event::EventKind;

use super::world::{Answered, BASE, World, code};

/// What is wrong with one token.
struct Forged {
    header: Value,
    claims: Value,
    sign: fn(&World, &[u8]) -> Vec<u8>,
}

fn by_the_provider(w: &World, input: &[u8]) -> Vec<u8> {
    w.provider.sign(input).expect("signs")
}

fn by_somebody(_: &World, input: &[u8]) -> Vec<u8> {
    DeviceKey::generate().expect("key").0.sign(input).expect("signs")
}

fn unsigned(_: &World, _: &[u8]) -> Vec<u8> {
    Vec::new()
}

fn with_the_public_key(w: &World, input: &[u8]) -> Vec<u8> {
    let jwk = serde_json::to_vec(&w.provider.public()).expect("jwk");
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &jwk), input).as_ref().to_vec()
}

impl Forged {
    fn header(name: &str, value: Value) -> Self {
        let mut header = json!({"alg": "ES256", "kid": "p1", "typ": "JWT"});
        header[name] = value;
        Self { header, claims: json!({}), sign: by_the_provider }
    }

    fn claim(name: &str, value: Value) -> Self {
        let mut claims = json!({});
        claims[name] = value;
        Self { claims, ..Self::header("alg", json!("ES256")) }
    }

    fn signed(self, sign: fn(&World, &[u8]) -> Vec<u8>) -> Self {
        Self { sign, ..self }
    }

    /// Calls with a token like this, made for the caller's own key.
    async fn call(&self, w: &World) -> Answered {
        let (device, _) = DeviceKey::generate().expect("key");
        let cic = CicHeader::encoded(&device.public(), [9; 32]);
        let now = w.clock.now();
        let mut claims = json!({
            "iss": w.trust.issuer, "aud": w.trust.client_id, "sub": "s", "nonce": nonce_for(&cic), "iat": now,
            "exp": now + 600, "employee_id": "e-666", "countersign_roles": ["engineer"],
        });
        for (name, value) in self.claims.as_object().expect("claims") {
            claims[name] = value.clone();
        }
        let input = format!("{}.{}", base64url(self.header.to_string()), base64url(claims.to_string()));
        let id_token = format!("{input}.{}", base64url((self.sign)(w, input.as_bytes())));
        let token = PkToken::make(&id_token, &cic, &device).expect("pk token");
        present(w, "DPoP", &token, &device).await
    }
}

async fn present(w: &World, scheme: &str, token: &str, device: &DeviceKey) -> Answered {
    let jti = sha256(format!("{token}{}", w.log.len()));
    let claims = DpopProof {
        ath: sha256(token),
        htm: "GET".into(),
        htu: format!("{BASE}/v1/me"),
        iat: w.clock.now(),
        jti: jti.to_string(),
    };
    let request = hyper::Request::get("/v1/me")
        .header("authorization", format!("{scheme} {token}"))
        .header("dpop", dpop_proof(device, &claims).expect("proof"))
        .body(axum::body::Body::empty())
        .expect("request");
    w.watched(request).await
}

async fn all_refused(cases: Vec<(Forged, &str)>) {
    let w = World::new().await;
    for (forged, expected) in cases {
        let before = w.log.len();
        let what = format!("{} {}", forged.header, forged.claims);
        assert_eq!(code(&forged.call(&w).await), (401, expected), "{what}");
        let events = w.log.since(before);
        assert_eq!(events.len(), 1, "{what}");
        assert_eq!((events[0].kind, events[0].facts["code"].as_str()), (EventKind::SignInRefused, expected), "{what}");
    }
}

#[tokio::test]
async fn o_03_o_12_nonces_and_times() {
    let past = super::world::NOW - 9 * 3600;
    all_refused(vec![
        (Forged::claim("nonce", json!("of another")), "wrong-nonce"),
        (Forged::claim("nonce", json!("")), "wrong-nonce"),
        (Forged::claim("nonce", Value::Null), "malformed"),
        (Forged::claim("iat", json!(past)), "sign-in-too-old"),
        (Forged::claim("iat", json!(super::world::NOW + 3600)), "from-the-future"),
        (Forged::claim("iat", json!(1e308)), "malformed"),
        (Forged::claim("iat", json!(-1)), "malformed"),
        (Forged::claim("iat", json!("1790000000")), "malformed"),
        (Forged::claim("iat", Value::Null), "malformed"),
    ])
    .await;
}

#[tokio::test]
async fn o_05_o_11_o_19_issuers_and_audiences() {
    let client = "countersign-desktop";
    all_refused(vec![
        (Forged::claim("iss", json!("https://elsewhere.test")), "wrong-issuer"),
        (Forged::claim("iss", json!("")), "wrong-issuer"),
        (Forged::claim("iss", json!("http://127.0.0.1:1")), "wrong-issuer"),
        (Forged::claim("aud", json!("broker-web")), "wrong-client"),
        (Forged::claim("aud", json!([client, "broker-web"])), "wrong-client"),
        (
            Forged { claims: json!({"aud": [client, "broker-web"], "azp": client}), ..Forged::claim("x", Value::Null) },
            "wrong-client",
        ),
        (
            Forged {
                claims: json!({"aud": [client, "broker-web"], "azp": "broker-web"}),
                ..Forged::claim("x", Value::Null)
            },
            "wrong-client",
        ),
        (Forged::claim("azp", json!("broker-web")), "wrong-client"),
        (Forged::claim("aud", json!([])), "wrong-client"),
    ])
    .await;
}

#[tokio::test]
async fn o_06_o_07_o_08_algorithms_and_keys() {
    let mut cases = vec![
        (Forged::header("kid", json!("p1")).signed(by_somebody), "bad-signature"),
        (Forged::header("kid", json!("p2")), "unknown-provider-key"),
        (Forged::header("kid", json!("p1")).signed(unsigned), "bad-signature"),
        (Forged::header("alg", json!("HS256")).signed(with_the_public_key), "wrong-algorithm"),
    ];
    for alg in ["none", "None", "nOnE", "", "HS256", "RS256", "ES384"] {
        cases.push((Forged::header("alg", json!(alg)), "wrong-algorithm"));
        cases.push((Forged::header("alg", json!(alg)).signed(unsigned), "wrong-algorithm"));
    }
    all_refused(cases).await;
}

/// The address in the header is one that listens here: nobody comes.
#[tokio::test]
async fn o_10_a_key_that_the_token_brings_is_neither_used_nor_fetched() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("port");
    let address = format!("http://{}/keys", listener.local_addr().expect("address"));
    let jwk = serde_json::to_value(DeviceKey::generate().expect("key").0.public()).expect("jwk");
    let mut cases = Vec::new();
    for (name, value) in [
        ("jku", json!(address)),
        ("x5u", json!(address)),
        ("jwk", jwk),
        ("x5c", json!(["MIIB"])),
        ("crit", json!(["exp"])),
        ("zip", json!("DEF")),
    ] {
        cases.push((Forged::header(name, value.clone()), "malformed"));
        cases.push((Forged::header(name, value).signed(by_somebody), "malformed"));
    }
    all_refused(cases).await;
    let came = tokio::time::timeout(std::time::Duration::from_millis(200), listener.accept()).await;
    assert!(came.is_err(), "somebody fetched what a token named");
}

/// An ID token is no access token here, and neither is anything of another type.
#[tokio::test]
async fn o_13_tokens_of_other_kinds() {
    all_refused(
        ["at+jwt", "logout+jwt", "dpop+jwt", "secevent+jwt"]
            .map(|t| (Forged::header("typ", json!(t)), "wrong-kind"))
            .into(),
    )
    .await;
    let w = World::new().await;
    let mara = w.admitted("e-100", &["engineer"]).await;
    let id_token = mara.token.split('.').take(3).collect::<Vec<_>>().join(".");
    let device_half = mara.token.split('.').skip(1).collect::<Vec<_>>().join(".");
    for (scheme, token, expected) in [
        ("DPoP", id_token.as_str(), "malformed"),
        ("DPoP", device_half.as_str(), "malformed"),
        ("Bearer", id_token.as_str(), "no-token"),
        ("Bearer", mara.token.as_str(), "no-token"),
        ("Basic", mara.token.as_str(), "no-token"),
    ] {
        let before = w.log.len();
        assert_eq!(code(&present(&w, scheme, token, &mara.key).await), (401, expected), "{scheme}");
        assert_eq!(w.log.len(), before + 1, "{scheme}");
    }
}

/// Whatever its address claims, a sign-in is the person whom the directory's own number names.
#[tokio::test]
async fn o_20_an_e_mail_address_is_nobody() {
    let w = World::new().await;
    for (email, verified) in [("ben@company.test", true), ("ben@company.test", false), ("", false)] {
        let forged = Forged {
            claims: json!({"email": email, "email_verified": verified, "preferred_username": "ben"}),
            ..Forged::claim("x", Value::Null)
        };
        let (status, me) = forged.call(&w).await;
        assert_eq!(
            (status, me["person"].as_str(), me["enrolled"].as_bool()),
            (200, Some("e-666"), Some(false)),
            "{email}"
        );
        let nobody = Forged { claims: json!({"email": email, "employee_id": null}), ..Forged::claim("x", Value::Null) };
        assert_eq!(code(&nobody.call(&w).await), (401, "no-person"));
    }
}
