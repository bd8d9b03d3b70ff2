//! The log: durable entries a second, the time of a proof, and what a desktop takes to verify.

mod append;
mod proof;
mod verify;

use crate::measure::Case;

pub async fn cases(entries: u64) -> anyhow::Result<Vec<Case>> {
    let mut cases = append::cases().await?;
    cases.extend(proof::cases(entries).await?);
    cases.push(verify::case());
    Ok(cases)
}
