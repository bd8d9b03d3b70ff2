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
    /// 32 bytes that wrap every other key.
    pub key_file: PathBuf,
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
            &mut self.key_file,
            &mut self.objects,
        ];
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
