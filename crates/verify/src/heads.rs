//! The heads of the log that a file shows beside the one that answers for it.

use merkle::verify_consistency;
use wire::event::Receipt;
use wire::evidence::{MOST_HEADS, ShownHead, heads_digest};

use crate::Rejected;
use crate::log::{Entry, Log, hash};
use crate::rejected::require;

const PART: &str = "heads";

/// Each is signed by the log's key and a beginning of the head that answers for the file, and the entry that answers names
/// exactly these notes, with every line that witnesses wrote behind them. Gives the size of each.
pub(crate) fn verify(heads: &[ShownHead], made: &Receipt, entry: &Entry, log: &mut Log) -> Result<Vec<u64>, Rejected> {
    require(heads.len() <= MOST_HEADS, PART, "more than a file shows")?;
    let own = log.opened(&made.checkpoint, PART)?;
    let mut sizes: Vec<u64> = Vec::with_capacity(heads.len());
    for one in heads {
        let head = log.opened(&one.checkpoint, PART)?;
        require(sizes.last().is_none_or(|last| head.size < *last), PART, "not each once, the largest first")?;
        require(head.size <= entry.index, PART, "one is ahead of the entry that answers for this file")?;
        let path = one.consistency.iter().map(hash).collect::<Result<Vec<_>, _>>()?;
        let forked = "the log was forked: a head that the file shows is not of the log that answers for it";
        verify_consistency(head.size, own.size, &path, &head.root, &own.root)
            .map_err(|_| Rejected::new(PART, forked))?;
        log.tie(&head, PART)?;
        sizes.push(head.size);
    }
    let digest = heads_digest(heads.iter().map(|one| one.checkpoint.as_str()));
    require(entry.fact("heads") == Some(digest.as_str()), PART, "not those that the log's entry names")?;
    Ok(sizes)
}
