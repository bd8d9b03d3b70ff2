use domain::{Clock, UnixSeconds};
use serde::Deserialize;
use statement::{EcJwk, base64url_decode};
use wire::gateway::AssertionClaims;

use super::Distrust;

const TYP: &str = "countersign-assertion+jwt";
const MAX_BYTES: usize = 8 * 1024;
const LONGEST_LIFE_SECONDS: i64 = 60;
const SKEW_SECONDS: i64 = 5;

/// The gateway's published assertion keys.
#[derive(Debug, Clone, Default)]
pub struct AssertionKeys(Vec<(Option<String>, EcJwk)>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    typ: String,
    kid: Option<String>,
}

#[derive(Deserialize)]
struct Jwks {
    keys: Vec<serde_json::Value>,
}

impl AssertionKeys {
    /// From a JWKS; keys that are not P-256 are passed over.
    pub fn from_jwks(raw: &[u8]) -> Result<Self, Distrust> {
        let jwks: Jwks = serde_json::from_slice(raw).map_err(|_| Distrust::Malformed)?;
        Ok(Self(jwks.keys.into_iter().filter_map(usable).collect()))
    }

    /// Whether the assertion's `kid` is one of these keys: if not, the gateway is asked again.
    pub fn know(&self, compact: &str) -> bool {
        read_header(compact).is_ok_and(|header| self.select(header.kid.as_deref()).is_some())
    }

    /// Form, signature, issuer, audience and times. Organization and Scope are for the caller to compare.
    pub fn verify(
        &self,
        compact: &str,
        gateway_id: &str,
        audience: &str,
        clock: &dyn Clock,
    ) -> Result<AssertionClaims, Distrust> {
        let header = read_header(compact)?;
        let key = self.select(header.kid.as_deref()).ok_or(Distrust::UnknownKey)?;
        let (signed, signature) = compact.rsplit_once('.').ok_or(Distrust::Malformed)?;
        key.verify(signed.as_bytes(), &decode(signature)?).map_err(|_| Distrust::BadSignature)?;
        let payload = signed.split('.').nth(1).ok_or(Distrust::Malformed)?;
        let claims: AssertionClaims = serde_json::from_slice(&decode(payload)?).map_err(|_| Distrust::Malformed)?;
        check_claims(&claims, gateway_id, audience, clock.now())?;
        Ok(claims)
    }

    fn select(&self, kid: Option<&str>) -> Option<&EcJwk> {
        match kid {
            Some(_) => self.0.iter().find(|(id, _)| id.as_deref() == kid).map(|(_, key)| key),
            None => self.0.first().filter(|_| self.0.len() == 1).map(|(_, key)| key),
        }
    }
}

fn check_claims(claims: &AssertionClaims, gateway_id: &str, audience: &str, now: UnixSeconds) -> Result<(), Distrust> {
    if claims.iss != gateway_id {
        return Err(Distrust::OtherGateway);
    }
    if claims.aud != audience {
        return Err(Distrust::OtherAudience);
    }
    let life = claims.exp.checked_sub(claims.iat).ok_or(Distrust::Malformed)?;
    if !(1..=LONGEST_LIFE_SECONDS).contains(&life) || claims.iat > now + SKEW_SECONDS || now >= claims.exp {
        return Err(Distrust::NotNow);
    }
    Ok(())
}

fn read_header(compact: &str) -> Result<Header, Distrust> {
    if compact.len() > MAX_BYTES || compact.split('.').count() != 3 {
        return Err(Distrust::Malformed);
    }
    let header = compact.split('.').next().unwrap_or_default();
    let header: Header = serde_json::from_slice(&decode(header)?).map_err(|_| Distrust::Malformed)?;
    if header.alg != "ES256" || header.typ != TYP {
        return Err(Distrust::Malformed);
    }
    Ok(header)
}

fn usable(jwk: serde_json::Value) -> Option<(Option<String>, EcJwk)> {
    let text = |name: &str| jwk.get(name).and_then(serde_json::Value::as_str);
    let bare = serde_json::json!({ "crv": text("crv")?, "kty": text("kty")?, "x": text("x")?, "y": text("y")? });
    Some((text("kid").map(str::to_owned), serde_json::from_value(bare).ok()?))
}

fn decode(text: &str) -> Result<Vec<u8>, Distrust> {
    base64url_decode(text).map_err(|_| Distrust::Malformed)
}

#[cfg(test)]
mod tests;
