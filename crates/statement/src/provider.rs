use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, RsaPublicKeyComponents,
    UnparsedPublicKey,
};
use serde::Deserialize;

use crate::{Refusal, b64};

/// A provider publishes a handful of keys; a set with more is refused rather than searched.
const MAX_KEYS: usize = 32;

/// The signature keys that an issuer publishes (its JWKS), reduced to what can sign an ID token.
#[derive(Debug, Clone)]
pub struct ProviderKeys {
    keys: Vec<Key>,
    raw: Vec<u8>,
}

#[derive(Debug, Clone)]
struct Key {
    kid: Option<String>,
    alg: Option<String>,
    material: Material,
}

#[derive(Debug, Clone)]
enum Material {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    P256(Vec<u8>),
    Ed25519(Vec<u8>),
}

#[derive(Deserialize)]
struct Jwks {
    keys: Vec<Jwk>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl ProviderKeys {
    /// From the bytes of a JWKS. Keys for encryption and of kinds that are not used here are passed over.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] when it is not a JWKS, or larger than one reasonably is.
    pub fn from_jwks(raw: &[u8]) -> Result<Self, Refusal> {
        if raw.len() > 256 * 1024 {
            return Err(Refusal::TooLarge);
        }
        let set: Jwks = serde_json::from_slice(raw).map_err(|_| Refusal::Malformed("JWKS"))?;
        if set.keys.len() > MAX_KEYS {
            return Err(Refusal::TooLarge);
        }
        Ok(Self { keys: set.keys.into_iter().filter_map(usable).collect(), raw: raw.to_vec() })
    }

    /// The bytes that this set was read from, as they are logged and put into evidence.
    #[must_use]
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// Whether a key with this id is published.
    #[must_use]
    pub fn knows(&self, kid: Option<&str>) -> bool {
        self.select(kid).is_some()
    }

    pub(crate) fn verify(&self, alg: &str, kid: Option<&str>, message: &[u8], signature: &[u8]) -> Result<(), Refusal> {
        let key = self.select(kid).ok_or(Refusal::UnknownProviderKey)?;
        if key.alg.as_deref().is_some_and(|a| a != alg) {
            return Err(Refusal::WrongAlgorithm);
        }
        let checked = match (&key.material, alg) {
            (Material::Rsa { n, e }, "RS256") => {
                RsaPublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
            }
            (Material::Rsa { n, e }, "PS256") => {
                RsaPublicKeyComponents { n, e }.verify(&RSA_PSS_2048_8192_SHA256, message, signature)
            }
            (Material::P256(point), "ES256") => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature)
            }
            (Material::Ed25519(x), "EdDSA") => UnparsedPublicKey::new(&ED25519, x).verify(message, signature),
            _ => return Err(Refusal::WrongAlgorithm),
        };
        checked.map_err(|_| Refusal::BadSignature)
    }

    /// The key with this id; without an id, only a set of one key is clear enough.
    fn select(&self, kid: Option<&str>) -> Option<&Key> {
        match kid {
            Some(kid) => self.keys.iter().find(|k| k.kid.as_deref() == Some(kid)),
            None => self.keys.first().filter(|_| self.keys.len() == 1),
        }
    }
}

fn usable(jwk: Jwk) -> Option<Key> {
    if jwk.purpose.as_deref().is_some_and(|u| u != "sig") || jwk.key_ops.is_some_and(|ops| !ops.iter().any(|o| o == "verify")) {
        return None;
    }
    let bytes = |field: Option<String>| field.and_then(|f| b64::decode(&f).ok());
    let material = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
        ("RSA", None) => Material::Rsa { n: bytes(jwk.n)?, e: bytes(jwk.e)? },
        ("EC", Some("P-256")) => Material::P256([vec![4], bytes(jwk.x)?, bytes(jwk.y)?].concat()),
        ("OKP", Some("Ed25519")) => Material::Ed25519(bytes(jwk.x)?),
        _ => return None,
    };
    Some(Key { kid: jwk.kid, alg: jwk.alg, material })
}
