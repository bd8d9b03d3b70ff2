use std::collections::BTreeMap;
use std::fmt;

use domain::{Digest, PersonId, Role, UnixSeconds, misleads, shown};
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::id_token::{IdTokenHeader, verify_id_token};
use crate::{DeviceKey, EcJwk, KeyError, ProviderKeys, Refusal, Trust, b64};

/// An ID token with many groups is long; this is the whole PK token's bound, in bytes.
const MAX_COMPACT: usize = 16 * 1024;
/// A PK token is good for this long after its ID token's `iat`, in seconds.
const MAX_AGE_SECONDS: i64 = 8 * 3600;
/// How far ahead of our clock an `iat` may be, in seconds.
const SKEW_SECONDS: i64 = 5;

/// More groups than anybody is in, within the bound of the token.
const MAX_GROUPS: usize = 512;

/// The header that the Device signs and that the ID token's nonce commits to.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CicHeader {
    alg: String,
    rz: String,
    typ: String,
    upk: EcJwk,
}

const CIC_TYP: &str = "countersign.cic";

impl CicHeader {
    /// The header for this Device key with 32 fresh random bytes, as the base64url text that everything else uses.
    #[must_use]
    pub fn encoded(device: &EcJwk, random: [u8; 32]) -> String {
        let header = Self { alg: "ES256".into(), rz: b64::encode(random), typ: CIC_TYP.into(), upk: device.clone() };
        b64::encode(serde_json::to_vec(&header).unwrap_or_else(|_| unreachable!("plain structs serialize")))
    }

    fn read(encoded: &str) -> Result<Self, Refusal> {
        let header: Self =
            serde_json::from_slice(&b64::decode(encoded)?).map_err(|_| Refusal::Malformed("CIC header"))?;
        if header.typ != CIC_TYP {
            return Err(Refusal::WrongKind);
        }
        if header.alg != "ES256" {
            return Err(Refusal::WrongAlgorithm);
        }
        if b64::decode(&header.rz)?.len() != 32 {
            return Err(Refusal::Malformed("CIC randomness"));
        }
        Ok(header)
    }
}

/// The nonce that a sign-in must carry for this CIC header.
#[must_use]
pub fn nonce_for(encoded_cic_header: &str) -> String {
    b64::sha256([b"countersign/cic/v1\0".as_slice(), encoded_cic_header.as_bytes()].concat()).to_string()
}

/// A PK token in its compact form: the three parts of the ID token, the CIC header and the Device's signature over
/// `CIC header . ID token payload`, joined by dots.
#[derive(Debug, Clone)]
pub struct PkToken {
    compact: String,
    digest: Digest,
    cic: CicHeader,
    claims: Claims,
}

/// Who signs with a Device key, after every check of [`PkToken::verify`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    pub person: PersonId,
    /// The account at the issuer.
    pub subject: String,
    /// For display only.
    pub name: String,
    pub roles: Vec<Role>,
    /// What the claims that are pinned for the policy say, in lower case.
    pub groups: Vec<String>,
    pub employer: Option<String>,
    pub country: Option<String>,
    /// Thumbprint of the Device key.
    pub device: Digest,
    pub device_key: EcJwk,
    /// Digest of the PK token: the `kid` of this person's statements.
    pub kid: Digest,
    /// When the identity provider issued the ID token.
    pub signed_in_at: UnixSeconds,
}

impl PkToken {
    /// Joins an ID token with the Device's signature over it.
    ///
    /// # Errors
    /// [`KeyError`] when the key cannot sign.
    pub fn make(id_token: &str, cic_header: &str, key: &DeviceKey) -> Result<String, KeyError> {
        let payload = id_token.split('.').nth(1).unwrap_or_default();
        let signature = key.sign(format!("{cic_header}.{payload}").as_bytes())?;
        Ok(format!("{id_token}.{cic_header}.{}", b64::encode(signature)))
    }

