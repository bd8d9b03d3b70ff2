use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use domain::Organization;
use serde::Deserialize;
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
    /// 32 random bytes that seal TOTP secrets.
    pub totp_key: PathBuf,
    /// Base address of the audit service.
    pub audit: String,
    pub organizations: Vec<Organization>,
}

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{path} cannot be read: {source}")]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{path} is not a broker configuration: {source}")]
    Malformed { path: PathBuf, source: Box<toml::de::Error> },
    #[error("{0} is readable by others; take their permissions away (chmod 600)")]
    ReadableByOthers(PathBuf),
    #[error("{0}")]
    Wrong(&'static str),
}

impl Config {
    /// Reads a configuration and makes its paths absolute.
    ///
    /// # Errors
    /// [`ConfigError`] when it cannot be read, has another form, or contradicts itself.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = String::from_utf8(read(path)?).map_err(|_| ConfigError::Wrong("the configuration is not UTF-8"))?;
        let mut config: Self =
            toml::from_str(&text).map_err(|e| ConfigError::Malformed { path: path.to_owned(), source: Box::new(e) })?;
        let folder = path.parent().unwrap_or(Path::new("."));
        for file in [
            &mut config.certificate,
            &mut config.private_key,
            &mut config.ca,
            &mut config.database,
            &mut config.attestation_key,
            &mut config.totp_key,
        ] {
            *file = folder.join(&*file);
        }
        config.provider_ca = config.provider_ca.map(|file| folder.join(file));
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), ConfigError> {
        if !self.base_url.starts_with("https://") || self.base_url.ends_with('/') {
            return Err(ConfigError::Wrong("base_url is not an https address without a trailing slash"));
        }
        if self.trust.first_administrators.len() < 2 {
            return Err(ConfigError::Wrong("trust.first_administrators names fewer than two keys"));
        }
        if self.trust.policy != *policy::Policy::compiled_in().digest() {
            return Err(ConfigError::Wrong("trust.policy is not the digest of the policy of this version"));
        }
        let mut ids: Vec<_> = self.organizations.iter().map(|o| &o.id).collect();
        ids.sort_unstable();
        ids.dedup();
        if ids.len() != self.organizations.len() {
            return Err(ConfigError::Wrong("an Organization stands twice"));
        }
        Ok(())
    }
}

/// The bytes of a file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, ConfigError> {
    std::fs::read(path).map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })
}

/// The bytes of a file that only its owner may read.
pub(crate) fn read_secret(path: &Path) -> Result<zeroize::Zeroizing<Vec<u8>>, ConfigError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let metadata =
            std::fs::metadata(path).map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
        if metadata.permissions().mode() & 0o077 != 0 {
            return Err(ConfigError::ReadableByOthers(path.to_owned()));
        }
    }
    read(path).map(zeroize::Zeroizing::new)
}
