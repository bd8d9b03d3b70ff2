use checkpoint::{Checkpoint, WitnessSigner};

use super::LogKeeper;
use crate::view::{UiError, WitnessView};

impl LogKeeper {
    /// Cosigns the last Checkpoint that this computer verified, as it is kept: a larger one is never kept after it was
    /// cosigned, and a broken log is cosigned no more. `None` before the first contact.
    pub(crate) fn cosign(&self, signer: &WitnessSigner) -> Result<Option<(Checkpoint, String)>, UiError> {
        let _one_process = self.lock()?;
        let memory = self.unbroken()?;
        let Some(last) = memory.last(&self.verifier)? else { return Ok(None) };
        let at = u64::try_from(self.clock.now()).unwrap_or_default();
        let own = memory.checkpoints.into_iter().next().map(|kept| kept.note).unwrap_or_default();
        let line = signer.cosign(&last, at).line;
        Ok(Some((last, own + &line)))
    }

    /// What the windows show of other witnesses until the next look.
    pub(crate) fn show_witnesses(&self, witnesses: Vec<WitnessView>) {
        *self.witnesses.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = witnesses;
    }
}
