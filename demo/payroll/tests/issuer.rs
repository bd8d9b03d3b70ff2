use std::sync::{Arc, Mutex};

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use serde_json::json;

/// An identity provider that publishes whatever the test wants, or nothing.
#[derive(Clone)]
pub struct Issuer {
    pub address: String,
    jwks: Arc<Mutex<Option<String>>>,
}

impl Issuer {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let issuer = Self { address: address.clone(), jwks: Arc::default() };
        let discovery = json!({ "issuer": address, "jwks_uri": format!("{address}/jwks") }).to_string();
        let published = issuer.clone();
        let router =
            Router::new().route("/.well-known/openid-configuration", get(move || async move { discovery })).route(
                "/jwks",
                get(move || async move { published.jwks.lock().unwrap().clone().ok_or(StatusCode::BAD_GATEWAY) }),
            );
        tokio::spawn(async move { axum::serve(listener, router).await });
        issuer
    }

    pub fn publish(&self, jwks: Option<String>) {
        *self.jwks.lock().unwrap() = jwks;
    }
}