    /// Reads the form; nothing of it is believed yet.
    ///
    /// # Errors
    /// [`Refusal`]: size or form.
    pub fn read(compact: &str) -> Result<Self, Refusal> {
        if compact.len() > MAX_COMPACT {
            return Err(Refusal::TooLarge);
        }
        let parts: Vec<&str> = compact.split('.').collect();
        let [_, payload, _, cic, _] = parts[..] else {
            return Err(Refusal::Malformed("PK token"));
        };
        let claims =
            serde_json::from_slice(&b64::decode(payload)?).map_err(|_| Refusal::Malformed("ID token payload"))?;
        let cic = CicHeader::read(cic)?;
        Ok(Self { compact: compact.to_owned(), digest: b64::sha256(compact), cic, claims })
    }

    /// The compact form.
    #[must_use]
    pub fn compact(&self) -> &str {
        &self.compact
    }

    /// SHA-256 of the compact form.
    #[must_use]
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// The Device key that the token says is its own. Not verified.
    pub(crate) fn device_key(&self) -> &EcJwk {
        &self.cic.upk
    }

    /// The person and the Device that the token names. Not verified.
    ///
    /// # Errors
    /// [`Refusal::NoPerson`].
    pub fn claimed(&self, trust: &Trust) -> Result<(PersonId, Digest), Refusal> {
        Ok((self.person(trust)?, self.cic.upk.thumbprint()))
    }

    /// The roles that it claims, as [`Self::claimed`] says: for deciding whom to tell, and for nothing that anybody may do.
    #[must_use]
    pub fn claimed_roles(&self, trust: &Trust) -> Vec<Role> {
        self.roles(trust)
    }

    /// The `kid` of the provider's key, for deciding whether keys must be fetched again. Not verified.
    #[must_use]
    pub fn provider_kid(&self) -> Option<String> {
        IdTokenHeader::read(self.compact.split('.').next().unwrap_or_default()).ok().and_then(|h| h.kid)
    }

    /// Everything that makes a PK token: the provider's signature over the ID token, issuer, client, nonce
    /// commitment, the Device's proof of possession, the person claim and the age at `now`.
    ///
    /// # Errors
    /// [`Refusal`] naming the first check that failed.
    pub fn verify(&self, trust: &Trust, provider: &ProviderKeys, now: UnixSeconds) -> Result<Identity, Refusal> {
        self.verify_signatures(provider)?;
        self.verify_claims(trust)?;
        let issued = self.claims.check_not_from_the_future(now)?;
        if now >= issued.saturating_add(MAX_AGE_SECONDS) {
            return Err(Refusal::SignInTooOld);
        }
        Ok(Identity {
            person: self.person(trust)?,
            subject: self.claims.text("sub")?.to_owned(),
            name: shown(self.claims.text("name").unwrap_or(""), 120),
            roles: self.roles(trust),
            groups: self.groups(trust)?,
            employer: self.attribute(trust.policy_claims.employer.as_ref(), "employer")?,
            country: self.attribute(trust.policy_claims.country.as_ref(), "country")?,
            device: self.cic.upk.thumbprint(),
            device_key: self.cic.upk.clone(),
            kid: self.digest.clone(),
            signed_in_at: issued,
        })
    }

    fn verify_signatures(&self, provider: &ProviderKeys) -> Result<(), Refusal> {
        let parts: Vec<&str> = self.compact.split('.').collect();
        let [op, payload, op_signature, cic, cic_signature] = parts[..] else {
            return Err(Refusal::Malformed("PK token"));
        };
        verify_id_token([op, payload, op_signature], provider)?;
        self.cic.upk.verify(format!("{cic}.{payload}").as_bytes(), &b64::decode(cic_signature)?)
    }

    fn verify_claims(&self, trust: &Trust) -> Result<(), Refusal> {
        if self.claims.text("iss")? != trust.issuer {
            return Err(Refusal::WrongIssuer);
        }
        if !self.claims.is_only_audience(&trust.client_id) {
            return Err(Refusal::WrongClient);
        }
        let cic = self.compact.split('.').nth(3).unwrap_or_default();
        if self.claims.text("nonce")? != nonce_for(cic) {
            return Err(Refusal::WrongNonce);
        }
        Ok(())
    }

