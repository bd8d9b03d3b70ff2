use std::time::Duration;

use reqwest::Method;
use wire::audit::{Consistency, Time};

use crate::CallError;
use crate::http::{Base, build, builder};

/// What the audit service tells anybody: its clock, its Checkpoint, and proofs between Checkpoints.
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
        let client = build(builder(ca_pem)?.timeout(Duration::from_secs(60)))?;
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

    /// # Errors
    /// [`CallError`].
    pub async fn consistency(&self, from: u64, to: u64) -> Result<Consistency, CallError> {
        self.base.json(self.base.request(Method::GET, &format!("/v1/consistency?from={from}&to={to}"))).await
    }
}
