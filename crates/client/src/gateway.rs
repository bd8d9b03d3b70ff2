use std::time::Duration;

use reqwest::Method;
use wire::gateway::{Health, OpenedSession, Revocation, RevocationHeard, SessionStatus};

use crate::CallError;
use crate::http::{Base, build, builder, identity};

/// The gateway's own API. With the TLS key of one Session it speaks for that Session; without, it asks for health and
/// brings revocations.
#[derive(Debug, Clone)]
pub struct GatewayClient {
    base: Base,
}

impl GatewayClient {
    /// Without a key: for [`Self::health`] and [`Self::revoke`].
    ///
    /// # Errors
    /// [`CallError::Unmade`].
    pub fn anonymous(base_url: &str, ca_pem: &str) -> Result<Self, CallError> {
        let client = build(builder(ca_pem)?.timeout(Duration::from_secs(10)))?;
        Ok(Self { base: Base::new(client, base_url) })
    }

    /// With the TLS client certificate and key of one Session.
    ///
    /// # Errors
    /// [`CallError::Unmade`].
    pub fn new(base_url: &str, ca_pem: &str, cert_pem: &str, key_pem: &str) -> Result<Self, CallError> {
        let client = build(builder(ca_pem)?.identity(identity(cert_pem, key_pem)?).timeout(Duration::from_secs(30)))?;
        Ok(Self { base: Base::new(client, base_url) })
    }

    /// # Errors
    /// [`CallError`], as in all calls below.
    pub async fn health(&self) -> Result<Health, CallError> {
        self.base.json(self.base.request(Method::GET, "/v1/health")).await
    }

    /// Brings a revocation straight to the gateway.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn revoke(&self, revocation: &Revocation) -> Result<RevocationHeard, CallError> {
        self.base.json(self.base.request(Method::POST, "/v1/revocations").json(revocation)).await
    }

    /// Opens the Session. The bundle's exact JSON bytes stay its identity.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn open(&self, bundle_json: Vec<u8>) -> Result<OpenedSession, CallError> {
        let request = self.base.request(Method::POST, "/v1/sessions").header("content-type", "application/json");
        self.base.json(request.body(bundle_json)).await
    }

    /// # Errors
    /// [`CallError`].
    pub async fn status(&self) -> Result<SessionStatus, CallError> {
        self.base.json(self.base.request(Method::GET, "/v1/session").timeout(Duration::from_secs(5))).await
    }

    /// Moves the Session's end, with a bundle that was countersigned for it.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn extend(&self, bundle_json: Vec<u8>) -> Result<SessionStatus, CallError> {
        let request =
            self.base.request(Method::POST, "/v1/session/extensions").header("content-type", "application/json");
        self.base.json(request.body(bundle_json)).await
    }

    /// # Errors
    /// [`CallError`].
    pub async fn end(&self) -> Result<SessionStatus, CallError> {
        self.base.json(self.base.request(Method::POST, "/v1/session/end")).await
    }
}
