use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use recording::SecretKey;
use reqwest::Client;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::http::{Address, Answer, json};
use crate::{KeyServiceError, Place, ReadCredential, decoded, encoded};

/// Where the engine is, and which of its keys.
#[derive(Debug, Clone)]
pub struct TransitSettings {
    /// The server's address, without `/v1`.
    pub url: String,
    /// Where the engine is mounted, most often `transit`.
    pub mount: String,
    /// A key of an AEAD type: the place is its associated data.
    pub key: String,
    pub namespace: Option<String>,
}

/// The transit engine of OpenBao 2 or Vault 1.13 and later.
pub struct Transit {
    encrypt: Address,
    decrypt: Address,
    namespace: Option<String>,
    token: ReadCredential,
}

#[derive(Serialize)]
struct Encrypt<'a> {
    plaintext: &'a str,
    associated_data: String,
}

#[derive(Serialize)]
struct Decrypt<'a> {
    ciphertext: &'a str,
    associated_data: String,
}

#[derive(Deserialize)]
struct Data<T> {
    data: T,
}

#[derive(Deserialize)]
struct Ciphertext {
    ciphertext: String,
}

#[derive(Deserialize)]
struct Plaintext {
    plaintext: Zeroizing<String>,
}

impl Transit {
    /// Calls nobody yet.
    ///
    /// # Errors
    /// [`KeyServiceError::Unusable`].
    pub fn new(client: Client, settings: TransitSettings, token: ReadCredential) -> Result<Self, KeyServiceError> {
        let TransitSettings { url, mount, key, namespace } = settings;
        // A mount may lie below another path.
        let mount: Vec<&str> = mount.trim_matches('/').split('/').collect();
        let of = |operation| {
            let parts = [&["v1"], mount.as_slice(), &[operation, &key]].concat();
            Address::new(client.clone(), &url)?.below(&parts)
        };
        Ok(Self { encrypt: of("encrypt")?, decrypt: of("decrypt")?, namespace, token })
    }

    pub(crate) async fn wrap(&self, place: Place<'_>, key: &SecretKey) -> Result<Vec<u8>, KeyServiceError> {
        let plaintext = encoded(key);
        let asked = Encrypt { plaintext: &plaintext, associated_data: STANDARD.encode(place.bytes()) };
        let answer = self.call(&self.encrypt, json(&asked)).await?;
        if answer.status != 200 {
            return Err(self.encrypt.refused(format!("status {}", answer.status)));
        }
        let Data { data: Ciphertext { ciphertext } } = self.encrypt.parsed(&answer)?;
        Ok(ciphertext.into_bytes())
    }

    pub(crate) async fn unwrap(&self, place: Place<'_>, wrapped: &[u8]) -> Result<SecretKey, KeyServiceError> {
        // What another key service wrapped is not sent to this one.
        let ciphertext = std::str::from_utf8(wrapped).ok().filter(|text| text.starts_with("vault:v"));
        let ciphertext = ciphertext.ok_or(KeyServiceError::Mismatch)?;
        let asked = Decrypt { ciphertext, associated_data: STANDARD.encode(place.bytes()) };
        let answer = self.call(&self.decrypt, json(&asked)).await?;
        match answer.status {
            200 => {
                let Data { data: Plaintext { plaintext } } = self.decrypt.parsed(&answer)?;
                decoded(&plaintext)
            }
            400 => Err(KeyServiceError::Mismatch),
            status => Err(self.decrypt.refused(format!("status {status}"))),
        }
    }

    async fn call(&self, address: &Address, body: Vec<u8>) -> Result<Answer, KeyServiceError> {
        let token = (self.token)().map_err(KeyServiceError::Credential)?;
        let token = std::str::from_utf8(&token).map_err(|_| KeyServiceError::Credential("it is not text".into()))?;
        let mut token = reqwest::header::HeaderValue::from_str(token.trim_end())
            .map_err(|_| KeyServiceError::Credential("it cannot stand in a header".into()))?;
        token.set_sensitive(true);
        let mut request = address.post().header("x-vault-token", token).header("content-type", "application/json");
        if let Some(namespace) = &self.namespace {
            request = request.header("x-vault-namespace", namespace);
        }
        let answer = address.send(request.body(body)).await?;
        match answer.status {
            403 => Err(address.refused("status 403, the token or its policy")),
            // A standby, a sealed server, or too many calls.
            status @ (429 | 472 | 473 | 500..=599) => Err(address.busy(status)),
            _ => Ok(answer),
        }
    }
}
