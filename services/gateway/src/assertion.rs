//! The identity assertion that a service gets with each request: a one-minute JWT, ES256. With it the service can fetch
//! the bundle and the receipt and need not believe the gateway.

use std::sync::{Arc, PoisonError, RwLock};

use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};
use domain::{Digest, UnixSeconds};
use serde::{Deserialize, Serialize};
use statement::{DeviceKey, KeyError, base64url, base64url_decode};
use wire::gateway::{AssertionClaims, AssertionKey, AssertionKeys};

use crate::session::Facts;

const TYP: &str = "countersign-assertion+jwt";
const LIFE_SECONDS: i64 = 60;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    kid: Digest,
    typ: String,
}

/// The key that signs assertions, and the one before it.
pub struct Asserter {
    keys: RwLock<Keys>,
    gateway_id: String,
}

struct Keys {
    now: Key,
    /// What it signed is believed as long as it lasts.
    before: Option<Key>,
}

#[derive(Clone)]
struct Key {
    key: Arc<DeviceKey>,
    kid: Digest,
}

impl Key {
    fn new(key: DeviceKey) -> Self {
        Self { kid: key.public().thumbprint(), key: Arc::new(key) }
    }
}

impl Asserter {
    #[must_use]
    pub fn new(key: DeviceKey, gateway_id: String) -> Self {
        Self { keys: RwLock::new(Keys { now: Key::new(key), before: None }), gateway_id }
    }

    /// Signs with this key from now on.
    pub fn renew(&self, key: DeviceKey) {
        let key = Key::new(key);
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        if keys.now.kid != key.kid {
            keys.before = Some(std::mem::replace(&mut keys.now, key));
        }
    }

    /// The key that signs, and then the one before it.
    fn known(&self) -> Vec<Key> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        std::iter::once(&keys.now).chain(&keys.before).cloned().collect()
    }

    /// The key set for services.
    #[must_use]
    pub fn keys(&self) -> AssertionKeys {
        let one = |Key { key, kid }: Key| AssertionKey {
            key: key.public(),
            kid: kid.to_string(),
            alg: "ES256".into(),
            used_for: "sig".into(),
        };
        AssertionKeys { keys: self.known().into_iter().map(one).collect() }
    }

    /// An assertion for one request to the service with this audience.
    ///
    /// # Errors
    /// [`KeyError`] when the key cannot sign.
    pub fn assert(&self, facts: &Facts, audience: &str, now: UnixSeconds) -> Result<String, KeyError> {
        let claims = AssertionClaims {
            iss: self.gateway_id.clone(),
            aud: audience.to_owned(),
            sub: facts.person.clone(),
            name: facts.name.clone(),
            iat: now,
            exp: now + LIFE_SECONDS,
            jti: random_id(),
            organization: facts.organization.id.clone(),
            scope: facts.scope,
            session: facts.session.clone(),
            bundle: facts.bundle.clone(),
        };
        let Key { key, kid } = self.keys.read().unwrap_or_else(PoisonError::into_inner).now.clone();
        let header = Header { alg: "ES256".into(), kid, typ: TYP.into() };
        let part = |v: serde_json::Result<Vec<u8>>| base64url(v.unwrap_or_default());
        let input = format!("{}.{}", part(serde_json::to_vec(&header)), part(serde_json::to_vec(&claims)));
        let signature = key.sign(input.as_bytes())?;
        Ok(format!("{input}.{}", base64url(signature)))
    }

    /// Reads an assertion that this gateway made and that is still good.
    #[must_use]
    pub fn read(&self, compact: &str, now: UnixSeconds) -> Option<AssertionClaims> {
        let parts: Vec<&str> = compact.split('.').collect();
        let [header, claims, signature] = parts[..] else { return None };
        let decoded: Header = serde_json::from_slice(&base64url_decode(header).ok()?).ok()?;
        if decoded.typ != TYP || decoded.alg != "ES256" {
            return None;
        }
        let signer = self.known().into_iter().find(|known| known.kid == decoded.kid)?;
        let signature = base64url_decode(signature).ok()?;
        signer.key.public().verify(format!("{header}.{claims}").as_bytes(), &signature).ok()?;
        let claims: AssertionClaims = serde_json::from_slice(&base64url_decode(claims).ok()?).ok()?;
        (claims.iss == self.gateway_id && (claims.iat - 5..claims.exp).contains(&now)).then_some(claims)
    }
}

/// 128 random bits in base64url.
#[must_use]
pub fn random_id() -> String {
    let mut bytes = [0; 16];
    // Without randomness nothing in this process is safe any more.
    if SystemRandom::new().fill(&mut bytes).is_err() {
        tracing::error!("the system has no randomness");
        std::process::exit(74);
    }
    base64url(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        let nothing = statement::sha256(b"");
        Facts {
            session: nothing.clone().into(),
            request: nothing.clone(),
            device: nothing.clone(),
            person: "e-1".into(),
            name: "Mara Lindqvist".into(),
            organization: domain::Organization { id: "kinloch-hotels".parse().unwrap(), name: "Kinloch Hotels".into() },
            scope: domain::Scope::Read,
            opened_at: 1_000,
            ends_at: 2_000,
            bundle_json: "{}".into(),
            bundle: nothing,
            receipt: wire::event::Receipt {
                index: 0,
                leaf: String::new(),
                inclusion: vec![],
                checkpoint: String::new(),
            },
            policies: Vec::new(),
        }
    }

    #[test]
    fn g_16_an_assertion_is_for_one_service_and_one_minute() {
        let asserter = || Asserter::new(DeviceKey::generate().unwrap().0, "gateway.test".into());
        let (ours, other) = (asserter(), asserter());
        let compact = ours.assert(&facts(), "https://payroll.test", 1_000).unwrap();
        let claims = ours.read(&compact, 1_059).unwrap();
        assert_eq!((claims.aud.as_str(), claims.exp), ("https://payroll.test", 1_060));
        assert!(ours.read(&compact, 1_060).is_none());
        assert!(ours.read(&compact, 990).is_none());
        assert!(other.read(&compact, 1_000).is_none());
        let swapped = compact.replacen('.', ".e30", 1);
        assert!(ours.read(&swapped, 1_000).is_none());
        assert!(ours.read(compact.rsplit_once('.').unwrap().0, 1_000).is_none());
    }
}
