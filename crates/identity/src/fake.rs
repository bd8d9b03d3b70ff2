//! A provider for tests: it runs on loopback, and each of its answers can be made wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::Bytes;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};
use statement::{DeviceKey, base64url};

/// What the provider answers, and what it was asked.
pub(crate) struct Answers {
    pub(crate) issuer: String,
    pub(crate) discovery: Value,
    /// `None`: the key set as it is; otherwise this status and body.
    pub(crate) jwks: Option<(u16, Vec<u8>)>,
    /// The key set is not answered while this is so.
    pub(crate) hangs: bool,
    pub(crate) jwks_calls: u32,
    pub(crate) token_calls: u32,
    pub(crate) keys: Vec<(String, DeviceKey)>,
    /// The code that is good once, with the PKCE challenge that it was given for.
    pub(crate) code: Option<(String, String)>,
    pub(crate) header: Value,
    pub(crate) claims: BTreeMap<String, Value>,
    /// Replaces the signature.
    pub(crate) signature: Option<Vec<u8>>,
    pub(crate) seen_codes: BTreeSet<String>,
}

#[derive(Clone)]
pub(crate) struct Fake(Arc<Mutex<Answers>>);

impl Fake {
    pub(crate) async fn start(now: i64) -> Self {
        // Twice in one process is fine.
        drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let discovery = json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
            "jwks_uri": format!("{issuer}/jwks"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "authorization_response_iss_parameter_supported": true,
        });
        let claims = [
            ("iss", json!(issuer)),
            ("aud", json!("countersign-desktop")),
            ("sub", json!("account-1")),
            ("iat", json!(now)),
            ("exp", json!(now + 300)),
            ("employee_id", json!("e-1")),
            ("name", json!("Mara Lindqvist")),
        ];
        let fake = Self(Arc::new(Mutex::new(Answers {
            issuer,
            discovery,
            jwks: None,
            hangs: false,
            jwks_calls: 0,
            token_calls: 0,
            keys: vec![("k1".into(), DeviceKey::generate().unwrap().0)],
            code: None,
            header: json!({ "alg": "ES256", "typ": "JWT", "kid": "k1" }),
            claims: claims.into_iter().map(|(n, v)| (n.to_owned(), v)).collect(),
            signature: None,
            seen_codes: BTreeSet::new(),
        })));
        let (d, j, t) = (fake.clone(), fake.clone(), fake.clone());
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(move || async move { json_answer(&d.lock().discovery) }))
            .route("/jwks", get(move || async move { j.jwks().await }))
            .route("/token", post(move |body: Bytes| async move { t.token(&body) }));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        fake
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Answers> {
        self.0.lock().unwrap()
    }

    async fn jwks(&self) -> Response {
        self.lock().jwks_calls += 1;
        while self.lock().hangs {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        let answers = self.lock();
        if let Some((status, body)) = &answers.jwks {
            return (StatusCode::from_u16(*status).unwrap(), [(header::LOCATION, "/other")], body.clone())
                .into_response();
        }
        let keys: Vec<Value> = answers.keys.iter().map(|(kid, key)| jwk(kid, key)).collect();
        json_answer(&json!({ "keys": keys }))
    }

    fn token(&self, body: &[u8]) -> Response {
        let mut answers = self.lock();
        answers.token_calls += 1;
        let form: BTreeMap<String, String> = url::form_urlencoded::parse(body).into_owned().collect();
        let code = form.get("code").cloned().unwrap_or_default();
        let verifier = form.get("code_verifier").cloned().unwrap_or_default();
        let challenge = statement::sha256(verifier).to_string();
        let good = answers.code.clone() == Some((code.clone(), challenge)) && answers.seen_codes.insert(code);
        if !good {
            let said = json!({ "error": "invalid_grant", "error_description": "the code was used" });
            return (StatusCode::BAD_REQUEST, json_answer(&said)).into_response();
        }
        let input = format!(
            "{}.{}",
            base64url(serde_json::to_vec(&answers.header).unwrap()),
            base64url(serde_json::to_vec(&answers.claims).unwrap())
        );
        let signature = answers.signature.clone().unwrap_or_else(|| answers.keys[0].1.sign(input.as_bytes()).unwrap());
        let id_token = format!("{input}.{}", base64url(signature));
        json_answer(&json!({ "access_token": "a", "token_type": "Bearer", "expires_in": 60, "id_token": id_token }))
    }
}

pub(crate) fn jwk(kid: &str, key: &DeviceKey) -> Value {
    let mut jwk = serde_json::to_value(key.public()).unwrap();
    jwk["kid"] = json!(kid);
    jwk["alg"] = json!("ES256");
    jwk["use"] = json!("sig");
    jwk
}

fn json_answer(value: &Value) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}
