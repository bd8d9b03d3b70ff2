use std::time::Duration;

use reqwest::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wire::event::{Append, Receipt};

use crate::CallError;
use crate::http::{Base, build, builder, identity, with_json};

/// Calls from one service to another: mutual TLS with the caller's own certificate, JSON both ways.
#[derive(Debug, Clone)]
pub struct ServiceClient {
    base: Base,
}

impl ServiceClient {
    /// A client of the service at `base_url` (`https`, no trailing slash) with this certificate and key.
    ///
    /// # Errors
    /// [`CallError::Unmade`] when one of the PEM texts is not usable.
    pub fn new(base_url: &str, ca_pem: &str, cert_pem: &str, key_pem: &str) -> Result<Self, CallError> {
        Ok(Self { base: Base::new(tls(ca_pem, cert_pem, key_pem)?, base_url) })
    }

    /// Calls with another CA, certificate and key from now on, in every copy of this client.
    ///
    /// # Errors
    /// As [`Self::new`]; then it goes on as before.
    pub fn renew(&self, ca_pem: &str, cert_pem: &str, key_pem: &str) -> Result<(), CallError> {
        self.base.renew(tls(ca_pem, cert_pem, key_pem)?);
        Ok(())
    }

    /// Where it calls.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base.address
    }

    /// Writes one Event into the log; when this returns, it is durable.
    ///
    /// # Errors
    /// [`CallError`]; a `unique` text that is taken is [`CallError::Refused`] with the code `already-taken`.
    pub async fn append(&self, append: &Append) -> Result<Receipt, CallError> {
        self.post_json("/v1/events", append).await
    }

    /// Writes an Event that stands there once: whether it need not be tried again.
    pub async fn append_once(&self, append: &Append) -> bool {
        match self.append(append).await {
            Ok(_) => true,
            Err(error) => error.was_refused(),
        }
    }

    /// `POST` of a JSON body. An empty answer reads as `()`.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn post_json<B: Serialize + Sync, A: DeserializeOwned>(
        &self,
        path: &str,
        body: &B,
    ) -> Result<A, CallError> {
        self.base.json(with_json(self.base.request(Method::POST, path), body)?).await
    }

    /// `GET` of a JSON answer.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn get_json<A: DeserializeOwned>(&self, path: &str) -> Result<A, CallError> {
        self.base.json(self.base.request(Method::GET, path)).await
    }

    /// `GET` of a text answer, for example `/checkpoint`.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn get_text(&self, path: &str) -> Result<String, CallError> {
        let answer = self.base.send(self.base.request(Method::GET, path)).await?;
        let bytes = self.base.bytes(answer).await?;
        String::from_utf8(bytes).map_err(|_| self.base.unexpected("text that is not UTF-8".into()))
    }

    /// `POST` of octets with a JSON answer.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn post_bytes<A: DeserializeOwned>(&self, path: &str, body: Vec<u8>) -> Result<A, CallError> {
        let request =
            self.base.request(Method::POST, path).header("content-type", "application/octet-stream").body(body);
        self.base.json(request).await
    }
}

fn tls(ca_pem: &str, cert_pem: &str, key_pem: &str) -> Result<reqwest::Client, CallError> {
    build(builder(ca_pem)?.identity(identity(cert_pem, key_pem)?).timeout(Duration::from_secs(15)))
}
