use std::time::Duration;

use reqwest::Method;
use wire::audit::{Consistency, OwnRevocation, ProviderKeySets, Time};

use crate::http::{Base, build, builder};
use crate::{CallError, Credentials};

/// An answer that stands still for this long is given up.
const SILENCE: Duration = Duration::from_secs(60);

/// What the audit service tells anybody: its clock, its Checkpoint, proofs between Checkpoints, and a Device that it was revoked.
#[derive(Debug, Clone)]
pub struct LogClient {
    pub(crate) base: Base,
}

impl LogClient {
    /// For the audit service at `base_url`, whose certificate `ca_pem` signed.
    ///
    /// # Errors
    /// [`CallError::Unmade`].
    pub fn new(base_url: &str, ca_pem: &str) -> Result<Self, CallError> {
        let client = build(builder(ca_pem)?.timeout(Duration::from_secs(60)).read_timeout(SILENCE))?;
        Ok(Self { base: Base::new(client, base_url) })
    }

    /// # Errors
    /// [`CallError`].
    pub async fn time(&self) -> Result<Time, CallError> {
        self.base.json(self.base.request(Method::GET, "/v1/time").timeout(Duration::from_secs(10))).await
    }

    /// The signed note.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn checkpoint(&self) -> Result<String, CallError> {
        let request = self.base.request(Method::GET, "/checkpoint").timeout(Duration::from_secs(10));
        let answer = self.base.send(request).await?;
        let bytes = self.base.bytes(answer).await?;
        String::from_utf8(bytes).map_err(|_| self.base.unexpected("a checkpoint that is not text".into()))
    }

    /// Every key set of the issuer that the audit service saw, each with its proof.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn provider_keys(&self) -> Result<ProviderKeySets, CallError> {
        self.base.json(self.base.request(Method::GET, "/v1/provider-keys").timeout(Duration::from_secs(20))).await
    }

    /// # Errors
    /// [`CallError`].
    pub async fn consistency(&self, from: u64, to: u64) -> Result<Consistency, CallError> {
        self.base.json(self.base.request(Method::GET, &format!("/v1/consistency?from={from}&to={to}"))).await
    }

    /// Whether the log says that this Device was revoked. It is the one thing that a revoked one is told, and takes no code.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn own_revocation(&self, person: &Credentials) -> Result<OwnRevocation, CallError> {
        let request = person.request(&self.base, Method::GET, "/v1/me/revocation")?;
        self.base.json(request.timeout(Duration::from_secs(20))).await
    }
}
