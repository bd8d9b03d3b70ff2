use std::sync::Arc;
use std::time::Instant;

use audit::measure::AuditLog;
use domain::SystemClock;

use super::private_folder;
use crate::measure::{Case, RUNS};

const PROOFS: usize = 2_000;

/// Inclusion proofs spread over a log, beside reading one indexed row of the same table through the same driver.
pub async fn cases(entries: u64) -> anyhow::Result<Vec<Case>> {
    let mut cases = Vec::new();
    for size in [entries / 10, entries] {
        let folder = private_folder()?;
        let log = AuditLog::open(folder.path(), Arc::new(SystemClock)).await?;
        log.fill(size).await?;
        let mut times = Vec::new();
        for run in 0..RUNS {
            let places: Vec<u64> = (0..PROOFS).map(|n| spread(run * PROOFS + n, size)).collect();
            let start = Instant::now();
            for index in &places {
                log.prove(*index, size).await?;
            }
            let ours = start.elapsed();
            let start = Instant::now();
            for index in &places {
                log.row(*index).await?;
            }
            times.push((ours, start.elapsed()));
        }
        cases.push(Case::micros(&format!("proof/{size}"), "one indexed row", PROOFS, &times));
    }
    Ok(cases)
}

/// The same places each time, none beside the one before.
fn spread(n: usize, size: u64) -> u64 {
    (n as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) % size
}
