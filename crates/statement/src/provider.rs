use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, RsaPublicKeyComponents,
    UnparsedPublicKey,
};
use domain::Digest;
use serde::Deserialize;

use crate::{Refusal, b64};

/// A provider publishes a handful of keys; a set with more is refused rather than searched.
const MAX_KEYS: usize = 32;

/// The signature keys that an issuer publishes (its JWKS), reduced to what can sign an ID token.
#[derive(Debug, Clone)]
pub struct ProviderKeys {
    keys: Vec<Key>,
    raw: Vec<u8>,
    digest: Digest,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Key {
    kid: Option<String>,
    alg: Option<String>,
    material: Material,
}

#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// Stands in private keys only; its value is of no interest.
    d: Option<serde::de::IgnoredAny>,
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
        let keys = set.keys.into_iter().filter_map(usable).collect();
        Ok(Self { keys, raw: raw.to_vec(), digest: b64::sha256(raw) })
    }

    /// SHA-256 of [`Self::raw`]: how the log names this set.
    #[must_use]
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// Whether both sets hold the same usable keys, in whatever order and spelling they were published.
    #[must_use]
    pub fn holds_the_same(&self, other: &Self) -> bool {
        self.keys.len() == other.keys.len() && self.keys.iter().all(|key| other.keys.contains(key))
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

    /// The key with this id, when no other key has it too; without an id, only a set of one key is clear enough.
    fn select(&self, kid: Option<&str>) -> Option<&Key> {
        match kid {
            Some(kid) => {
                let mut named = self.keys.iter().filter(|k| k.kid.as_deref() == Some(kid));
                let first = named.next()?;
                named.all(|other| other == first).then_some(first)
            }
            None => self.keys.first().filter(|_| self.keys.len() == 1),
        }
    }
}

/// A key that can sign an ID token, and that the provider alone holds: whoever reads a private key can sign with it.
fn usable(jwk: Jwk) -> Option<Key> {
    if jwk.d.is_some()
        || jwk.purpose.as_deref().is_some_and(|u| u != "sig")
        || jwk.key_ops.is_some_and(|ops| !ops.iter().any(|o| o == "verify"))
    {
        return None;
    }
    let bytes = |field: Option<String>| field.and_then(|f| b64::decode(&f).ok());
    let material = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
        ("RSA", None) => Material::Rsa { n: bytes(jwk.n).filter(|n| !is_roca(n))?, e: bytes(jwk.e)? },
        ("EC", Some("P-256")) => Material::P256([vec![4], bytes(jwk.x)?, bytes(jwk.y)?].concat()),
        ("OKP", Some("Ed25519")) => Material::Ed25519(bytes(jwk.x)?),
        _ => return None,
    };
    Some(Key { kid: jwk.kid, alg: jwk.alg, material })
}

/// Whether a modulus comes of the broken prime generator of CVE-2017-15361 ("ROCA"), whose keys can be factored: modulo
/// each small prime its moduli are powers of 65537. Another modulus looks alike once in 2^27, and is refused too.
fn is_roca(modulus: &[u8]) -> bool {
    const PRIMES: [u32; 39] = [
        2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107,
        109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
    ];
    PRIMES.into_iter().all(|prime| {
        let residue = modulus.iter().fold(0, |rest, byte| (rest * 256 + u32::from(*byte)) % prime);
        let powers = std::iter::successors(Some(1 % prime), |power| Some(power * 65537 % prime));
        powers.take(prime as usize).any(|power| power == residue)
    })
}
