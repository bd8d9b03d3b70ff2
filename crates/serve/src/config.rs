//! What the configurations of the services have in common: a TOML file without unknown keys, whose paths count from its
//! own folder, and trust that can be worked with.

use std::path::{Path, PathBuf};

use domain::Digest;
use serde::de::DeserializeOwned;
use statement::Trust;
use zeroize::Zeroizing;

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{path} cannot be read: {source}")]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{path} is not a {role} configuration: {source}")]
    Malformed { path: PathBuf, role: &'static str, source: Box<toml::de::Error> },
    #[error("{0} is readable by others; take their permissions away (chmod 600)")]
    ReadableByOthers(PathBuf),
    #[error("{0}")]
    Wrong(&'static str),
}

/// The configuration of one service.
pub trait Configuration: DeserializeOwned {
    /// As errors name the service.
    const ROLE: &'static str;

    /// Every path in it.
    fn paths(&mut self) -> Vec<&mut PathBuf>;

    fn base_url(&self) -> &str;

    fn trust(&self) -> &Trust;

    /// What else has to hold.
    ///
    /// # Errors
    /// [`ConfigError::Wrong`].
    fn check(&self) -> Result<(), ConfigError> {
        Ok(())
    }

    /// Reads the file, for a service whose compiled-in policy has this digest.
    ///
    /// # Errors
    /// [`ConfigError`] when it cannot be read, has another form, or contradicts itself.
    fn from_file(path: &Path, policy: &Digest) -> Result<Self, ConfigError> {
        let malformed =
            |source| ConfigError::Malformed { path: path.to_owned(), role: Self::ROLE, source: Box::new(source) };
        let mut config: Self = toml::from_str(&read_text(path)?).map_err(malformed)?;
        let folder = path.parent().unwrap_or(Path::new("."));
        for file in config.paths() {
            *file = folder.join(&*file);
        }
        check_common(&config, policy)?;
        config.check()?;
        Ok(config)
    }
}

fn check_common(config: &impl Configuration, policy: &Digest) -> Result<(), ConfigError> {
    let (base_url, trust) = (config.base_url(), config.trust());
    if !base_url.starts_with("https://") || base_url.ends_with('/') {
        return Err(ConfigError::Wrong("base_url is not an https address without a trailing slash"));
    }
    let first: std::collections::BTreeSet<_> = trust.first_administrators.iter().collect();
    if first.len() < 2 {
        return Err(ConfigError::Wrong("trust.first_administrators names fewer than two keys"));
    }
    if trust.policy != *policy {
        return Err(ConfigError::Wrong("trust.policy is not the digest of the policy of this version"));
    }
    Ok(())
}

/// The bytes of a file.
///
/// # Errors
/// [`ConfigError::Unreadable`].
pub fn read(path: &Path) -> Result<Vec<u8>, ConfigError> {
    std::fs::read(path).map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })
}

/// The text of a file.
///
/// # Errors
/// [`ConfigError::Unreadable`].
pub fn read_text(path: &Path) -> Result<String, ConfigError> {
    std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })
}

/// The bytes of a file that only its owner may read.
///
/// # Errors
/// [`ConfigError::ReadableByOthers`], and as [`read`].
pub fn read_secret(path: &Path) -> Result<Zeroizing<Vec<u8>>, ConfigError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let metadata =
            std::fs::metadata(path).map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
        if metadata.permissions().mode() & 0o077 != 0 {
            return Err(ConfigError::ReadableByOthers(path.to_owned()));
        }
    }
    read(path).map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Scope;
    use serde::{Deserialize, Serialize};
    use statement::{DeviceKey, Limits, sha256};

    #[derive(Debug, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Small {
        base_url: String,
        key: PathBuf,
        trust: Trust,
    }

    impl Configuration for Small {
        const ROLE: &'static str = "small";

        fn paths(&mut self) -> Vec<&mut PathBuf> {
            vec![&mut self.key]
        }

        fn base_url(&self) -> &str {
            &self.base_url
        }

        fn trust(&self) -> &Trust {
            &self.trust
        }
    }

    fn small() -> Small {
        let trust = Trust {
            issuer: "https://id.test".into(),
            client_id: "countersign-desktop".into(),
            person_claim: "employee_id".into(),
            roles_claim: "roles".into(),
            policy_claims: statement::PolicyClaims::default(),
            gateway_id: "gateway.test".into(),
            log_key: "log".into(),
            attestation_key: DeviceKey::generate().expect("key").0.public(),
            first_administrators: vec![sha256("one"), sha256("two")],
            limits: Limits { max_duration_seconds: 3600, max_scope: Scope::Read },
            policy: sha256("policy"),
            waits: statement::Waits::default(),
        };
        Small { base_url: "https://127.0.0.1:1".into(), key: "small.key".into(), trust }
    }

    fn read_back(text: &str) -> Result<Small, ConfigError> {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("small.toml");
        std::fs::write(&path, text).expect("writes");
        let read = Small::from_file(&path, &sha256("policy"))?;
        assert_eq!(read.key, folder.path().join("small.key"));
        Ok(read)
    }

    #[test]
    fn paths_count_from_the_file_s_folder_and_an_unknown_key_is_named() {
        let text = toml::to_string(&small()).expect("toml");
        assert_eq!(read_back(&text).expect("a good file").base_url, "https://127.0.0.1:1");
        let unknown = read_back(&format!("surprise = 1\n{text}")).expect_err("unknown").to_string();
        assert!(unknown.contains("surprise") && unknown.contains("small configuration"), "{unknown}");
        assert!(matches!(Small::from_file(Path::new("/nowhere"), &sha256("")), Err(ConfigError::Unreadable { .. })));
    }

    #[test]
    fn trust_that_cannot_be_worked_with_is_refused() {
        let changes: [(fn(&mut Small), &str); 5] = [
            (|c| c.base_url = "http://127.0.0.1:1".into(), "base_url"),
            (|c| c.base_url.push('/'), "base_url"),
            (|c| c.trust.first_administrators.truncate(1), "first_administrators"),
            (|c| c.trust.first_administrators[1] = sha256("one"), "first_administrators"),
            (|c| c.trust.policy = sha256("another"), "policy"),
        ];
        for (change, names) in changes {
            let mut config = small();
            change(&mut config);
            let error = read_back(&toml::to_string(&config).expect("toml")).expect_err(names).to_string();
            assert!(error.contains(names), "{error}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn ops_09_a_secret_that_others_can_read_is_not_read() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("key");
        std::fs::write(&path, "secret").expect("writes");
        for (mode, good) in [(0o600, true), (0o400, true), (0o640, false), (0o604, false), (0o610, false)] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("permissions");
            assert_eq!(read_secret(&path).is_ok(), good, "{mode:o}");
        }
    }
}
