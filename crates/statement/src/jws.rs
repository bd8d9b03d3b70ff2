use domain::{Digest, UnixSeconds};
use serde::{Deserialize, Serialize};

use crate::{DeviceKey, EcJwk, KeyError, Kind, Refusal, b64};

/// No statement is longer than this, in bytes of its compact form.
const MAX_COMPACT: usize = 16 * 1024;
/// How far ahead of our clock an `iat` may be, in seconds.
const SKEW_SECONDS: i64 = 5;
/// 1970 to 9999: far enough from the ends of the type that no sum of times overflows.
const WRITABLE: std::ops::Range<UnixSeconds> = 0..253_402_300_800;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    kid: Digest,
    typ: String,
}

/// What every statement says besides its own body. Times are Unix seconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "{B}Payload"))]
#[serde(deny_unknown_fields, bound(deserialize = "B: Deserialize<'de>"))]
pub struct Payload<B> {
    /// The id of the gateway that it is addressed to.
    pub aud: String,
    pub body: B,
    pub exp: UnixSeconds,
    pub iat: UnixSeconds,
    /// 16 random bytes in base64url: makes equal statements different.
    pub jti: String,
    /// The last Checkpoint that the signer verified, as the signed note it was; empty before the first contact
    /// and in statements of services.
    pub seen: String,
}

/// A statement whose form is right and whose signature nobody has checked yet.
#[derive(Debug)]
pub struct Unverified<B> {
    compact: String,
    kid: Digest,
    payload: Payload<B>,
}

/// A statement whose signature was checked with a key; only [`Unverified::verify`] makes one.
#[derive(Debug, Clone)]
pub struct Signed<B> {
    compact: String,
    digest: Digest,
    kid: Digest,
    payload: Payload<B>,
}

/// Signs `payload` with `key`. `kid` is the digest of the signer's PK token (or, for a service, its key's thumbprint).
///
/// # Errors
/// [`KeyError`] when the key cannot sign.
pub fn sign<B: Kind>(key: &DeviceKey, kid: &Digest, payload: &Payload<B>) -> Result<String, KeyError> {
    let header = Header { alg: "ES256".into(), kid: kid.clone(), typ: B::TYP.into() };
    let json = |v: Result<Vec<u8>, serde_json::Error>| v.unwrap_or_else(|_| unreachable!("plain structs serialize"));
    let input = format!(
        "{}.{}",
        b64::encode(json(serde_json::to_vec(&header))),
        b64::encode(json(serde_json::to_vec(payload)))
    );
    let signature = key.sign(input.as_bytes())?;
    Ok(format!("{input}.{}", b64::encode(signature)))
}

impl<B: Kind> Unverified<B> {
    /// Reads a compact JWS of this kind. Everything that can be refused without a key is refused here.
    ///
    /// # Errors
    /// [`Refusal`]: size, form, kind or algorithm.
    pub fn read(compact: &str) -> Result<Self, Refusal> {
        if compact.len() > MAX_COMPACT {
            return Err(Refusal::TooLarge);
        }
        let mut parts = compact.split('.');
        let (Some(header), Some(payload), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Refusal::Malformed("compact serialization"));
        };
        let header: Header = serde_json::from_slice(&b64::decode(header)?).map_err(|_| Refusal::Malformed("header"))?;
        if header.typ != B::TYP {
            return Err(Refusal::WrongKind);
        }
        if header.alg != "ES256" {
            return Err(Refusal::WrongAlgorithm);
        }
        let payload: Payload<B> =
            serde_json::from_slice(&b64::decode(payload)?).map_err(|_| Refusal::Malformed("payload"))?;
        if !WRITABLE.contains(&payload.iat) || !WRITABLE.contains(&payload.exp) {
            return Err(Refusal::Malformed("times"));
        }
        payload.body.check()?;
        Ok(Self { compact: compact.to_owned(), kid: header.kid, payload })
    }

    /// The digest of the PK token that the signer says is theirs.
    #[must_use]
    pub fn kid(&self) -> &Digest {
        &self.kid
    }

    /// When the signer says it was signed; believed only after [`Self::verify`].
    #[must_use]
    pub fn issued_at(&self) -> UnixSeconds {
        self.payload.iat
    }

    /// What it says, believed by nobody yet; for showing beside the result of [`Self::verify`].
    #[must_use]
    pub fn unverified_body(&self) -> &B {
        &self.payload.body
    }

    /// Checks the signature with `key`.
    ///
    /// # Errors
    /// [`Refusal::BadSignature`].
    pub fn verify(self, key: &EcJwk) -> Result<Signed<B>, Refusal> {
        let (input, signature) = self.compact.rsplit_once('.').ok_or(Refusal::Malformed("compact serialization"))?;
        key.verify(input.as_bytes(), &b64::decode(signature)?)?;
        let digest = b64::sha256(&self.compact);
        Ok(Signed { compact: self.compact, digest, kid: self.kid, payload: self.payload })
    }
}

impl<B: Kind> Signed<B> {
    /// The compact JWS.
    #[must_use]
    pub fn compact(&self) -> &str {
        &self.compact
    }

    /// SHA-256 of the compact JWS: how other statements name this one.
    #[must_use]
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// The digest of the signer's PK token.
    #[must_use]
    pub fn kid(&self) -> &Digest {
        &self.kid
    }

    /// What every statement says.
    #[must_use]
    pub fn payload(&self) -> &Payload<B> {
        &self.payload
    }

    /// What this kind says.
    #[must_use]
    pub fn body(&self) -> &B {
        &self.payload.body
    }

    /// Audience, and the times against `now`: not from the future, not expired, not longer-lived than its kind may be.
    ///
    /// # Errors
    /// [`Refusal`] naming which.
    pub fn check_envelope(&self, gateway_id: &str, now: UnixSeconds) -> Result<(), Refusal> {
        self.check_issued(gateway_id, now)?;
        if now >= self.payload.exp { Err(Refusal::Expired) } else { Ok(()) }
    }

    /// As [`Self::check_envelope`], for a statement that has had its effect and may since have expired.
    ///
    /// # Errors
    /// [`Refusal`] naming which.
    pub fn check_issued(&self, gateway_id: &str, now: UnixSeconds) -> Result<(), Refusal> {
        let p = &self.payload;
        if p.aud != gateway_id {
            return Err(Refusal::WrongAudience);
        }
        if p.iat > now.saturating_add(SKEW_SECONDS) {
            return Err(Refusal::FromTheFuture);
        }
        if p.exp <= p.iat || p.exp.checked_sub(p.iat).is_none_or(|life| life > B::MAX_LIFE_SECONDS) {
            return Err(Refusal::LivesTooLong);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
