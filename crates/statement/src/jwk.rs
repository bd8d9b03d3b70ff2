use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use domain::Digest;
use serde::{Deserialize, Serialize};

use crate::{Refusal, b64};

/// A P-256 public key as a JWK (RFC 7517) with exactly these four members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EcJwk {
    crv: Curve,
    kty: KeyType,
    x: String,
    y: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
enum Curve {
    #[serde(rename = "P-256")]
    P256,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
enum KeyType {
    #[serde(rename = "EC")]
    Ec,
}

impl EcJwk {
    /// From an uncompressed point: 0x04, 32 bytes of x, 32 bytes of y.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] when it is not 65 bytes that begin with 4.
    pub fn from_point(point: &[u8]) -> Result<Self, Refusal> {
        if point.len() != 65 || point[0] != 4 {
            return Err(Refusal::Malformed("P-256 point"));
        }
        Ok(Self { crv: Curve::P256, kty: KeyType::Ec, x: b64::encode(&point[1..33]), y: b64::encode(&point[33..]) })
    }

    /// RFC 7638 thumbprint: SHA-256 over the required members in lexicographic order.
    #[must_use]
    pub fn thumbprint(&self) -> Digest {
        b64::sha256(format!(r#"{{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}}"#, self.x, self.y))
    }

    /// Checks an ES256 signature (64 bytes, r then s). A point off the curve fails here.
    ///
    /// # Errors
    /// [`Refusal::BadSignature`], or [`Refusal::Malformed`] when the coordinates are not 32 bytes each.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), Refusal> {
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, self.point()?)
            .verify(message, signature)
            .map_err(|_| Refusal::BadSignature)
    }

    fn point(&self) -> Result<Vec<u8>, Refusal> {
        let (x, y) = (b64::decode(&self.x)?, b64::decode(&self.y)?);
        if x.len() != 32 || y.len() != 32 {
            return Err(Refusal::Malformed("P-256 coordinate"));
        }
        Ok([&[4], x.as_slice(), y.as_slice()].concat())
    }
}
