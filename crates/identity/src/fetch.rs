use std::time::Duration;

use reqwest::{Certificate, Client};
use url::{Host, Url};

use crate::IdentityError;

/// Discovery documents, key sets and token answers are small; anything longer is refused unread.
pub(crate) const MAX_ANSWER: usize = 256 * 1024;

/// The client for talking to an identity provider: no redirects, short timeouts, the system's certificate
/// authorities and, where the operator runs a private one, `extra_ca_pem` besides.
///
/// # Errors
/// [`IdentityError::Misconfigured`] when the PEM is not one.
pub fn http_client(extra_ca_pem: Option<&str>) -> Result<Client, IdentityError> {
    let mut builder = Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(5))
        .timeout(Duration::from_secs(10))
        .referer(false);
    if let Some(pem) = extra_ca_pem {
        let roots = Certificate::from_pem_bundle(pem.as_bytes())
            .map_err(|_| IdentityError::Misconfigured("the provider's CA is not PEM"))?;
        builder = builder.tls_certs_merge(roots);
    }
    builder.build().map_err(|_| IdentityError::Misconfigured("the TLS client cannot be built"))
}

/// `https`, or `http` to an address of this computer's loopback: nothing else carries an identity.
pub(crate) fn checked(address: &str) -> Result<Url, IdentityError> {
    let url = Url::parse(address).map_err(|_| IdentityError::Unusable("an address is not a URL"))?;
    let loopback = match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(IdentityError::Unusable("an address holds a password"));
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if loopback => Ok(url),
        _ => Err(IdentityError::Unusable("an address is neither https nor on this computer")),
    }
}

/// The body of a 200 answer to `GET address`.
pub(crate) async fn get(http: &Client, address: &str) -> Result<Vec<u8>, IdentityError> {
    let url = checked(address)?;
    let answer = http.get(url).header("accept", "application/json").send().await.map_err(unreachable)?;
    if answer.status() != reqwest::StatusCode::OK {
        return Err(IdentityError::Unreachable(format!("status {}", answer.status().as_u16())));
    }
    body(answer).await
}

/// Reads a body up to [`MAX_ANSWER`].
pub(crate) async fn body(mut answer: reqwest::Response) -> Result<Vec<u8>, IdentityError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(unreachable)? {
        if bytes.len() + chunk.len() > MAX_ANSWER {
            return Err(IdentityError::Unusable("an answer is too large"));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// The short form of a transport error: what kind, and the address's host, never its query.
pub(crate) fn unreachable(error: reqwest::Error) -> IdentityError {
    let what = if error.is_timeout() {
        "no answer in time"
    } else if error.is_connect() {
        "no connection"
    } else {
        "the connection broke"
    };
    let host = error.url().and_then(Url::host_str).unwrap_or_default().to_owned();
    IdentityError::Unreachable(format!("{what} ({host})"))
}
