use std::net::SocketAddr;

use aws_lc_rs::{digest, hmac};
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{Cipher, Served, text};

pub const KMS_REGION: &str = "eu-central-1";
/// The only key.
pub const KMS_KEY: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";
/// As a `credential_process` prints them.
pub const KMS_CREDENTIALS: &str = r#"{"Version": 1, "AccessKeyId": "AKIDIMITATED", "SecretAccessKey": "imitated/secret", "SessionToken": "imitated-session", "Expiration": "2999-01-01T00:00:00Z"}"#;

const CIPHER: Cipher = Cipher([12; 32]);

/// The service, which holds every call to its signature (AWS Signature Version 4).
///
/// # Panics
/// When the port is taken.
pub async fn aws_kms(address: SocketAddr) -> Served {
    Served::start(Router::new().route("/", post(answer)), address).await
}

async fn answer(headers: HeaderMap, body: Bytes) -> (StatusCode, Json<Value>) {
    if !is_signed(&headers, &body) {
        return failed("com.amazon.coral.service#InvalidSignatureException");
    }
    let Ok(body) = serde_json::from_slice::<Value>(&body) else { return failed("SerializationException") };
    if text(&body, "KeyId") != KMS_KEY {
        return failed("NotFoundException");
    }
    let context = body["EncryptionContext"].to_string();
    let data = match header(&headers, "x-amz-target") {
        "TrentService.Encrypt" => CIPHER.encrypt(context.as_bytes(), text(&body, "Plaintext")).map(|sealed| {
            let sealed = STANDARD.encode(sealed);
            json!({ "CiphertextBlob": sealed, "KeyId": KMS_KEY, "EncryptionAlgorithm": "SYMMETRIC_DEFAULT" })
        }),
        "TrentService.Decrypt" => {
            let sealed = STANDARD.decode(text(&body, "CiphertextBlob")).ok();
            let plain = sealed.and_then(|sealed| CIPHER.decrypt(context.as_bytes(), &sealed));
            plain.map(|plain| json!({ "Plaintext": plain, "KeyId": KMS_KEY }))
        }
        _ => return failed("UnknownOperationException"),
    };
    data.map_or_else(|| failed("InvalidCiphertextException"), |data| (StatusCode::OK, Json(data)))
}

fn failed(kind: &str) -> (StatusCode, Json<Value>) {
    (StatusCode::BAD_REQUEST, Json(json!({ "__type": kind })))
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// The signature computed again from what arrived.
fn is_signed(headers: &HeaderMap, body: &[u8]) -> bool {
    let part = |name: &str| {
        let all = header(headers, "authorization").strip_prefix("AWS4-HMAC-SHA256 ").unwrap_or_default();
        all.split(", ").find_map(|part| part.strip_prefix(name)).unwrap_or_default()
    };
    let (names, at) = (part("SignedHeaders="), header(headers, "x-amz-date"));
    let covered = ["host", "x-amz-date", "x-amz-security-token", "x-amz-target"];
    if !covered.iter().all(|name| names.split(';').any(|signed| signed == *name)) {
        return false;
    }
    let lines: String = names.split(';').map(|name| format!("{name}:{}\n", header(headers, name).trim())).collect();
    let canonical = format!("POST\n/\n\n{lines}\n{names}\n{}", sha256(body));
    let day = at.get(..8).unwrap_or_default();
    let scope = format!("{day}/{KMS_REGION}/kms/aws4_request");
    let signed = format!("AWS4-HMAC-SHA256\n{at}\n{scope}\n{}", sha256(canonical.as_bytes()));
    let first = b"AWS4imitated/secret".to_vec();
    let key = [day, KMS_REGION, "kms", "aws4_request"].iter().fold(first, |key, part| mac(&key, part));
    part("Credential=") == format!("AKIDIMITATED/{scope}") && part("Signature=") == hex(&mac(&key, &signed))
}

fn mac(key: &[u8], message: &str) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message.as_bytes()).as_ref().to_vec()
}

fn sha256(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
