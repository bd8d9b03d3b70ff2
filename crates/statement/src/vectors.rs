//! Published vectors of others, run against the functions that verify in the product.

use serde_json::{Value, json};

use crate::id_token::verify_id_token;
use crate::{ProviderKeys, Refusal};

mod examples;
mod proofs;
mod web_signatures;
mod wycheproof;

/// What the product says to a compact JWS whose signer publishes these keys. A PK token's ID token stands in three of
/// five parts; here it stands alone.
fn outcome(jws: &str, keys: &[&Value]) -> Result<(), Refusal> {
    let parts: Vec<&str> = jws.split('.').collect();
    let parts: [&str; 3] = parts.try_into().map_err(|_| Refusal::Malformed("compact serialization"))?;
    verify_id_token(parts, &provider(keys)?)
}

fn provider(keys: &[&Value]) -> Result<ProviderKeys, Refusal> {
    ProviderKeys::from_jwks(json!({ "keys": keys }).to_string().as_bytes())
}

/// The algorithms of providers that the product takes.
fn is_supported(alg: &str) -> bool {
    ["RS256", "PS256", "ES256", "EdDSA"].contains(&alg)
}
