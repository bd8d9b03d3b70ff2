use axum::Router;
use domain::Role;
use serde_json::{Value, json};
use statement::{CicHeader, DeviceKey, PkToken, Trust, base64url, nonce_for};

use crate::attest::random;

/// One account of one human being at one computer.
pub(crate) struct Account {
    pub(crate) person: String,
    pub(crate) subject: String,
    pub(crate) roles: Vec<&'static str>,
    pub(crate) key: DeviceKey,
    pub(crate) token: String,
    pub(crate) seed: Option<String>,
    /// As they were shown.
    pub(crate) recovery: Vec<String>,
}

/// An issuer on loopback, as a provider publishes itself.
pub(crate) async fn issuer(provider: &DeviceKey) -> (String, tokio::task::JoinHandle<()>) {
    let mut jwk = serde_json::to_value(provider.public()).expect("jwk");
    jwk["kid"] = "p1".into();
    jwk["alg"] = "ES256".into();
    let jwks = json!({ "keys": [jwk] });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("port");
    let base = format!("http://{}", listener.local_addr().expect("address"));
    let discovery = json!({"issuer": base, "jwks_uri": format!("{base}/jwks")}).to_string();
    let router = Router::new()
        .route("/.well-known/openid-configuration", axum::routing::get(move || async move { discovery }))
        .route("/jwks", axum::routing::get(move || async move { jwks.to_string() }));
    let served = tokio::spawn(async move {
        let _ = axum::serve(listener, router).await;
    });
    (base, served)
}

pub(crate) fn account(
    provider: &DeviceKey,
    trust: &Trust,
    key: DeviceKey,
    (person, subject): (&str, &str),
    roles: &[&'static str],
    iat: i64,
) -> Account {
    account_with(provider, trust, key, (person, subject), roles, iat, &json!({}))
}

/// As [`account`], with more in the ID token.
pub(crate) fn account_with(
    provider: &DeviceKey,
    trust: &Trust,
    key: DeviceKey,
    (person, subject): (&str, &str),
    roles: &[&'static str],
    iat: i64,
    more: &Value,
) -> Account {
    let cic = CicHeader::encoded(&key.public(), random::<32>());
    let mut claims = json!({
        "iss": trust.issuer, "aud": trust.client_id, "sub": subject, "nonce": nonce_for(&cic), "iat": iat,
        "exp": iat + 600, "name": format!("Name of {subject}"), "employee_id": person, "countersign_roles": roles,
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        claims[name] = value.clone();
    }
    let header = base64url(r#"{"alg":"ES256","kid":"p1","typ":"JWT"}"#);
    let input = format!("{header}.{}", base64url(claims.to_string()));
    let id_token = format!("{input}.{}", base64url(provider.sign(input.as_bytes()).expect("sign")));
    let token = PkToken::make(&id_token, &cic, &key).expect("pk token");
    Account {
        person: person.into(),
        subject: subject.into(),
        roles: roles.to_vec(),
        key,
        token,
        seed: None,
        recovery: Vec::new(),
    }
}

/// The roles as the broker reads them.
pub(crate) fn roles_of(who: &Account) -> Vec<Role> {
    who.roles.iter().map(|r| serde_json::from_value(json!(r)).expect("role")).collect()
}
