use domain::{Digest, UnixSeconds};
use serde::{Deserialize, Serialize};

use crate::{DeviceKey, EcJwk, KeyError, Refusal, b64};

/// A proof is good for this long around the server's clock, in seconds.
const WINDOW_SECONDS: u64 = 30;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    jwk: EcJwk,
    typ: String,
}

/// The claims of a proof of possession (RFC 9449, section 4.2).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DpopProof {
    /// SHA-256 of the access token, which here is the PK token.
    pub ath: Digest,
    /// The method.
    pub htm: String,
    /// The address, without query and fragment.
    pub htu: String,
    pub iat: UnixSeconds,
    pub jti: String,
}

/// Makes a proof for one call.
///
/// # Errors
/// [`KeyError`] when the key cannot sign.
pub fn dpop_proof(key: &DeviceKey, claims: &DpopProof) -> Result<String, KeyError> {
    let header = Header { alg: "ES256".into(), jwk: key.public(), typ: "dpop+jwt".into() };
    let json = |v: Result<Vec<u8>, serde_json::Error>| b64::encode(v.unwrap_or_else(|_| unreachable!("plain structs")));
    let input = format!("{}.{}", json(serde_json::to_vec(&header)), json(serde_json::to_vec(claims)));
    let signature = key.sign(input.as_bytes())?;
    Ok(format!("{input}.{}", b64::encode(signature)))
}

/// Checks a proof against the call, the token and the key that the token is bound to. The caller remembers
/// the returned `jti` until `iat` + 60 s and refuses it the second time.
///
/// # Errors
/// [`Refusal`] naming the first check that failed.
pub fn verify_dpop(
    proof: &str,
    method: &str,
    url: &str,
    token_digest: &Digest,
    device: &EcJwk,
    now: UnixSeconds,
) -> Result<DpopProof, Refusal> {
    if proof.len() > 4096 {
        return Err(Refusal::TooLarge);
    }
    let parts: Vec<&str> = proof.split('.').collect();
    let [header, payload, signature] = parts[..] else { return Err(Refusal::Malformed("proof")) };
    let decoded: Header =
        serde_json::from_slice(&b64::decode(header)?).map_err(|_| Refusal::Malformed("proof header"))?;
    if decoded.typ != "dpop+jwt" {
        return Err(Refusal::WrongKind);
    }
    if decoded.alg != "ES256" {
        return Err(Refusal::WrongAlgorithm);
    }
    if decoded.jwk != *device {
        return Err(Refusal::OtherCall);
    }
    device.verify(format!("{header}.{payload}").as_bytes(), &b64::decode(signature)?)?;
    let claims: DpopProof = serde_json::from_slice(&b64::decode(payload)?).map_err(|_| Refusal::Malformed("proof"))?;
    if claims.htm != method || claims.htu != url || claims.ath != *token_digest {
        return Err(Refusal::OtherCall);
    }
    if claims.iat.abs_diff(now) > WINDOW_SECONDS {
        return Err(Refusal::Expired);
    }
    if claims.jti.len() < 16 || claims.jti.len() > 64 {
        return Err(Refusal::Malformed("proof id"));
    }
    Ok(claims)
}

#[cfg(test)]
mod tests;
