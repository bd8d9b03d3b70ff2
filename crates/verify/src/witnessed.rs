//! What witnesses whose keys the trust file pins say about the heads of a file.

use std::collections::BTreeMap;

use checkpoint::{NoteError, WitnessVerifier};
use domain::UnixSeconds;
use wire::evidence::ShownHead;
use wire::join::TrustFile;

use crate::Rejected;
use crate::log::Log;
use crate::rejected::require;
use crate::report::time;

const PART: &str = "witnesses";

/// What a pinned witness saw of the log that this file is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) name: String,
    pub(crate) size: u64,
    pub(crate) at: UnixSeconds,
}

/// The largest of these heads, each beside its size, that each pinned witness cosigned; one key counts once, under whatever
/// names. Lines of other keys say nothing to this reader: the log's entry answers for their bytes, and nobody for what they mean.
pub(crate) fn verify(heads: &[ShownHead], sizes: &[u64], trust: &TrustFile) -> Result<Vec<Seen>, Rejected> {
    let pinned = trust
        .witnesses
        .iter()
        .map(|key| WitnessVerifier::parse(key).map_err(|e| Rejected::new("trust file", format!("a witness: {e}"))))
        .collect::<Result<Vec<_>, _>>()?;
    let mut seen: BTreeMap<[u8; 32], Seen> = BTreeMap::new();
    for (one, &size) in heads.iter().zip(sizes) {
        for witness in &pinned {
            let at = match witness.cosigned(&one.checkpoint) {
                Ok(cosignature) => UnixSeconds::try_from(cosignature.at).unwrap_or(UnixSeconds::MAX),
                Err(NoteError::NotSigned) => continue,
                Err(error) => return Err(Rejected::new(PART, format!("{}: {error}", witness.name()))),
            };
            let known = seen.get(witness.public()).map_or(0, |seen| seen.size);
            if size >= known {
                seen.insert(*witness.public(), Seen { name: witness.name().to_owned(), size, at });
            }
        }
    }
    Ok(seen.into_values().collect())
}

/// As many as the trust file asks for saw all that the file rests on.
pub(crate) fn check_quorum(seen: &[Seen], trust: &TrustFile, log: &Log) -> Result<(), Rejected> {
    let saw_all = seen.iter().filter(|seen| log.is_within(seen.size)).count();
    let asked = trust.quorum as usize;
    require(
        saw_all >= asked,
        PART,
        &format!(
            "{saw_all} of the pinned ones saw everything that this file rests on; the trust file asks for {asked}"
        ),
    )
}

/// Which witnesses saw this log, in words: what is proven, and what is not.
pub(crate) fn sentences(seen: &[Seen], log: &Log) -> (Vec<String>, Vec<String>) {
    let proven = seen.iter().map(|Seen { name, size, at }| {
        let reach = if log.is_within(*size) {
            "everything that this file rests on is among them"
        } else {
            "some of what this file rests on came later"
        };
        format!("The pinned witness “{name}” saw this very log with {size} entries at {}: {reach}.", time(*at))
    });
    let not_proven = if seen.is_empty() {
        "That everybody is shown the same log: no pinned witness signed its Checkpoint."
    } else {
        "That everybody is shown the same log: only these witnesses are known to have seen this one."
    };
    (proven.collect(), vec![not_proven.to_owned()])
}
