use checkpoint::words;

use super::LogKeeper;
use super::memory::{Broken, Memory, Remembered};
use crate::view::{CheckpointView, ContradictionView, LogVerdict, LogView};

impl LogKeeper {
    /// What the windows show.
    pub(crate) fn view(&self, waiting: &str) -> LogView {
        let (memory, unreadable) = match self.read() {
            Ok(memory) => (memory, None),
            Err(error) => (Memory::default(), Some(error.message)),
        };
        let checkpoints: Vec<CheckpointView> = memory.checkpoints.iter().filter_map(|c| self.show(c)).collect();
        let newest = checkpoints.first();
        let contradiction = memory.broken.as_ref().map(|found| self.two_heads(found, &memory));
        let why = memory.broken.map(|b| b.why).or(unreadable);
        let verdict = match (&why, newest) {
            (Some(_), _) => LogVerdict::Broken,
            (None, Some(_)) if waiting.is_empty() => LogVerdict::Intact,
            _ => LogVerdict::Waiting,
        };
        LogView {
            verdict,
            size: newest.map_or(0, |c| c.size),
            root: newest.map(|c| c.root.clone()).unwrap_or_default(),
            words: newest.map(|c| c.words.clone()).unwrap_or_default(),
            checked_at: memory.checked_at.map(crate::show::seconds),
            detail: why.unwrap_or_else(|| waiting.to_owned()),
            checkpoints,
            witnesses: self.witnesses.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone(),
            contradiction,
        }
    }

    fn two_heads(&self, found: &Broken, memory: &Memory) -> ContradictionView {
        // Cosignatures of others may stand below; the log's own signature is what contradicts.
        let opened = self.verifier.open_cosigned(&found.shown).ok();
        ContradictionView {
            checkpoint: opened.and_then(|(_, note)| self.show(&Remembered { note, at: found.at })),
            shown: found.shown.clone(),
            kept: memory.checkpoints.first().map(|kept| kept.note.clone()).unwrap_or_default(),
        }
    }

    fn show(&self, kept: &Remembered) -> Option<CheckpointView> {
        let checkpoint = self.verifier.open(&kept.note).ok()?;
        Some(CheckpointView {
            size: u32::try_from(checkpoint.size).unwrap_or(u32::MAX),
            root: statement::base64url(checkpoint.root),
            words: words(&checkpoint.root).iter().map(|w| (*w).to_owned()).collect(),
            at: crate::show::seconds(kept.at),
        })
    }
}