    /// The person claim, folded to one spelling: graphic ASCII in lower case, 1 to 128 characters.
    fn person(&self, trust: &Trust) -> Result<PersonId, Refusal> {
        let value = self.claims.text(&trust.person_claim).map_err(|_| Refusal::NoPerson)?;
        if value.is_empty() || value.len() > 128 || !value.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(Refusal::NoPerson);
        }
        Ok(PersonId(value.to_ascii_lowercase()))
    }

    fn roles(&self, trust: &Trust) -> Vec<Role> {
        let Some(Value::Array(values)) = self.claims.0.get(&trust.roles_claim) else { return Vec::new() };
        let mut roles: Vec<Role> = values.iter().filter_map(|v| Role::deserialize(v).ok()).collect();
        roles.sort_unstable();
        roles.dedup();
        roles
    }

    /// The groups in lower case. One that cannot be read spoils the token: a rule might forbid just that one.
    fn groups(&self, trust: &Trust) -> Result<Vec<String>, Refusal> {
        let claim = trust.policy_claims.groups.as_ref().and_then(|claim| self.claims.0.get(claim));
        let values = match claim {
            None => return Ok(Vec::new()),
            Some(Value::Array(values)) if values.len() <= MAX_GROUPS => values,
            Some(_) => return Err(Refusal::BadText("groups")),
        };
        let mut groups: Vec<String> = values.iter().map(|v| folded(v, "groups")).collect::<Result<_, _>>()?;
        groups.sort_unstable();
        groups.dedup();
        Ok(groups)
    }

    fn attribute(&self, claim: Option<&String>, what: &'static str) -> Result<Option<String>, Refusal> {
        let value = claim.and_then(|claim| self.claims.0.get(claim));
        value.map(|value| folded(value, what)).transpose()
    }
}

/// One spelling of a text that rules compare.
fn folded(value: &Value, what: &'static str) -> Result<String, Refusal> {
    let text = value.as_str().map(str::trim).unwrap_or_default();
    let readable = (1..=128).contains(&text.chars().count()) && !text.chars().any(misleads);
    if readable { Ok(text.to_lowercase()) } else { Err(Refusal::BadText(what)) }
}

/// A JSON object in which no member stands twice.
#[derive(Debug, Clone)]
pub(crate) struct Claims(BTreeMap<String, Value>);

impl Claims {
    fn text(&self, name: &str) -> Result<&str, Refusal> {
        self.0.get(name).and_then(Value::as_str).ok_or(Refusal::Malformed("ID token claim"))
    }

    /// A time from 1970 to 9999, so that no sum of times overflows.
    fn time(&self, name: &str) -> Result<UnixSeconds, Refusal> {
        let time = self.0.get(name).and_then(Value::as_i64).filter(|t| (0..253_402_300_800).contains(t));
        time.ok_or(Refusal::Malformed("ID token claim"))
    }

    /// When it was issued; neither that nor `nbf`, where it stands (RFC 7519, section 4.1.5), is still to come.
    pub(crate) fn check_not_from_the_future(&self, now: UnixSeconds) -> Result<UnixSeconds, Refusal> {
        let issued = self.time("iat")?;
        let good_from = if self.0.contains_key("nbf") { self.time("nbf")? } else { issued };
        let latest = now.saturating_add(SKEW_SECONDS);
        if issued > latest || good_from > latest { Err(Refusal::FromTheFuture) } else { Ok(issued) }
    }

    /// `aud` is this client and nobody else, and `azp`, where it stands, is this client too.
    fn is_only_audience(&self, client_id: &str) -> bool {
        let audience = match self.0.get("aud") {
            Some(Value::String(one)) => one == client_id,
            Some(Value::Array(many)) => many.len() == 1 && many[0] == *client_id,
            _ => false,
        };
        audience && self.0.get("azp").is_none_or(|azp| azp == client_id)
    }
}

impl<'de> Deserialize<'de> for Claims {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Once;
        impl<'de> Visitor<'de> for Once {
            type Value = Claims;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Claims, A::Error> {
                let mut claims = BTreeMap::new();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    if claims.insert(name, value).is_some() {
                        return Err(A::Error::custom("a claim stands twice"));
                    }
                }
                Ok(Claims(claims))
            }
        }
        deserializer.deserialize_map(Once)
    }
}
