use std::net::SocketAddr;

use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{Cipher, Served, text};

/// The only key, of the type `aes256-gcm96`.
pub const TRANSIT_KEY: &str = "countersign";
/// A token whose policy allows `update` on that key and nothing else.
pub const TRANSIT_TOKEN: &str = "s.imitated";

const CIPHER: Cipher = Cipher([11; 32]);

/// The engine, mounted at `transit`.
///
/// # Panics
/// When the port is taken.
pub async fn transit(address: SocketAddr) -> Served {
    Served::start(Router::new().route("/v1/transit/{operation}/{key}", post(answer)), address).await
}

async fn answer(
    Path((operation, key)): Path<(String, String)>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> (StatusCode, Json<Value>) {
    let token = headers.get("x-vault-token").and_then(|value| value.to_str().ok());
    if token != Some(TRANSIT_TOKEN) || key != TRANSIT_KEY {
        return errors(StatusCode::FORBIDDEN, "permission denied");
    }
    let Ok(context) = STANDARD.decode(text(&body, "associated_data")) else {
        return errors(StatusCode::BAD_REQUEST, "associated_data is not base64");
    };
    let data = match operation.as_str() {
        "encrypt" => CIPHER.encrypt(&context, text(&body, "plaintext")).map(|sealed| {
            let ciphertext = format!("vault:v1:{}", STANDARD.encode(sealed));
            json!({ "ciphertext": ciphertext, "key_version": 1 })
        }),
        "decrypt" => {
            let sealed =
                text(&body, "ciphertext").strip_prefix("vault:v1:").and_then(|text| STANDARD.decode(text).ok());
            let plain = sealed.and_then(|sealed| CIPHER.decrypt(&context, &sealed));
            plain.map(|plaintext| json!({ "plaintext": plaintext }))
        }
        _ => return errors(StatusCode::NOT_FOUND, "unsupported path"),
    };
    match data {
        Some(data) => (StatusCode::OK, Json(json!({ "request_id": "1", "lease_id": "", "data": data }))),
        None => errors(StatusCode::BAD_REQUEST, "cipher: message authentication failed"),
    }
}

fn errors(status: StatusCode, why: &str) -> (StatusCode, Json<Value>) {
    (status, Json(json!({ "errors": [why] })))
}
