use std::collections::{BTreeMap, BTreeSet};

use checkpoint::WitnessVerifier;
use serve::ProblemResponse;
use wire::audit::{DeviceWitness, OutsideWitness, Witnesses};
use wire::evidence::ShownHead;

use super::MOST_LINES;
use crate::audit::Audit;
use crate::chain;
use crate::error::StoreError;
use crate::sequencer::Head;
use crate::store::{self, CosignedRow};

/// Witnesses in one answer.
const MOST_SHOWN: u32 = 128;

impl Audit {
    /// The note of a head with the cosignatures of it that hold.
    pub(crate) async fn cosigned(&self, head: &Head) -> Result<String, StoreError> {
        let mut note = head.note.clone();
        for row in self.reader.cosignatures_of(head.size, MOST_LINES).await? {
            if let Some((seen, line)) = self.holds(&row)
                && seen == head.size
            {
                note.push_str(&line);
            }
        }
        Ok(note)
    }

    /// What each witness saw last.
    pub(crate) async fn witnesses(&self) -> Result<Witnesses, ProblemResponse> {
        let rows = self.reader.cosignatures(MOST_SHOWN).await?;
        let holding: Vec<CosignedRow> = rows.into_iter().filter(|row| self.holds(row).is_some()).collect();
        let outside = self.witnesses.iter().map(|one| {
            let key = one.verifier.verifier_key();
            let row = holding.iter().find(|row| row.bound.is_none() && row.verifier_key == key);
            OutsideWitness { checkpoint: row.map(|row| row.note.clone()), trouble: one.standing().trouble, key }
        });
        let outside = outside.collect();
        let bound: Vec<_> = holding.into_iter().filter_map(|row| Some((row.note, row.bound?))).collect();
        let signers: Vec<_> = bound.iter().map(|(_, bound)| (bound.token.clone(), bound.signed_at)).collect();
        let chain = chain::to_signers(self, &signers).await?;
        let devices = bound
            .into_iter()
            .map(|(checkpoint, bound)| DeviceWitness { checkpoint, statement: bound.statement, token: bound.token })
            .collect();
        Ok(Witnesses { outside, devices, enrols: chain.enrols, tokens: chain.tokens })
    }

    /// This head, those that signers had `seen` and each that a witness saw last, by size, the largest first: one note each, with
    /// the lines that hold.
    pub(crate) async fn shown(&self, head: &Head, seen: &BTreeSet<String>) -> Result<Vec<(u64, String)>, StoreError> {
        let mut by_size = BTreeMap::from([(head.size, head.note.clone())]);
        // What this log did not sign has no path to it: whoever verifies the file says so.
        for (one, own) in seen.iter().filter_map(|note| self.verifier.open_cosigned(note).ok()) {
            if one.size < head.size {
                by_size.insert(one.size, own);
            }
        }
        for row in self.reader.cosignatures(MOST_LINES).await? {
            let Some((size, line)) = self.holds(&row) else { continue };
            by_size.entry(size).or_insert_with(|| row.note.replace(&line, "")).push_str(&line);
        }
        // No path leads from nothing.
        by_size.remove(&0);
        Ok(by_size.into_iter().rev().collect())
    }

    /// Each of these with the proof from it to the head of this size.
    pub(crate) async fn tied(&self, notes: Vec<(u64, String)>, size: u64) -> Result<Vec<ShownHead>, StoreError> {
        let mut connection = self.reader.connection().await?;
        let mut heads = Vec::with_capacity(notes.len());
        for (from, checkpoint) in notes {
            let path = self.reader.tree.consistency(&mut connection, from, size).await?;
            heads.push(ShownHead { checkpoint, consistency: store::digests(&path) });
        }
        Ok(heads)
    }

    /// Its size and the witness's own line, when log and witness signed what is stored, and the witness still counts.
    fn holds(&self, row: &CosignedRow) -> Option<(u64, String)> {
        let verifier = WitnessVerifier::parse(&row.verifier_key).ok()?;
        let counts = row.bound.is_some() || self.witnesses.iter().any(|one| one.verifier == verifier);
        let head = self.verifier.open(&row.note).ok().filter(|_| counts)?;
        let cosignature = verifier.cosigned(&row.note).ok()?;
        Some((head.size, cosignature.line))
    }
}
