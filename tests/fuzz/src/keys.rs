//! Keys that are made anew in each process: inputs are what is signed, and never signatures, so that mutations reach behind
//! the signature checks.

use std::sync::OnceLock;

use domain::{Scope, UnixSeconds};
use statement::{DeviceKey, Limits, ProviderKeys, Trust, base64url, sha256};

pub const NOW: UnixSeconds = 1_800_000_000;

pub struct Keys {
    pub device: DeviceKey,
    pub issuer: DeviceKey,
    pub provider: ProviderKeys,
    pub trust: Trust,
}

pub fn keys() -> &'static Keys {
    static KEYS: OnceLock<Keys> = OnceLock::new();
    KEYS.get_or_init(|| {
        let key = || DeviceKey::generate().expect("randomness").0;
        let (device, issuer) = (key(), key());
        let mut jwk = serde_json::to_value(issuer.public()).expect("a JWK");
        jwk["kid"] = "k".into();
        let set = serde_json::json!({ "keys": [jwk] }).to_string();
        let trust = Trust {
            issuer: "https://id.test".into(),
            client_id: "desktop".into(),
            person_claim: "employee_id".into(),
            roles_claim: "roles".into(),
            policy_claims: statement::PolicyClaims::default(),
            gateway_id: "gateway".into(),
            log_key: String::new(),
            attestation_key: issuer.public(),
            first_administrators: Vec::new(),
            limits: Limits { max_duration_seconds: 3600, max_scope: Scope::Read },
            policy: sha256("policy"),
            waits: statement::Waits::default(),
        };
        Keys { device, issuer, provider: ProviderKeys::from_jwks(set.as_bytes()).expect("a key set"), trust }
    })
}

/// Two JSON texts with a line between them, as the signed compact form.
pub fn signed(key: &DeviceKey, header: &[u8], payload: &[u8]) -> String {
    let input = format!("{}.{}", base64url(header), base64url(payload));
    let signature = key.sign(input.as_bytes()).expect("signs");
    format!("{input}.{}", base64url(signature))
}

/// The input up to the first line end, and behind it.
pub fn two_lines(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = bytes.iter().position(|b| *b == b'\n')?;
    Some((&bytes[..at], &bytes[at + 1..]))
}
