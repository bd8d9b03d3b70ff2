use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serve::config::{ConfigError, Configuration};
pub(crate) use serve::config::{read_secret, read_text};
use statement::Trust;

use crate::Error;

/// `gateway.toml`. Paths in the file are relative to its folder.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub listen: SocketAddr,
    /// Where desktops reach it, no trailing slash.
    pub base_url: String,
    /// Its certificate, as a TLS server and towards the other services, PEM.
    pub certificate: PathBuf,
    /// PEM, 0600.
    pub private_key: PathBuf,
    /// The internal CA, PEM.
    pub ca: PathBuf,
    /// One more CA that the issuer's certificate may come from, PEM.
    pub provider_ca: Option<PathBuf>,
    pub audit: String,
    pub broker: String,
    /// The audit service's public key for frames, base64url.
    pub ingest_key: String,
    /// PKCS#8 of the key that signs assertions, 0600.
    pub assertion_key: PathBuf,
    /// 32 bytes, 0600, from which each Organization's masking key is derived. Needed once a target has rules for masking.
    pub masking_key: Option<PathBuf>,
    /// Folder of sealed batches that wait for the audit service.
    pub spool: PathBuf,
    /// `targets.toml`.
    pub targets: PathBuf,
    /// Its own names, as they stand in `Host`.
    pub host: Vec<String>,
    pub trust: Trust,
}

impl Config {
    /// Reads the file.
    ///
    /// # Errors
    /// [`Error::Config`] saying what is wrong in it.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Error> {
        let mut config = Self::from_file(path.as_ref(), policy::Policy::compiled_in().digest())?;
        // They are compared with a `Host` in lower case.
        config.host.iter_mut().for_each(|host| host.make_ascii_lowercase());
        Ok(config)
    }
}

impl Configuration for Config {
    const ROLE: &'static str = "gateway";

    fn paths(&mut self) -> Vec<&mut PathBuf> {
        let mut paths = vec![
            &mut self.certificate,
            &mut self.private_key,
            &mut self.ca,
            &mut self.assertion_key,
            &mut self.spool,
            &mut self.targets,
        ];
        paths.extend(self.provider_ca.as_mut().into_iter().chain(&mut self.masking_key));
        paths
    }

    fn base_url(&self) -> &str {
        &self.base_url
    }

    fn trust(&self) -> &Trust {
        &self.trust
    }

    fn check(&self) -> Result<(), ConfigError> {
        if self.host.is_empty() {
            return Err(ConfigError::Wrong("host names no name of this gateway"));
        }
        Ok(())
    }
}

impl From<ConfigError> for Error {
    fn from(error: ConfigError) -> Self {
        Self::Config(error.to_string())
    }
}
