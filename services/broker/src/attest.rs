use std::net::IpAddr;

use domain::{Digest, SessionId, UnixSeconds};
use statement::{DeviceKey, KeyError, Kind, Lease, Mfa, MfaPurpose, Payload, base64url, sha256, sign};

/// A sign-in's attestation lives this long, in seconds.
pub(crate) const SIGN_IN_SECONDS: i64 = 8 * 3600;
/// How second factors are passed here.
const METHOD: &str = "totp";
/// A statement's attestation lives this long, in seconds.
const STATEMENT_SECONDS: i64 = 300;
/// A lease lives as long as one may, in seconds: the clock of the gateway may be ahead of this one, and the gateway itself takes it
/// for no longer than it needs to cut within 15 s of the last.
const LEASE_SECONDS: i64 = Lease::MAX_LIFE_SECONDS;

/// The broker's own key, which the gateway pins.
pub(crate) struct Attestor {
    key: DeviceKey,
    kid: Digest,
    gateway_id: String,
}

impl Attestor {
    pub(crate) fn new(key: DeviceKey, gateway_id: &str) -> Self {
        let kid = key.public().thumbprint();
        Self { key, kid, gateway_id: gateway_id.to_owned() }
    }

    /// That the holder of the PK token `subject` gave a right code, from this address: at sign-in, or for exactly `statement`.
    pub(crate) fn mfa(
        &self,
        subject: &Digest,
        address: Option<IpAddr>,
        statement: Option<&Digest>,
        now: UnixSeconds,
    ) -> Result<String, KeyError> {
        let (purpose, life) = match statement {
            None => (MfaPurpose::SignIn, SIGN_IN_SECONDS),
            Some(_) => (MfaPurpose::Statement, STATEMENT_SECONDS),
        };
        let (method, statement, subject) = (METHOD.into(), statement.cloned(), subject.clone());
        let body = Mfa { method, purpose, statement, subject, address };
        self.sign(body, life, now)
    }

    /// That a Session may live a little longer.
    pub(crate) fn lease(&self, request: &Digest, session: &SessionId, now: UnixSeconds) -> Result<String, KeyError> {
        self.sign(Lease { request: request.clone(), session: session.clone() }, LEASE_SECONDS, now)
    }

    fn sign<B: Kind>(&self, body: B, life: i64, now: UnixSeconds) -> Result<String, KeyError> {
        let payload = Payload {
            aud: self.gateway_id.clone(),
            body,
            exp: now + life,
            iat: now,
            jti: base64url(random::<16>()),
            seen: String::new(),
        };
        sign(&self.key, &self.kid, &payload)
    }
}

/// Fresh random bytes. The library aborts rather than return weak ones, so a failure cannot be seen here.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    if aws_lc_rs::rand::fill(&mut bytes).is_err() {
        unreachable!("the library does not return without randomness")
    }
    bytes
}

/// How statements and attestations are named.
pub(crate) fn digest_of(compact: &str) -> Digest {
    sha256(compact)
}
