use serde_json::{Value, json};
use statement::{DeviceKey, base64url};

use super::{Account, key};

/// An OpenID provider reduced to what it signs: ID tokens with one ES256 key.
pub struct Provider {
    pub issuer: String,
    pub client_id: String,
    pub kid: String,
    pub key: DeviceKey,
}

impl Provider {
    /// A provider with a fresh key.
    #[must_use]
    pub fn new(issuer: &str, client_id: &str) -> Self {
        Self { issuer: issuer.to_owned(), client_id: client_id.to_owned(), kid: "signing-1".to_owned(), key: key() }
    }

    /// Signs with a fresh key from now on, under another id, and publishes that one only.
    pub fn rotate(&mut self) {
        self.kid.push('+');
        self.key = key();
    }

    /// The key set that it publishes, as text.
    #[must_use]
    pub fn jwks(&self) -> String {
        let mut jwk = serde_json::to_value(self.key.public()).expect("a JWK");
        for (name, value) in [("kid", self.kid.as_str()), ("alg", "ES256"), ("use", "sig")] {
            jwk[name] = value.into();
        }
        json!({ "keys": [jwk] }).to_string()
    }

    /// The claims of an ordinary sign-in.
    #[must_use]
    pub fn claims(&self, account: &Account, nonce: &str, issued_at: i64) -> Value {
        let mut claims = json!({
            "iss": self.issuer,
            "aud": self.client_id,
            "sub": account.subject,
            "iat": issued_at,
            "exp": issued_at + 3600,
            "nonce": nonce,
            "name": account.name,
            "employee_id": account.person,
            "countersign_roles": account.roles,
        });
        for (claim, value) in &account.more {
            claims[*claim] = value.clone();
        }
        claims
    }

    /// An ID token with these claims.
    #[must_use]
    pub fn id_token(&self, claims: &Value) -> String {
        let header = json!({ "alg": "ES256", "kid": self.kid, "typ": "JWT" });
        let input = format!("{}.{}", base64url(header.to_string()), base64url(claims.to_string()));
        let signature = self.key.sign(input.as_bytes()).expect("signs");
        format!("{input}.{}", base64url(signature))
    }
}
