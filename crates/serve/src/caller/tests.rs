use axum::http::HeaderValue;
use domain::{Digest, FixedClock, Scope};
use statement::{CicHeader, DeviceKey, DpopProof, EcJwk, Limits, base64url, dpop_proof, nonce_for, sha256};

use super::*;

const NOW: i64 = 1_790_000_000;
const BASE: &str = "https://127.0.0.1:7441";

pub(super) struct World {
    authenticator: Authenticator,
    pub(super) clock: Arc<FixedClock>,
    pub(super) provider: DeviceKey,
    pub(super) trust: Trust,
    pub(super) device: DeviceKey,
    token: String,
}

/// An issuer on loopback, as a provider publishes itself.
async fn issuer(jwks: serde_json::Value) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("port");
    let base = format!("http://{}", listener.local_addr().expect("address"));
    let discovery = serde_json::json!({"issuer": base, "jwks_uri": format!("{base}/jwks")}).to_string();
    let router = axum::Router::new()
        .route("/.well-known/openid-configuration", axum::routing::get(move || async move { discovery }))
        .route("/jwks", axum::routing::get(move || async move { jwks.to_string() }));
    tokio::spawn(async move { axum::serve(listener, router).await });
    base
}

fn provider_jwk(key: &EcJwk) -> serde_json::Value {
    let mut jwk = serde_json::to_value(key).expect("jwk");
    jwk["kid"] = "p1".into();
    jwk["alg"] = "ES256".into();
    serde_json::json!({ "keys": [jwk] })
}

