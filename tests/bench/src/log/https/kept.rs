use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use checkpoint::Checkpoint;
use domain::Digest;
use merkle::Hash;
use statement::base64url_decode;
use wire::event::Receipt;

use super::{LATE, Service};

/// What was acknowledged, and how late.
#[derive(Default)]
pub struct Kept {
    receipts: Vec<Receipt>,
    slowest: Duration,
}

impl Kept {
    pub fn add(&mut self, receipts: Vec<(Receipt, Duration)>) -> anyhow::Result<()> {
        for (receipt, after) in receipts {
            anyhow::ensure!(after <= LATE, "an acknowledgement came after {after:?}");
            self.slowest = self.slowest.max(after);
            self.receipts.push(receipt);
        }
        Ok(())
    }

    /// Holds the log of now to every receipt: each entry has a place of its own, stands under the head that its receipt bears,
    /// each such head is the beginning of the log, and there is nothing else in it.
    pub async fn check(&self, service: &Service) -> anyhow::Result<()> {
        let (log, verifier) = (service.log()?, service.verifier()?);
        let now = verifier.open(&log.checkpoint().await?)?;
        let places: BTreeSet<u64> = self.receipts.iter().map(|receipt| receipt.index).collect();
        // The first entry is the service's own: the log was started.
        let all = (1..now.size).eq(places.iter().copied()) && places.len() == self.receipts.len();
        anyhow::ensure!(all, "{} were acknowledged, and the log has {}", self.receipts.len(), now.size - 1);
        let mut heads: BTreeMap<u64, Checkpoint> = BTreeMap::new();
        for receipt in &self.receipts {
            let head = verifier.open(&receipt.checkpoint)?;
            let leaf = merkle::leaf_hash(receipt.leaf.as_bytes());
            merkle::verify_inclusion(receipt.index, head.size, &leaf, &hashes(&receipt.inclusion)?, &head.root)?;
            let other = heads.insert(head.size, head.clone()).filter(|other| other.root != head.root);
            anyhow::ensure!(other.is_none(), "two heads of size {}", head.size);
        }
        for head in heads.values() {
            let path = log.consistency(head.size, now.size).await?.path;
            merkle::verify_consistency(head.size, now.size, &hashes(&path)?, &head.root, &now.root)?;
        }
        let (count, slowest) = (self.receipts.len(), self.slowest);
        println!(
            "all {count} entries over HTTPS are in the log; the slowest was acknowledged after {slowest:.1?} of {LATE:?}"
        );
        Ok(())
    }
}

fn hashes(path: &[Digest]) -> anyhow::Result<Vec<Hash>> {
    let hash = |digest: &Digest| base64url_decode(digest.as_str()).ok()?.try_into().ok();
    let hashes: Option<Vec<Hash>> = path.iter().map(hash).collect();
    hashes.ok_or_else(|| anyhow::anyhow!("a path holds something that is no hash"))
}
