//! The end of a Recording: what is there becomes a manifest, its digest a leaf. What is missing is named.

use domain::SessionId;
use recording::Manifest;
use serve::ProblemResponse;
use wire::audit::EndRecording;
use wire::event::{Append, Event, EventKind, Receipt};

use crate::activity;
use crate::audit::Audit;
use crate::error::StoreError;
use crate::problem;
use crate::sequencer::{Command, NewSeal};
use crate::store::{Seal, SessionRow};

/// More batches than ever came are believed up to here.
const MAX_MISSING: u64 = 10_000;
/// Times that sealing starts again because a batch came in between.
const TRIES: usize = 5;

impl Audit {
    /// How the Recording was sealed, held to what the log says of it.
    pub(crate) async fn seal(&self, session: &SessionId) -> Result<Option<Seal>, StoreError> {
        let Some(seal) = self.reader.seal(session).await? else { return Ok(None) };
        let wrong = || StoreError::damaged(format!("the manifest of {session} is not the log's"));
        let leaf = self.reader.leaf(seal.index).await?.ok_or_else(wrong)?;
        let event: Event = serde_json::from_str(&leaf).map_err(|_| wrong())?;
        let digest = seal.manifest.digest()?.to_string();
        let right = event.session.as_ref() == Some(session) && event.facts.get("manifest") == Some(&digest);
        if right { Ok(Some(seal)) } else { Err(wrong()) }
    }

    /// The numbers below the last batch that never came.
    pub(crate) async fn missing_batches(&self, session: &SessionId) -> Result<Vec<u64>, ProblemResponse> {
        let numbers = self.reader.batch_numbers(session).await?;
        Ok(missing(&numbers, 0))
    }

    /// Seals the Recording. Once it is sealed, asking again gives the same entry's receipt.
    pub(crate) async fn end(&self, session: &SessionId, end: &EndRecording) -> Result<Receipt, ProblemResponse> {
        for _ in 0..TRIES {
            let row = self.reader.session(session).await?.ok_or_else(problem::no_session)?;
            if let Some(seal) = self.seal(session).await? {
                return self.receipt(seal.index).await;
            }
            match self.try_to_end(&row, end).await {
                Err(problem) if problem.code() == problem::folded_already().code() => {}
                result => return result,
            }
        }
        Err(problem::folded_already())
    }

    async fn try_to_end(&self, row: &SessionRow, end: &EndRecording) -> Result<Receipt, ProblemResponse> {
        self.fold(row, true).await?;
        let numbers = self.reader.batch_numbers(&row.session).await?;
        if end.batches > numbers.last().map_or(0, |n| n.saturating_add(1)).saturating_add(MAX_MISSING) {
            return Err(problem::malformed("The Recording would lack more batches than a Session makes."));
        }
        let row = self.reader.session(&row.session).await?.ok_or_else(problem::no_session)?;
        let segments = self.reader.segments(&row.session).await?;
        let manifest = Manifest {
            session: row.session.clone(),
            frames: segments.iter().map(|s| s.frames).sum(),
            segments,
            exchanges: row.exchanges,
            missing_batches: missing(&numbers, end.batches),
        };
        let event = |kind| Append::new(kind).organization(&row.organization).session(&row.session);
        let sealed = event(EventKind::RecordingSealed)
            .fact("manifest", manifest.digest().map_err(StoreError::Seal)?.to_string())
            .fact("reason", &end.reason)
            .fact("frames", manifest.frames.to_string())
            .fact("exchanges", manifest.exchanges.to_string())
            .fact("writes", row.writes.to_string())
            .fact("refused", row.refused.to_string())
            .fact("activity", activity::shown(&row.activity))
            .fact("missing-batches", manifest.missing_batches.len().to_string());
        let sealed = match self.reader.originals_digest(&row.session).await? {
            Some(digest) => sealed.fact("originals", digest.as_str()),
            None => sealed,
        };
        let gap = (!manifest.missing_batches.is_empty())
            .then(|| event(EventKind::RecordingGap).fact("batches", in_words(&manifest.missing_batches)));
        let seal = NewSeal {
            organization: row.organization.clone(),
            manifest,
            batches: numbers.len() as u64,
            // The gateway says when; no Session ends before it began or after its time.
            ended_at: end.ended_at.max(row.opened_at).min(row.last_end()),
            reason: end.reason.clone(),
            event: sealed,
            gap,
        };
        self.writer.perform(Command::Seal(Box::new(seal))).await?.receipt()
    }
}

/// `numbers` is in order.
fn missing(numbers: &[u64], said: u64) -> Vec<u64> {
    let end = numbers.last().map_or(0, |n| n + 1).max(said);
    let mut came = numbers.iter().peekable();
    (0..end).filter(|n| came.next_if_eq(&n).is_none()).collect()
}

/// `3, 5-7` and so on, as much as a fact holds.
fn in_words(numbers: &[u64]) -> String {
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    for n in numbers {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == *n => *last = *n,
            _ => ranges.push((*n, *n)),
        }
    }
    let words = ranges.iter().map(|(a, b)| if a == b { a.to_string() } else { format!("{a}-{b}") });
    let mut text: String = words.collect::<Vec<_>>().join(", ");
    if text.len() > 900 {
        text.truncate(900);
        text.push_str(" and more");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_never_came_is_named() {
        assert_eq!(missing(&[0, 1, 3, 7], 9), [2, 4, 5, 6, 8]);
        assert_eq!(missing(&[], 2), [0, 1]);
        assert_eq!(missing(&[0, 1], 0), [0_u64; 0]);
        assert_eq!(in_words(&[2, 4, 5, 6, 8]), "2, 4-6, 8");
        assert!(in_words(&(0..1000).map(|n| n * 2).collect::<Vec<_>>()).len() < 1000);
    }
}
