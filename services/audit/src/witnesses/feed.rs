use std::sync::{Arc, Weak};
use std::time::Duration;

use checkpoint::Submission;
use domain::UnixSeconds;
use merkle::Hash;
use tokio::time::Instant;
use wire::audit::WitnessTrouble;
use wire::event::{Append, EventKind};

use super::Outside;
use super::ask::{Answered, add_checkpoint};
use crate::audit::Audit;
use crate::error::StoreError;
use crate::sequencer::{Command, Head, NewCosignature};

/// Between two calls of one witness, however fast the log grows.
const BETWEEN: Duration = if cfg!(test) { Duration::from_millis(10) } else { Duration::from_secs(1) };
/// After a call that came to nothing, twice as long each time.
const FIRST_PAUSE: Duration = if cfg!(test) { Duration::from_millis(20) } else { Duration::from_secs(2) };
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// Shows one witness each new head, the newest when several came meanwhile; ends with the service.
pub(crate) async fn feed(audit: Weak<Audit>, outside: Arc<Outside>) {
    let Some(mut heads) = audit.upgrade().map(|audit| audit.writer.heads()) else { return };
    let mut pause = FIRST_PAUSE;
    loop {
        let head = heads.borrow_and_update().clone();
        if head.size > 0 && show(&audit, &outside, &head).await.is_none() {
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
            if audit.strong_count() == 0 {
                return;
            }
            continue;
        }
        pause = FIRST_PAUSE;
        tokio::time::sleep(BETWEEN).await;
        if heads.changed().await.is_err() {
            return;
        }
    }
}

/// `None` when the witness did not cosign this head. The service is held while it is asked something only, never while
/// the witness takes its time.
async fn show(audit: &Weak<Audit>, outside: &Outside, head: &Head) -> Option<()> {
    let mut old = outside.standing().size;
    // A second time with the size that the witness names, and no third.
    for again in [true, false] {
        let proof = proof(&*audit.upgrade()?, old, head).await.ok()?;
        let asked = Submission { old_size: old, proof, note: head.note.clone() };
        match add_checkpoint(&outside.http, &outside.url, &asked).await {
            Answered::Lines(lines) => return keep(&*audit.upgrade()?, outside, head, &lines).await,
            Answered::OldSize(size) if size > head.size => {
                // A head that came meanwhile may have been shown by an earlier run of this service: its log knows.
                let audit = audit.upgrade()?;
                if size > audit.writer.head().size {
                    audit.contradicted(outside, WitnessTrouble::Ahead { size }, head).await;
                } else {
                    outside.saw(size);
                }
                return None;
            }
            Answered::OldSize(size) if again && size != old => {
                old = size;
                outside.saw(size);
            }
            Answered::OldSize(_) | Answered::NotConsistent => {
                let audit = audit.upgrade()?;
                audit.contradicted(outside, WitnessTrouble::NotConsistent, head).await;
                return None;
            }
            Answered::Refused(status) => {
                tracing::warn!(witness = outside.name(), status, "a witness refused a head");
                outside.is_in(WitnessTrouble::Refused { status });
                return None;
            }
            Answered::Unreachable => {
                outside.is_in(WitnessTrouble::Unreachable);
                return None;
            }
        }
    }
    None
}

async fn proof(audit: &Audit, old: u64, head: &Head) -> Result<Vec<Hash>, StoreError> {
    if old == 0 || old >= head.size {
        return Ok(Vec::new());
    }
    audit.reader.tree.consistency(&mut *audit.reader.connection().await?, old, head.size).await
}

/// Keeps the witness's own line, when it is one.
async fn keep(audit: &Audit, outside: &Outside, head: &Head, lines: &str) -> Option<()> {
    let Ok(cosignature) = outside.verifier.cosigned(&format!("{}{lines}", head.note)) else {
        tracing::warn!(witness = outside.name(), "a witness answered with no cosignature of its key");
        outside.is_in(WitnessTrouble::NoCosignature);
        return None;
    };
    let new = NewCosignature {
        witness: outside.name().to_owned(),
        verifier_key: outside.verifier.verifier_key(),
        size: head.size,
        note: format!("{}{}", head.note, cosignature.line),
        at: UnixSeconds::try_from(cosignature.at).unwrap_or(UnixSeconds::MAX),
        bound: None,
    };
    audit.writer.perform(Command::Cosign(Box::new(new))).await.ok()?;
    outside.cosigned(head.size);
    Some(())
}

impl Audit {
    /// Said aloud once: in the service's own log, in the log of Events, and to every desktop that asks.
    async fn contradicted(&self, outside: &Outside, trouble: WitnessTrouble, head: &Head) {
        if !outside.is_in(trouble) {
            return;
        }
        let (code, seen) = match trouble {
            WitnessTrouble::Ahead { size } => ("ahead", size),
            _ => ("not-consistent", outside.standing().size),
        };
        tracing::error!(witness = outside.name(), code, seen, size = head.size, "a witness saw another log");
        let event = Append::new(EventKind::WitnessContradicts)
            .fact("witness", outside.name())
            .fact("code", code)
            .fact("seen", seen.to_string())
            .fact("size", head.size.to_string());
        if let Err(problem) = self.note(event).await {
            tracing::error!(code = problem.code(), "that a witness saw another log is not written down");
        }
    }
}

/// Waits until every witness outside has cosigned a head that holds this entry, though not for long.
pub(crate) async fn wait_for(audit: &Audit, index: u64, patience: Duration) {
    let until = Instant::now() + patience;
    let waits = |one: &Arc<Outside>| {
        let standing = one.standing();
        standing.size <= index && standing.trouble.is_none()
    };
    while audit.witnesses.iter().any(waits) && Instant::now() < until {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
