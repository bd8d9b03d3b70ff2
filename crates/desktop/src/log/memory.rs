use checkpoint::{Checkpoint, LogVerifier};
use domain::UnixSeconds;
use serde::{Deserialize, Serialize};

use super::BROKEN_NEXT;
use crate::fault::fault;
use crate::view::UiError;

/// The file in the profile. Every process of the profile writes it, each after reading it again under `log.lock`.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Memory {
    /// Newest first.
    pub(super) checkpoints: Vec<Remembered>,
    /// Why the log is not believed any more. Nothing removes this but a person who removes the profile.
    pub(super) broken: Option<Broken>,
    pub(super) checked_at: Option<UnixSeconds>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Remembered {
    pub(super) note: String,
    pub(super) at: UnixSeconds,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Broken {
    pub(super) why: String,
    pub(super) at: UnixSeconds,
    /// What the log showed, for whoever looks into it.
    pub(super) shown: String,
}

impl Memory {
    /// The newest, opened again with the pinned key.
    pub(super) fn last(&self, verifier: &LogVerifier) -> Result<Option<Checkpoint>, UiError> {
        let Some(newest) = self.checkpoints.first() else { return Ok(None) };
        verifier
            .open(&newest.note)
            .map(Some)
            .map_err(|_| fault("log-broken", "This computer's memory of the audit log was altered.", BROKEN_NEXT))
    }
}
