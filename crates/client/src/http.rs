use std::error::Error as _;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use reqwest::{Certificate, Client, ClientBuilder, Identity, Method, RequestBuilder, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wire::problem::Problem;

use crate::CallError;
use crate::error::{NO_CONNECTION, OTHER_CERTIFICATE};

/// No answer of the services is longer.
const MAX_ANSWER: usize = 64 * 1024 * 1024;

/// A client that believes certificates of the internal CA and no others, follows no redirect and uses no proxy.
pub(crate) fn builder(ca_pem: &str) -> Result<ClientBuilder, CallError> {
    let roots = Certificate::from_pem_bundle(ca_pem.as_bytes()).map_err(|_| CallError::Unmade("the CA is not PEM"))?;
    if roots.is_empty() {
        return Err(CallError::Unmade("the CA file holds no certificate"));
    }
    Ok(Client::builder()
        .tls_certs_only(roots)
        .https_only(true)
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .connect_timeout(Duration::from_secs(5))
        .pool_idle_timeout(Duration::from_secs(20)))
}

/// The client's own certificate and key, for mutual TLS.
pub(crate) fn identity(cert_pem: &str, key_pem: &str) -> Result<Identity, CallError> {
    Identity::from_pem(format!("{cert_pem}\n{key_pem}").as_bytes())
        .map_err(|_| CallError::Unmade("the client certificate or its key is not PEM"))
}

pub(crate) fn build(builder: ClientBuilder) -> Result<Client, CallError> {
    builder.build().map_err(|_| CallError::Unmade("the TLS client cannot be built"))
}

/// One service's base address and name, for addresses and errors.
#[derive(Debug, Clone)]
pub(crate) struct Base {
    /// Shared by every copy, so that all of them call with a renewed certificate.
    client: Arc<RwLock<Client>>,
    /// Without a trailing slash.
    pub(crate) address: String,
}

impl Base {
    pub(crate) fn new(client: Client, address: &str) -> Self {
        Self { client: Arc::new(RwLock::new(client)), address: address.trim_end_matches('/').to_owned() }
    }

    pub(crate) fn request(&self, method: Method, path_and_query: &str) -> RequestBuilder {
        let client = self.client.read().unwrap_or_else(PoisonError::into_inner).clone();
        client.request(method, format!("{}{path_and_query}", self.address))
    }

    /// Calls go out with this client from now on; those under way end as they began.
    pub(crate) fn renew(&self, client: Client) {
        *self.client.write().unwrap_or_else(PoisonError::into_inner) = client;
    }

    /// Sends, and turns anything but a 2xx into an error.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Result<Response, CallError> {
        let answer = request.send().await.map_err(|e| self.unreachable(&e))?;
        if answer.status().is_success() {
            return Ok(answer);
        }
        let status = answer.status().as_u16();
        let bytes = self.bytes(answer).await?;
        match serde_json::from_slice::<Problem>(&bytes) {
            Ok(problem) => Err(CallError::Refused(Box::new(problem))),
            Err(_) => Err(self.unexpected(format!("status {status}"))),
        }
    }

    pub(crate) async fn json<A: DeserializeOwned>(&self, request: RequestBuilder) -> Result<A, CallError> {
        let answer = self.send(request).await?;
        let bytes = self.bytes(answer).await?;
        // A 204 reads as JSON null, which `()` takes.
        let bytes: &[u8] = if bytes.is_empty() { b"null" } else { &bytes };
        // Where it is wrong, never what stood there.
        serde_json::from_slice(bytes).map_err(|e| self.unexpected(format!("JSON, column {}", e.column())))
    }

    pub(crate) async fn bytes(&self, mut answer: Response) -> Result<Vec<u8>, CallError> {
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|e| self.unreachable(&e))? {
            if bytes.len() + chunk.len() > MAX_ANSWER {
                return Err(self.unexpected("an answer that is too large".into()));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }

    pub(crate) fn unexpected(&self, what: String) -> CallError {
        CallError::Unexpected { service: self.address.clone(), what }
    }

    pub(crate) fn unreachable(&self, error: &reqwest::Error) -> CallError {
        CallError::Unreachable { service: self.address.clone(), why: why(error) }
    }
}

/// JSON as `serde_json` writes it.
pub(crate) fn with_json<B: Serialize>(request: RequestBuilder, body: &B) -> Result<RequestBuilder, CallError> {
    let bytes = serde_json::to_vec(body).map_err(|_| CallError::Unmade("the body cannot be written"))?;
    Ok(request.header("content-type", "application/json").body(bytes))
}

fn why(error: &reqwest::Error) -> &'static str {
    if error.is_timeout() {
        return "no answer in time";
    }
    if error.source().is_some_and(is_tls) {
        return OTHER_CERTIFICATE;
    }
    if error.is_connect() { NO_CONNECTION } else { "the connection broke" }
}

/// Somewhere in it stands a fault of TLS. An `io::Error` hides what it wraps from `source`.
fn is_tls(error: &(dyn std::error::Error + 'static)) -> bool {
    let wrapped = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    error.is::<rustls::Error>() || wrapped.is_some_and(|inner| is_tls(inner)) || error.source().is_some_and(is_tls)
}
