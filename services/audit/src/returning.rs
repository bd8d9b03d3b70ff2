//! A gateway that lost what it knew of a Session, or the answer to its call, finds it here again.

use domain::SessionId;
use serve::ProblemResponse;
use statement::{Bundle, sha256};
use wire::audit::{OpenRecording, RecordingState, TakenGrant};
use wire::event::{Event, Receipt};

use crate::audit::Audit;
use crate::error::StoreError;
use crate::problem;
use crate::store::SessionRow;

impl Audit {
    /// The receipt of this very call, when it was answered before. Nothing is verified again and nothing opens: another
    /// bundle, certificate or time is another call, and a sealed Recording is over.
    pub(crate) async fn opened_before(
        &self,
        bundle: &Bundle,
        asked: &OpenRecording,
    ) -> Result<Option<Receipt>, ProblemResponse> {
        let session = SessionId::from(sha256(&bundle.open));
        // A row may be committed a moment before the head that covers it is given out.
        let row = self.reader.session(&session).await?.filter(|row| row.opened_index < self.writer.head().size);
        let Some(row) = row else { return Ok(None) };
        let receipt = self.receipt(row.opened_index).await?;
        if !is_of(&receipt, asked)? {
            return Ok(None);
        }
        if row.ended.is_some() { Err(problem::recording_sealed()) } else { Ok(Some(receipt)) }
    }

    /// How far the Recording has come, and the proof that it was opened.
    pub(crate) async fn state_of(&self, row: SessionRow) -> Result<RecordingState, ProblemResponse> {
        Ok(RecordingState {
            opened: self.receipt(row.opened_index).await?,
            session: row.session,
            next_batch: row.next_batch,
            sealed: row.ended.is_some(),
            request: row.request,
            device: row.device,
            opened_at: row.opened_at,
            ends_at: row.ends_at,
        })
    }

    /// Everything that it takes to go on.
    pub(crate) async fn taken(&self, row: SessionRow) -> Result<TakenGrant, ProblemResponse> {
        let next_frame = self.next_frame(&row.session).await?;
        let bundle_json = self.reader.detail(&row)?.bundle_json;
        let ended_by = row.ended.as_ref().map(|(_, reason)| reason.clone());
        let extensions = self.logged_extensions(&row).await?;
        Ok(TakenGrant { recording: self.state_of(row).await?, bundle_json, next_frame, extensions, ended_by })
    }
}

/// Whether the entry is about exactly this call.
fn is_of(receipt: &Receipt, asked: &OpenRecording) -> Result<bool, StoreError> {
    let event: Event =
        serde_json::from_str(&receipt.leaf).map_err(|_| StoreError::damaged("the opening of a Session"))?;
    let fact = |name: &str| event.facts.get(name).map_or("", String::as_str);
    Ok(fact("bundle") == sha256(&asked.bundle_json).as_str()
        && fact("tls-client") == asked.tls_client.as_str()
        && fact("opened-at") == asked.opened_at.to_string()
        && fact("ends-at") == asked.ends_at.to_string()
        && fact("policy") == asked.policy.as_str()
        && fact("target") == asked.target)
}
