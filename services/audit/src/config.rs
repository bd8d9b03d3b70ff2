use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use domain::OrgId;
use serde::{Deserialize, Serialize};
use serve::config::{ConfigError, Configuration};
use statement::Trust;

use crate::Error;

/// `audit.toml`. Relative paths are relative to its folder.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub listen: SocketAddr,
    /// As callers address it; no trailing slash.
    pub base_url: String,
    pub certificate: PathBuf,
    pub private_key: PathBuf,
    /// The internal CA.
    pub ca: PathBuf,
    /// One more CA for the issuer's address.
    pub provider_ca: Option<PathBuf>,
    pub database: PathBuf,
    /// 32 bytes: the log's Ed25519 seed.
    pub log_seed: PathBuf,
    /// The log's origin, for example `countersign.test/log`.
    pub log_name: String,
    /// The text of a `recording::IngestSecret`.
    pub ingest_secret: PathBuf,
    /// Who wraps the keys of the Organizations and of the company.
    pub key_service: KeyServiceConfig,
    /// Where segments lie, and the copy of the last head.
    pub objects: PathBuf,
    pub trust: Trust,
    /// A folder with the rules (`*.yml`) that Recordings are held to, in the place of those that are compiled in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finding_rules: Option<PathBuf>,
    /// Who else is shown every head of the log.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub witnesses: Vec<WitnessConfig>,
    /// Whom this service itself tells when an Organization is opened by break-glass.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<ContactConfig>,
}

/// Who wraps the keys. No secret stands here, each lies in a file of its own that is read whenever it is needed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum KeyServiceConfig {
    File {
        /// 32 bytes.
        file: PathBuf,
    },
    /// The transit engine of OpenBao or Vault.
    Transit {
        /// https, or http on this computer, without `/v1`.
        url: String,
        #[serde(default = "mounted_at")]
        mount: String,
        /// The name of a key of an AEAD type, for example `aes256-gcm96`.
        key: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        namespace: Option<String>,
        /// Whoever renews the token replaces this file.
        token: PathBuf,
        /// One more CA for its address.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ca: Option<PathBuf>,
    },
    AwsKms {
        /// For example `https://kms.eu-central-1.amazonaws.com`.
        url: String,
        region: String,
        /// The id or the ARN of a symmetric key.
        key: String,
        /// JSON as a `credential_process` prints it. Whoever renews it replaces this file.
        credentials: PathBuf,
        /// One more CA for its address.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ca: Option<PathBuf>,
    },
}

fn mounted_at() -> String {
    "transit".into()
}

impl KeyServiceConfig {
    fn paths(&mut self) -> Vec<&mut PathBuf> {
        match self {
            Self::File { file } => vec![file],
            Self::Transit { token: credential, ca, .. } | Self::AwsKms { credentials: credential, ca, .. } => {
                std::iter::once(credential).chain(ca).collect()
            }
        }
    }
}

/// An Organization's contact.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContactConfig {
    pub organization: OrgId,
    /// Where a `wire::break_glass::ContactNotice` is posted: https, or http on this computer.
    pub url: String,
    /// One more CA for its address.
    pub ca: Option<PathBuf>,
}

/// A witness after C2SP `tlog-witness`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WitnessConfig {
    /// Its submission prefix; no trailing slash.
    pub url: String,
    /// `name+hash+key` of its Ed25519 cosignature key.
    pub key: String,
    /// One more CA for its address.
    pub ca: Option<PathBuf>,
}

impl Config {
    /// Reads the file; an unknown key is an error.
    ///
    /// # Errors
    /// [`Error::Misconfigured`].
    pub fn read(path: &Path) -> Result<Self, Error> {
        Ok(Self::from_file(path, policy::Policy::compiled_in().digest())?)
    }
}

impl Configuration for Config {
    const ROLE: &'static str = "audit";

    fn paths(&mut self) -> Vec<&mut PathBuf> {
        let mut paths = vec![
            &mut self.certificate,
            &mut self.private_key,
            &mut self.ca,
            &mut self.database,
            &mut self.log_seed,
            &mut self.ingest_secret,
            &mut self.objects,
        ];
        paths.extend(self.key_service.paths());
        paths.extend(self.provider_ca.as_mut());
        paths.extend(self.finding_rules.as_mut());
        paths.extend(self.witnesses.iter_mut().filter_map(|witness| witness.ca.as_mut()));
        paths.extend(self.contacts.iter_mut().filter_map(|contact| contact.ca.as_mut()));
        paths
    }

    fn base_url(&self) -> &str {
        &self.base_url
    }

    fn trust(&self) -> &Trust {
        &self.trust
    }
}

impl From<ConfigError> for Error {
    fn from(error: ConfigError) -> Self {
        Self::Misconfigured(error.to_string())
    }
}
