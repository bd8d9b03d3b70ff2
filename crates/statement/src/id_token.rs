use domain::UnixSeconds;
use serde::Deserialize;

use crate::pk_token::Claims;
use crate::{ProviderKeys, Refusal, b64};

/// What the verifier of a PK token will ask of an ID token's own form, for whoever has just been given one: three parts, the
/// closed header, no claim twice, nothing from the future. Signature and all other claims are asked elsewhere.
///
/// # Errors
/// [`Refusal`] naming the first check that failed.
pub fn check_id_token(compact: &str, now: UnixSeconds) -> Result<(), Refusal> {
    let parts: Vec<&str> = compact.split('.').collect();
    let [header, payload, _] = parts[..] else { return Err(Refusal::Malformed("ID token")) };
    IdTokenHeader::read(header)?;
    let claims: Claims =
        serde_json::from_slice(&b64::decode(payload)?).map_err(|_| Refusal::Malformed("ID token payload"))?;
    claims.check_not_from_the_future(now).map(drop)
}

/// The header of an ID token. `crit`, `jku`, `jwk`, `x5u` and `x5c` are refused by being unknown.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IdTokenHeader {
    alg: String,
    pub(crate) kid: Option<String>,
    typ: Option<String>,
    #[expect(dead_code, reason = "some providers write it; it is a hint about a certificate and is not used")]
    x5t: Option<String>,
}

impl IdTokenHeader {
    pub(crate) fn read(encoded: &str) -> Result<Self, Refusal> {
        let header: Self =
            serde_json::from_slice(&b64::decode(encoded)?).map_err(|_| Refusal::Malformed("ID token header"))?;
        if header.typ.as_deref().is_some_and(|t| !t.eq_ignore_ascii_case("JWT")) {
            return Err(Refusal::WrongKind);
        }
        Ok(header)
    }
}

/// Checks the provider's signature over an ID token, given in the three parts of its compact form.
pub(crate) fn verify_id_token([header, payload, signature]: [&str; 3], provider: &ProviderKeys) -> Result<(), Refusal> {
    let read = IdTokenHeader::read(header)?;
    let message = format!("{header}.{payload}");
    provider.verify(&read.alg, read.kid.as_deref(), message.as_bytes(), &b64::decode(signature)?)
}
