use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use anyhow::{Context as _, bail};

/// Keys of the configurations whose value is the path of a secret file.
const SECRET_FILES: [&str; 7] =
    ["private_key", "attestation_key", "totp_key", "assertion_key", "log_seed", "ingest_secret", "key_file"];

/// Refuses a configuration that others may change, and secret files that others may read.
///
/// # Errors
/// A sentence that names the file and says what to do.
pub fn check(config: &Path) -> anyhow::Result<()> {
    if mode(config)? & 0o022 != 0 {
        bail!("{} can be changed by other users; run: chmod 600 {}", config.display(), config.display());
    }
    let text = fs::read_to_string(config).with_context(|| format!("{} cannot be read", config.display()))?;
    let table: toml::Table =
        text.parse().with_context(|| format!("{} is not TOML; correct the line named below", config.display()))?;
    let folder = config.parent().unwrap_or(Path::new("."));
    for key in SECRET_FILES {
        let Some(path) = table.get(key).and_then(toml::Value::as_str) else { continue };
        let path = folder.join(path);
        if mode(&path)? & 0o077 != 0 {
            bail!(
                "the secret file {} can be read by other users; run: chmod 600 {} (and, if others may have read it, make a new one)",
                path.display(),
                path.display()
            );
        }
    }
    Ok(())
}

fn mode(path: &Path) -> anyhow::Result<u32> {
    let metadata = fs::metadata(path)
        .with_context(|| format!("{} is not there; run `countersignd init`, or correct the path", path.display()))?;
    Ok(metadata.permissions().mode())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str, key_mode: u32, config_mode: u32) -> std::path::PathBuf {
        let folder = std::env::temp_dir().join(format!("countersignd-permissions-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let config = folder.join("broker.toml");
        fs::write(folder.join("tls.key"), "secret").unwrap();
        fs::write(&config, "private_key = \"tls.key\"\n").unwrap();
        fs::set_permissions(folder.join("tls.key"), fs::Permissions::from_mode(key_mode)).unwrap();
        fs::set_permissions(&config, fs::Permissions::from_mode(config_mode)).unwrap();
        config
    }

    #[test]
    fn a_secret_that_others_read_is_refused_with_what_to_do() {
        assert!(check(&folder("good", 0o600, 0o644)).is_ok());
        for (name, mode) in [("world", 0o604), ("group", 0o640)] {
            let error = check(&folder(name, mode, 0o600)).unwrap_err().to_string();
            assert!(error.contains("chmod 600"), "{error}");
        }
    }

    #[test]
    fn a_configuration_that_others_change_is_refused() {
        let error = check(&folder("config", 0o600, 0o666)).unwrap_err().to_string();
        assert!(error.contains("can be changed by other users"), "{error}");
    }

    #[test]
    fn a_missing_secret_is_refused() {
        let config = folder("missing", 0o600, 0o600);
        fs::remove_file(config.with_file_name("tls.key")).unwrap();
        assert!(check(&config).unwrap_err().to_string().contains("is not there"));
    }
}
