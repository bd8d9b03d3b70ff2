use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::Clock;
use recording::SecretKey;
use reqwest::Client;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::http::{Address, json};
use crate::{KeyServiceError, Place, ReadCredential, decoded, encoded};

/// Which key, and where.
#[derive(Debug, Clone)]
pub struct AwsKmsSettings {
    /// The endpoint, for example `https://kms.eu-central-1.amazonaws.com`.
    pub url: String,
    pub region: String,
    /// The id or the ARN of a symmetric key.
    pub key: String,
}

/// Amazon's key management service. Credentials are read as the `credential_process` of its tools prints them.
pub struct AwsKms {
    address: Address,
    settings: AwsKmsSettings,
    clock: Arc<dyn Clock>,
    credentials: ReadCredential,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Encrypt<'a> {
    key_id: &'a str,
    plaintext: &'a str,
    encryption_context: BTreeMap<&'a str, &'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Decrypt<'a> {
    key_id: &'a str,
    ciphertext_blob: String,
    encryption_context: BTreeMap<&'a str, &'a str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Encrypted {
    ciphertext_blob: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Decrypted {
    plaintext: Zeroizing<String>,
}

#[derive(Deserialize)]
struct Failed {
    #[serde(rename = "__type")]
    kind: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Printed {
    access_key_id: String,
    secret_access_key: Zeroizing<String>,
    session_token: Option<Zeroizing<String>>,
}

impl AwsKms {
    /// Calls nobody yet.
    ///
    /// # Errors
    /// [`KeyServiceError::Unusable`].
    pub fn new(
        client: Client,
        settings: AwsKmsSettings,
        clock: Arc<dyn Clock>,
        credentials: ReadCredential,
    ) -> Result<Self, KeyServiceError> {
        Ok(Self { address: Address::new(client, &settings.url)?, settings, clock, credentials })
    }

    pub(crate) async fn wrap(&self, place: Place<'_>, key: &SecretKey) -> Result<Vec<u8>, KeyServiceError> {
        let plaintext = encoded(key);
        let encryption_context = context(place);
        let asked = Encrypt { key_id: &self.settings.key, plaintext: &plaintext, encryption_context };
        let Encrypted { ciphertext_blob } = self.call("Encrypt", json(&asked)).await?;
        STANDARD.decode(ciphertext_blob).map_err(|_| self.address.unexpected("a ciphertext that is not base64"))
    }

    pub(crate) async fn unwrap(&self, place: Place<'_>, wrapped: &[u8]) -> Result<SecretKey, KeyServiceError> {
        let ciphertext_blob = STANDARD.encode(wrapped);
        let encryption_context = context(place);
        let asked = Decrypt { key_id: &self.settings.key, ciphertext_blob, encryption_context };
        let Decrypted { plaintext } = self.call("Decrypt", json(&asked)).await?;
        decoded(&plaintext)
    }

    async fn call<T: serde::de::DeserializeOwned>(&self, operation: &str, body: Vec<u8>) -> Result<T, KeyServiceError> {
        let target = format!("TrentService.{operation}");
        let headers = [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", &target)];
        let mut request = self.address.post();
        for (name, value) in self.signed(&headers, &body)? {
            request = request.header(name, value);
        }
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let answer = self.address.send(request.body(body)).await?;
        if answer.status == 200 {
            return self.address.parsed(&answer);
        }
        let Failed { kind } = answer.read().ok_or_else(|| self.address.busy(answer.status))?;
        // Some endpoints put a namespace in front.
        match kind.rsplit('#').next().unwrap_or_default() {
            "InvalidCiphertextException" | "IncorrectKeyException" => Err(KeyServiceError::Mismatch),
            "ThrottlingException" | "LimitExceededException" => Err(self.address.busy(answer.status)),
            _ if answer.status >= 500 => Err(self.address.busy(answer.status)),
            name if name.bytes().all(|byte| byte.is_ascii_alphanumeric()) => Err(self.address.refused(name)),
            _ => Err(self.address.refused(format!("status {}", answer.status))),
        }
    }

    /// The headers that sign a request.
    fn signed(&self, headers: &[(&str, &str)], body: &[u8]) -> Result<Vec<(String, String)>, KeyServiceError> {
        let printed = (self.credentials)().map_err(KeyServiceError::Credential)?;
        let printed: Printed = serde_json::from_slice(&printed).map_err(|_| {
            KeyServiceError::Credential("it is not JSON with AccessKeyId, SecretAccessKey and SessionToken".into())
        })?;
        let token = printed.session_token.as_ref().map(|token| token.to_string());
        let secret = printed.secret_access_key.to_string();
        let credentials = Credentials::new(printed.access_key_id, secret, token, None, "countersign").into();
        let since_epoch = Duration::from_millis(u64::try_from(self.clock.now_millis()).unwrap_or_default());
        let unusable = |why: String| KeyServiceError::Unusable { address: self.address.to_string(), why };
        let params = v4::SigningParams::builder()
            .identity(&credentials)
            .region(&self.settings.region)
            .name("kms")
            .time(SystemTime::UNIX_EPOCH + since_epoch)
            .settings(SigningSettings::default())
            .build()
            .map_err(|error| unusable(error.to_string()))?
            .into();
        let url = self.address.url().as_str();
        let request = SignableRequest::new("POST", url, headers.iter().copied(), SignableBody::Bytes(body));
        let request = request.map_err(|error| unusable(error.to_string()))?;
        let (instructions, _) = sign(request, &params).map_err(|error| unusable(error.to_string()))?.into_parts();
        let (headers, _) = instructions.into_parts();
        Ok(headers.into_iter().map(|header| (header.name().to_owned(), header.value().to_owned())).collect())
    }
}

/// What the service's own trail of calls shows.
fn context<'a>(place: Place<'a>) -> BTreeMap<&'static str, &'a str> {
    // A value may not be empty, and no Organization's id is one dash.
    let owner = if place.owner.is_empty() { "-" } else { place.owner };
    BTreeMap::from([("purpose", place.purpose), ("owner", owner)])
}
