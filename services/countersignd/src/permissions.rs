//! Nothing starts on files that somebody else could have written, or secrets that somebody else could have read.

mod group;
mod guard;
#[cfg(test)]
mod tests;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use toml::{Table, Value};

use guard::{Guard, Readers};

/// Keys of the configurations whose value is the path of a secret file.
const SECRET_FILES: [&str; 7] =
    ["private_key", "attestation_key", "totp_key", "assertion_key", "masking_key", "log_seed", "ingest_secret"];
/// Those in the table `key_service`.
const KEY_SERVICE_SECRETS: [&str; 3] = ["file", "token", "credentials"];
/// Those whose file everybody may read, and that must be there.
const PUBLIC_FILES: [&str; 4] = ["certificate", "ca", "provider_ca", "targets"];
/// Those that the role makes by itself when they are missing.
const STORES: [&str; 3] = ["database", "spool", "objects"];
/// What SQLite and the service keep beside a database.
const BESIDE_DATABASE: [&str; 2] = ["-wal", "-shm"];

/// Holds a role's configuration, every file that it names and every folder above them to their owner.
///
/// # Errors
/// A sentence that names the file and says what to do.
pub fn check(config: &Path) -> anyhow::Result<()> {
    role(&Guard::of_this_process()?, config)
}

fn role(guard: &Guard, config: &Path) -> anyhow::Result<()> {
    guard.file(config, Readers::Anybody)?;
    let folder = config.parent().unwrap_or(Path::new("."));
    let table = read_table(config)?;
    let named = |key: &str| table.get(key).and_then(Value::as_str).map(|path| folder.join(path));
    for path in SECRET_FILES.into_iter().filter_map(named) {
        guard.file(&path, Readers::Owner)?;
    }
    for path in PUBLIC_FILES.into_iter().filter_map(named) {
        guard.file(&path, Readers::Anybody)?;
    }
    let of_key_service = |key: &str| table.get("key_service")?.get(key)?.as_str().map(|path| folder.join(path));
    for path in KEY_SERVICE_SECRETS.into_iter().filter_map(of_key_service) {
        guard.file(&path, Readers::Owner)?;
    }
    if let Some(path) = of_key_service("ca") {
        guard.file(&path, Readers::Anybody)?;
    }
    if let Some(targets) = named("targets") {
        for path in upstream_cas(&targets)? {
            guard.file(&path, Readers::Anybody)?;
        }
    }
    for path in STORES.into_iter().filter_map(named).flat_map(with_what_lies_beside) {
        guard.store(&path)?;
    }
    Ok(())
}

/// Holds the folder of a whole installation and what is handed out from it to their owner.
///
/// # Errors
/// As [`check`].
pub fn check_installation(dir: &Path) -> anyhow::Result<()> {
    installation(&Guard::of_this_process()?, dir)
}

fn installation(guard: &Guard, dir: &Path) -> anyhow::Result<()> {
    for name in ["join.json", "trust.json", "ca/ca.pem"] {
        guard.file_if_there(&dir.join(name), Readers::Anybody)?;
    }
    guard.file_if_there(&dir.join("ca/ca.key"), Readers::Owner)
}

fn read_table(path: &Path) -> anyhow::Result<Table> {
    let text = fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    text.parse().with_context(|| format!("{} is not TOML; correct the line named below", path.display()))
}

/// The authorities that `targets.toml` names: whoever changes one decides what the gateway takes for the service.
fn upstream_cas(targets: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let folder = targets.parent().unwrap_or(Path::new("."));
    let table = read_table(targets)?;
    let all = table.get("targets").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let named = all.iter().filter_map(|target| target.get("upstream_ca")?.as_str());
    Ok(named.map(|path| folder.join(path)).collect())
}

fn with_what_lies_beside(store: PathBuf) -> Vec<PathBuf> {
    let beside = BESIDE_DATABASE.map(|end| {
        let mut name = store.clone().into_os_string();
        name.push(end);
        PathBuf::from(name)
    });
    let proofs = store.with_extension("proofs");
    [vec![store, proofs], beside.to_vec()].concat()
}
