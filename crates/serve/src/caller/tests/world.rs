use axum::http::HeaderValue;
use domain::{FixedClock, Scope};
use statement::{CicHeader, DeviceKey, DpopProof, EcJwk, Limits, base64url, dpop_proof, nonce_for, sha256};

use super::super::*;

pub(crate) const NOW: i64 = 1_790_000_000;
pub(crate) const BASE: &str = "https://127.0.0.1:7441";

pub(crate) struct World {
    pub(crate) authenticator: Authenticator,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) provider: DeviceKey,
    pub(crate) trust: Trust,
    pub(crate) device: DeviceKey,
    pub(crate) token: String,
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

pub(crate) fn pk_token(provider: &DeviceKey, trust: &Trust, device: &DeviceKey, person: &str, iat: i64) -> String {
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

pub(crate) async fn world() -> World {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let (provider, _) = DeviceKey::generate().expect("key");
    let (device, _) = DeviceKey::generate().expect("key");
    let issuer = issuer(provider_jwk(&provider.public())).await;
    let trust = Trust {
        issuer: issuer.clone(),
        client_id: "countersign-desktop".into(),
        person_claim: "employee_id".into(),
        roles_claim: "countersign_roles".into(),
        policy_claims: statement::PolicyClaims::default(),
        gateway_id: "gateway.test".into(),
        log_key: String::new(),
        attestation_key: provider.public(),
        first_administrators: Vec::new(),
        limits: Limits { max_duration_seconds: 3600, max_scope: Scope::Read },
        policy: sha256("policy"),
        waits: statement::Waits::default(),
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
    pub(crate) fn claims(&self, method: &str, url: &str, jti: &str) -> DpopProof {
        DpopProof {
            ath: sha256(&self.token),
            htm: method.into(),
            htu: url.into(),
            iat: self.clock.now(),
            jti: jti.into(),
        }
    }

    pub(crate) async fn call(&self, key: &DeviceKey, claims: &DpopProof) -> Result<Caller, (u16, String)> {
        self.call_with(&self.token, &dpop_proof(key, claims).expect("proof")).await
    }

    pub(crate) async fn call_with(&self, token: &str, proof: &str) -> Result<Caller, (u16, String)> {
        let mut headers = HeaderMap::new();
        headers.insert("authorization", HeaderValue::from_str(&format!("DPoP {token}")).expect("header"));
        headers.insert("dpop", HeaderValue::from_str(proof).expect("header"));
        self.authenticator
            .authenticate(&Method::GET, "/v1/me", &headers)
            .await
            .map_err(|d| (d.problem.0.status, d.problem.0.code.clone()))
    }
}

pub(crate) fn me() -> String {
    format!("{BASE}/v1/me")
}

pub(crate) fn denied(code: &str) -> Result<Caller, (u16, String)> {
    Err((401, code.to_owned()))
}
