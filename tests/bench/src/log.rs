//! The log: durable entries a second, the time of a proof, and what a desktop takes to verify.

mod append;
mod https;
mod postgres;
mod proof;
mod service;
mod verify;

use crate::measure::Case;

/// For the log alone, as the service makes its own: it opens no folder that others may enter.
pub fn private_folder() -> anyhow::Result<tempfile::TempDir> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(tempfile::Builder::new().permissions(std::fs::Permissions::from_mode(0o700)).tempdir()?)
}

/// Those whose names may begin like `only`.
pub async fn cases(entries: u64, only: &str) -> anyhow::Result<Vec<Case>> {
    let wanted = |names: &str| names.starts_with(only) || only.starts_with(names);
    let mut cases = Vec::new();
    if wanted("append/") && !only.starts_with("append/h") {
        cases.extend(append::cases().await?);
    }
    if wanted("append/https-") {
        cases.extend(https::cases().await?);
    }
    if wanted("proof/") {
        cases.extend(proof::cases(entries).await?);
    }
    if wanted("verify/") {
        cases.push(verify::case());
    }
    Ok(cases)
}
