use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use statement::Trust;

use crate::Error;

/// `gateway.toml`. Paths in the file are relative to its folder.
#[derive(Debug, Clone, Deserialize)]
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
        let path = path.as_ref();
        let text = read_text(path)?;
        let mut config: Self = toml::from_str(&text).map_err(|e| Error::Config(format!("{}: {e}", path.display())))?;
        let folder = path.parent().unwrap_or(Path::new("."));
        let own = [
            &mut config.certificate,
            &mut config.private_key,
            &mut config.ca,
            &mut config.assertion_key,
            &mut config.spool,
            &mut config.targets,
        ];
        for file in own.into_iter().chain(config.provider_ca.as_mut()) {
            *file = folder.join(&*file);
        }
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), Error> {
        let wrong = |what: &str| Err(Error::Config(what.into()));
        if self.trust.first_administrators.len() < 2 {
            return wrong("trust names fewer than two first administrators");
        }
        if self.trust.policy != *policy::Policy::compiled_in().digest() {
            return wrong("trust.policy is not the digest of the policy of this version");
        }
        if self.host.is_empty() {
            return wrong("host names no name of this gateway");
        }
        Ok(())
    }
}

/// A file's text.
pub(crate) fn read_text(path: &Path) -> Result<String, Error> {
    std::fs::read_to_string(path).map_err(|e| Error::Config(format!("{}: {e}", path.display())))
}

/// A secret file's bytes; one that others can read is refused.
pub(crate) fn read_secret(path: &Path) -> Result<Vec<u8>, Error> {
    let named = |e: std::io::Error| Error::Config(format!("{}: {e}", path.display()));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(path).map_err(named)?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(Error::Config(format!("{} can be read by others: make it 0600", path.display())));
        }
    }
    std::fs::read(path).map_err(named)
}
