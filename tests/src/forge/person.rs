use std::net::IpAddr;
use std::sync::Arc;

use domain::{Digest, PersonId, UnixSeconds};
use serde_json::Value;
use statement::{CicHeader, DeviceKey, Kind, Payload, PkToken, nonce_for, sha256, sign};

use super::{Provider, fresh_bytes, jti, key};

/// An account at the provider.
#[derive(Debug, Clone)]
pub struct Account {
    pub subject: String,
    /// The person claim: two accounts with one of these are one person.
    pub person: String,
    pub name: String,
    pub roles: Vec<String>,
    /// Other claims of the ID token.
    pub more: Vec<(&'static str, Value)>,
}

impl Account {
    /// An account whose subject is the person claim.
    #[must_use]
    pub fn new(person: &str, name: &str, roles: &[&str]) -> Self {
        Self {
            subject: format!("account-{person}"),
            person: person.to_owned(),
            name: name.to_owned(),
            roles: roles.iter().map(|&r| r.to_owned()).collect(),
            more: Vec::new(),
        }
    }

    /// With one more claim.
    #[must_use]
    pub fn with(mut self, claim: &'static str, value: impl Into<Value>) -> Self {
        self.more.push((claim, value.into()));
        self
    }
}

/// Somebody signed in on a Device.
#[derive(Clone)]
pub struct Person {
    pub account: Account,
    pub device: Arc<DeviceKey>,
    /// The PK token, compact.
    pub token: String,
    pub signed_in_at: UnixSeconds,
    /// Where codes come from.
    pub address: Option<IpAddr>,
    /// The signed head of the log that they had verified; empty for none.
    pub saw: String,
}

impl Person {
    /// Signs in with a fresh Device key.
    #[must_use]
    pub fn sign_in(provider: &Provider, account: Account, at: UnixSeconds) -> Self {
        Self::sign_in_on(provider, account, Arc::new(key()), at)
    }

    /// Signs in on this Device.
    #[must_use]
    pub fn sign_in_on(provider: &Provider, account: Account, device: Arc<DeviceKey>, at: UnixSeconds) -> Self {
        let cic = CicHeader::encoded(&device.public(), fresh_bytes());
        let id_token = provider.id_token(&provider.claims(&account, &nonce_for(&cic), at));
        let token = PkToken::make(&id_token, &cic, &device).expect("signs");
        Self { account, device, token, signed_in_at: at, address: None, saw: String::new() }
    }

    /// Digest of the PK token: the `kid` of this person's statements.
    #[must_use]
    pub fn kid(&self) -> Digest {
        sha256(&self.token)
    }

    /// Thumbprint of the Device key.
    #[must_use]
    pub fn thumbprint(&self) -> Digest {
        self.device.public().thumbprint()
    }

    /// The person as statements name them.
    #[must_use]
    pub fn id(&self) -> PersonId {
        PersonId(self.account.person.to_ascii_lowercase())
    }

    /// Signs a statement that lives as long as its kind may.
    #[must_use]
    pub fn sign<B: Kind>(&self, gateway_id: &str, body: B, at: UnixSeconds) -> String {
        self.sign_payload(&Payload { seen: self.saw.clone(), ..payload(gateway_id, body, at) })
    }

    /// Signs exactly this.
    #[must_use]
    pub fn sign_payload<B: Kind>(&self, payload: &Payload<B>) -> String {
        sign(&self.device, &self.kid(), payload).expect("signs")
    }
}

/// An envelope that lives as long as its kind may.
pub(super) fn payload<B: Kind>(gateway_id: &str, body: B, at: UnixSeconds) -> Payload<B> {
    Payload {
        aud: gateway_id.to_owned(),
        body,
        exp: at + B::MAX_LIFE_SECONDS,
        iat: at,
        jti: jti(),
        seen: String::new(),
    }
}