fn pk_token(provider: &DeviceKey, trust: &Trust, device: &DeviceKey, person: &str, iat: i64) -> String {
    let cic = CicHeader::encoded(&device.public(), [7; 32]);
    let header = base64url(r#"{"alg":"ES256","kid":"p1","typ":"JWT"}"#);
    let claims = serde_json::json!({
        "iss": trust.issuer, "aud": trust.client_id, "sub": person, "nonce": nonce_for(&cic), "iat": iat,
        "exp": iat + 600, "name": person, "employee_id": person, "countersign_roles": ["engineer"],
    });
    let input = format!("{header}.{}", base64url(claims.to_string()));
    let id_token = format!("{input}.{}", base64url(provider.sign(input.as_bytes()).expect("sign")));
    PkToken::make(&id_token, &cic, device).expect("pk token")
}

pub(super) async fn world() -> World {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let (provider, _) = DeviceKey::generate().expect("key");
    let (device, _) = DeviceKey::generate().expect("key");
    let issuer = issuer(provider_jwk(&provider.public())).await;
    let trust = Trust {
        issuer: issuer.clone(),
        client_id: "countersign-desktop".into(),
        person_claim: "employee_id".into(),
        roles_claim: "countersign_roles".into(),
        gateway_id: "gateway.test".into(),
        log_key: String::new(),
        attestation_key: provider.public(),
        first_administrators: Vec::new(),
        limits: Limits { max_duration_seconds: 3600, max_scope: Scope::Read },
        policy: sha256("policy"),
    };
    let clock = Arc::new(FixedClock::at(NOW));
    let http = identity::http_client(None).expect("client");
    let source = Arc::new(ProviderSource::new(issuer, http, clock.clone()));
    let token = pk_token(&provider, &trust, &device, "p-1", NOW - 60);
    let authenticator = Authenticator::new(trust.clone(), source, BASE, clock.clone());
    clock.advance(100);
    World { authenticator, clock, provider, trust, device, token }
}

impl World {
    pub(super) fn claims(&self, method: &str, url: &str, jti: &str) -> DpopProof {
        DpopProof {
            ath: sha256(&self.token),
            htm: method.into(),
            htu: url.into(),
            iat: self.clock.now(),
            jti: jti.into(),
        }
    }

    async fn call(&self, key: &DeviceKey, claims: &DpopProof) -> Result<Caller, (u16, String)> {
        self.call_with(&self.token, &dpop_proof(key, claims).expect("proof")).await
    }

    pub(super) async fn call_with(&self, token: &str, proof: &str) -> Result<Caller, (u16, String)> {
        let mut headers = HeaderMap::new();
        headers.insert("authorization", HeaderValue::from_str(&format!("DPoP {token}")).expect("header"));
        headers.insert("dpop", HeaderValue::from_str(proof).expect("header"));
        self.authenticator
            .authenticate(&Method::GET, "/v1/me", &headers)
            .await
            .map_err(|d| (d.problem.0.status, d.problem.0.code.clone()))
    }
}

pub(super) fn me() -> String {
    format!("{BASE}/v1/me")
}

pub(super) fn denied(code: &str) -> Result<Caller, (u16, String)> {
    Err((401, code.to_owned()))
}

#[tokio::test]
async fn a_good_call_names_its_caller() {
    let w = world().await;
    let caller = w.call(&w.device, &w.claims("GET", &me(), "0123456789abcdef")).await.expect("caller");
    assert_eq!(caller.identity.person.0, "p-1");
    assert_eq!(caller.identity.device, w.device.public().thumbprint());
    assert_eq!(caller.pk_token, w.token);
}

#[tokio::test]
async fn d_01_the_same_proof_twice() {
    let w = world().await;
    let claims = w.claims("GET", &me(), "0123456789abcdef");
    assert!(w.call(&w.device, &claims).await.is_ok());
    assert_eq!(w.call(&w.device, &claims).await, denied("proof-reused"));
    w.clock.advance(29);
    assert_eq!(w.call(&w.device, &claims).await, denied("proof-reused"));
}

#[tokio::test]
async fn d_01_a_proof_from_before_a_restart() {
    let w = world().await;
    let claims = w.claims("GET", &me(), "0123456789abcdef");
    assert!(w.call(&w.device, &claims).await.is_ok());
    w.clock.advance(1);
    let again = Authenticator::new(w.trust.clone(), w.authenticator.provider.clone(), BASE, w.clock.clone());
    let after = World { authenticator: again, ..w };
    assert_eq!(after.call(&after.device, &claims).await, denied("wrong-clock"));
}

#[tokio::test]
async fn d_01_a_kept_memory_takes_slow_clocks_after_a_restart_and_no_proof_twice() {
    let w = world().await;
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("proofs");
    let start = |w: &World| {
        Authenticator::new(w.trust.clone(), w.authenticator.provider.clone(), BASE, w.clock.clone())
            .remembering(&path)
            .expect("file")
    };
    let w = World { authenticator: start(&w), ..w };
    let mut ahead = w.claims("GET", &me(), "0123456789abcdef");
    ahead.iat += 5;
    let slow = w.claims("GET", &me(), "a slow clock's one");
    assert!(w.call(&w.device, &ahead).await.is_ok());
    w.clock.advance(3);
    let w = World { authenticator: start(&w), ..w };
    assert_eq!(w.call(&w.device, &ahead).await, denied("proof-reused"));
    assert!(w.call(&w.device, &slow).await.is_ok());
}

#[tokio::test]
async fn d_02_a_proof_for_another_call() {
    let w = world().await;
    let urls = [
        "https://127.0.0.1:7442/v1/me".to_owned(),
        "https://localhost:7441/v1/me".to_owned(),
        "http://127.0.0.1:7441/v1/me".to_owned(),
        format!("{BASE}/v1/Me"),
        format!("{BASE}/v1/me/"),
        format!("{BASE}/v1/me?x=1"),
        format!("{BASE}/v1/requests"),
    ];
    for (n, url) in urls.iter().enumerate() {
        let claims = w.claims("GET", url, &format!("0123456789abcde{n}"));
        assert_eq!(w.call(&w.device, &claims).await, denied("other-call"), "{url}");
    }
    for method in ["POST", "get", ""] {
        let claims = w.claims(method, &me(), "0123456789abcdefg");
        assert_eq!(w.call(&w.device, &claims).await, denied("other-call"), "{method}");
    }
}

#[tokio::test]
async fn d_03_a_proof_for_another_token() {
    let w = world().await;
    let other: Digest = sha256("another token");
    let claims = DpopProof { ath: other, ..w.claims("GET", &me(), "0123456789abcdef") };
    assert_eq!(w.call(&w.device, &claims).await, denied("other-call"));
    let without = format!(r#"{{"htm":"GET","htu":"{}","iat":{},"jti":"0123456789abcdef"}}"#, me(), w.clock.now());
    let head = dpop_proof(&w.device, &claims).expect("proof");
    let input = format!("{}.{}", head.split('.').next().expect("head"), base64url(without));
    let proof = format!("{input}.{}", base64url(w.device.sign(input.as_bytes()).expect("sign")));
    assert_eq!(w.call_with(&w.token, &proof).await, denied("malformed"));
}

#[tokio::test]
async fn d_04_a_proof_from_another_time() {
    let w = world().await;
    for (n, off) in [-600, -31, 6, 31, 600].into_iter().enumerate() {
        let mut claims = w.claims("GET", &me(), &format!("0123456789abcde{n}"));
        claims.iat += off;
        assert_eq!(w.call(&w.device, &claims).await, denied("wrong-clock"), "{off}");
    }
    for (n, off) in [-30, 5].into_iter().enumerate() {
        let mut claims = w.claims("GET", &me(), &format!("1123456789abcde{n}"));
        claims.iat += off;
        assert!(w.call(&w.device, &claims).await.is_ok(), "{off}");
    }
}

#[tokio::test]
async fn d_05_a_proof_by_another_key() {
    let w = world().await;
    let (thief, _) = DeviceKey::generate().expect("key");
    assert_eq!(w.call(&thief, &w.claims("GET", &me(), "0123456789abcdef")).await, denied("other-call"));
}

#[tokio::test]
async fn a_call_without_token_or_with_two() {
    let w = world().await;
    let proof = dpop_proof(&w.device, &w.claims("GET", &me(), "0123456789abcdef")).expect("proof");
    let value = |v: &str| HeaderValue::from_str(v).expect("header");
    let cases: [&[(&'static str, String)]; 4] = [
        &[],
        &[("authorization", format!("Bearer {}", w.token)), ("dpop", proof.clone())],
        &[("authorization", format!("DPoP {}", w.token))],
        &[("authorization", format!("DPoP {}", w.token)), ("dpop", proof.clone()), ("dpop", proof.clone())],
    ];
    for case in cases {
        let mut headers = HeaderMap::new();
        for (name, v) in case {
            headers.append(*name, value(v));
        }
        let denied = w.authenticator.authenticate(&Method::GET, "/v1/me", &headers).await.expect_err("denied");
        assert_eq!((denied.problem.0.status, denied.problem.code()), (401, "no-token"), "{case:?}");
    }
}

#[tokio::test]
async fn tokens_that_are_not_good() {
    let w = world().await;
    let (stranger, _) = DeviceKey::generate().expect("key");
    let other_client = Trust { client_id: "somebody-else".into(), ..w.trust.clone() };
    let other_issuer = Trust { issuer: "https://elsewhere.test".into(), ..w.trust.clone() };
    let cases = [
        (pk_token(&stranger, &w.trust, &w.device, "p-1", NOW), "bad-signature"),
        (pk_token(&w.provider, &other_client, &w.device, "p-1", NOW), "wrong-client"),
        (pk_token(&w.provider, &other_issuer, &w.device, "p-1", NOW), "wrong-issuer"),
        (pk_token(&w.provider, &w.trust, &w.device, "p-1", NOW - 8 * 3600), "sign-in-too-old"),
        (pk_token(&w.provider, &w.trust, &w.device, "p-1", NOW + 3600), "from-the-future"),
        (pk_token(&w.provider, &w.trust, &w.device, "", NOW), "no-person"),
    ];
    for (n, (token, code)) in cases.into_iter().enumerate() {
        let claims = DpopProof { ath: sha256(&token), ..w.claims("GET", &me(), &format!("0123456789abcde{n}")) };
        let proof = dpop_proof(&w.device, &claims).expect("proof");
        assert_eq!(w.call_with(&token, &proof).await, denied(code));
    }
}

#[tokio::test]
async fn a_provider_that_does_not_answer_is_a_503() {
    let w = world().await;
    let http = identity::http_client(None).expect("client");
    let nowhere = Arc::new(ProviderSource::new("http://127.0.0.1:1", http, w.clock.clone()));
    let authenticator = Authenticator::new(w.trust.clone(), nowhere, BASE, w.clock.clone());
    let w = World { authenticator, ..w };
    let answer = w.call(&w.device, &w.claims("GET", &me(), "0123456789abcdef")).await;
    assert_eq!(answer, Err((503, "provider-unreachable".to_owned())));
}
