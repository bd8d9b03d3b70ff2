use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
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
}

impl Config {
    /// Reads the file; an unknown key is an error.
    ///
    /// # Errors
    /// [`Error::Misconfigured`].
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text =
            std::fs::read_to_string(path).map_err(|e| Error::Misconfigured(format!("{}: {e}", path.display())))?;
        let mut config: Self =
            toml::from_str(&text).map_err(|e| Error::Misconfigured(format!("{}: {e}", path.display())))?;
        let folder = path.parent().unwrap_or(Path::new("."));
        let paths = [
            &mut config.certificate,
            &mut config.private_key,
            &mut config.ca,
            &mut config.database,
            &mut config.log_seed,
            &mut config.ingest_secret,
            &mut config.key_file,
            &mut config.objects,
        ];
        for path in paths.into_iter().chain(config.provider_ca.as_mut()) {
            *path = folder.join(&*path);
        }
        Ok(config)
    }
}
