use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use domain::Organization;
use serde::Deserialize;
pub use serve::config::ConfigError;
use serve::config::Configuration;
pub(crate) use serve::config::{read, read_secret};
use statement::Trust;

/// `broker.toml`. Paths in it are relative to its own folder.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub listen: SocketAddr,
    /// What desktops call, as their proofs of possession name it: no trailing slash.
    pub base_url: String,
    /// PEM; serves TLS and calls the audit service.
    pub certificate: PathBuf,
    /// PEM.
    pub private_key: PathBuf,
    /// PEM of the internal CA.
    pub ca: PathBuf,
    /// PEM of a private CA that the identity provider's certificate comes from, where it has one.
    pub provider_ca: Option<PathBuf>,
    pub trust: Trust,
    pub database: PathBuf,
    /// PKCS#8 of the key that `trust.attestation_key` is the public half of.
    pub attestation_key: PathBuf,
    /// 32 random bytes that seal TOTP secrets, and that the key of the personal fields is derived from.
    pub totp_key: PathBuf,
    /// Base address of the audit service.
    pub audit: String,
    pub organizations: Vec<Organization>,
}

impl Config {
    /// Reads a configuration and makes its paths absolute.
    ///
    /// # Errors
    /// [`ConfigError`] when it cannot be read, has another form, or contradicts itself.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        Self::from_file(path, policy::Policy::compiled_in().digest())
    }
}

impl Configuration for Config {
    const ROLE: &'static str = "broker";

    fn paths(&mut self) -> Vec<&mut PathBuf> {
        let mut paths = vec![
            &mut self.certificate,
            &mut self.private_key,
            &mut self.ca,
            &mut self.database,
            &mut self.attestation_key,
            &mut self.totp_key,
        ];
        paths.extend(self.provider_ca.as_mut());
        paths
    }

    fn base_url(&self) -> &str {
        &self.base_url
    }

    fn trust(&self) -> &Trust {
        &self.trust
    }

    fn check(&self) -> Result<(), ConfigError> {
        let mut ids: Vec<_> = self.organizations.iter().map(|o| &o.id).collect();
        ids.sort_unstable();
        ids.dedup();
        if ids.len() != self.organizations.len() {
            return Err(ConfigError::Wrong("an Organization stands twice"));
        }
        Ok(())
    }
}
