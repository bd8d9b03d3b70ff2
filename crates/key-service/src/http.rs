use std::time::Duration;

use reqwest::{Client, RequestBuilder, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::{Host, Url};
use zeroize::Zeroizing;

use crate::KeyServiceError;

/// No call waits longer.
const TIMEOUT: Duration = Duration::from_secs(5);
/// No answer about one key is longer.
const MAX_ANSWER: usize = 64 * 1024;

/// One address that is posted to.
pub(crate) struct Address {
    client: Client,
    url: Url,
}

/// An answer, read whole.
pub(crate) struct Answer {
    pub status: u16,
    body: Zeroizing<Vec<u8>>,
}

impl Address {
    /// https, or http on this computer, without a name, a query or a fragment.
    pub fn new(client: Client, text: &str) -> Result<Self, KeyServiceError> {
        let unusable =
            |why: &str| KeyServiceError::Unusable { address: text.to_owned(), why: format!("its address {why}") };
        let url = Url::parse(text).map_err(|error| unusable(&error.to_string()))?;
        let is_here = match url.host() {
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            _ => false,
        };
        let is_private = url.scheme() == "https" || (url.scheme() == "http" && is_here);
        if !is_private {
            return Err(unusable("is not https"));
        }
        if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
            return Err(unusable("holds more than host and path"));
        }
        Ok(Self { client, url })
    }

    /// A path below this address, each of its parts escaped.
    pub fn below(mut self, parts: &[&str]) -> Result<Self, KeyServiceError> {
        if parts.iter().any(|part| part.is_empty() || *part == "." || *part == "..") {
            return Err(KeyServiceError::Unusable { address: self.to_string(), why: "a name is empty or dots".into() });
        }
        match self.url.path_segments_mut() {
            Ok(mut segments) => drop(segments.pop_if_empty().extend(parts)),
            Err(()) => unreachable!("an https address has a path"),
        }
        Ok(self)
    }

    pub fn url(&self) -> &Url {
        &self.url
    }

    pub fn post(&self) -> RequestBuilder {
        self.client.post(self.url.clone()).timeout(TIMEOUT)
    }

    pub async fn send(&self, request: RequestBuilder) -> Result<Answer, KeyServiceError> {
        let answer = request.send().await.map_err(|error| self.unreachable(&error))?;
        let status = answer.status().as_u16();
        Ok(Answer { status, body: self.body(answer).await? })
    }

    async fn body(&self, mut answer: Response) -> Result<Zeroizing<Vec<u8>>, KeyServiceError> {
        let mut body = Zeroizing::new(Vec::new());
        while let Some(chunk) = answer.chunk().await.map_err(|error| self.unreachable(&error))? {
            if body.len() + chunk.len() > MAX_ANSWER {
                return Err(self.unexpected("too long"));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    fn unreachable(&self, error: &reqwest::Error) -> KeyServiceError {
        let why = if error.is_timeout() { "no answer in time" } else { "no connection" };
        KeyServiceError::Unreachable { address: self.to_string(), why: why.into() }
    }

    pub fn busy(&self, status: u16) -> KeyServiceError {
        KeyServiceError::Unreachable { address: self.to_string(), why: format!("status {status}") }
    }

    pub fn refused(&self, why: impl Into<String>) -> KeyServiceError {
        KeyServiceError::Refused { address: self.to_string(), why: why.into() }
    }

    pub fn unexpected(&self, why: impl Into<String>) -> KeyServiceError {
        KeyServiceError::Unexpected { address: self.to_string(), why: why.into() }
    }

    pub fn parsed<T: DeserializeOwned>(&self, answer: &Answer) -> Result<T, KeyServiceError> {
        // Where it is wrong, never what stood there.
        answer.read().ok_or_else(|| self.unexpected("JSON of another shape"))
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.url.as_str())
    }
}

impl Answer {
    pub fn read<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.body).ok()
    }
}

pub(crate) fn json(body: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(body).unwrap_or_else(|_| unreachable!("strings and maps of strings are JSON"))
}
