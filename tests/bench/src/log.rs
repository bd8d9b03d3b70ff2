//! The log: durable entries a second, the time of a proof, and what a desktop takes to verify.

mod append;
mod proof;
mod verify;

use crate::measure::Case;

/// For the log alone, as the service makes its own: it opens no folder that others may enter.
fn private_folder() -> anyhow::Result<tempfile::TempDir> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(tempfile::Builder::new().permissions(std::fs::Permissions::from_mode(0o700)).tempdir()?)
}

pub async fn cases(entries: u64) -> anyhow::Result<Vec<Case>> {
    let mut cases = append::cases().await?;
    cases.extend(proof::cases(entries).await?);
    cases.push(verify::case());
    Ok(cases)
}
