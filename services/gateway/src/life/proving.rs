//! What the service behind the gateway is shown of a Session. Each look is an entry first, once an hour.

use std::time::Duration;

use client::CallError;
use tokio::time::timeout;
use wire::gateway::ServiceProof;

use super::Life;
use crate::log::LogError;
use crate::opening::not_reliable;
use crate::refused::Refused;
use crate::session::Session;

/// Whoever waits for the log waits no longer, nor does who comes after them.
const PATIENCE: Duration = Duration::from_secs(5);

impl Life {
    /// The proof with what holds every head in it to the log, as it was a moment ago at most.
    ///
    /// # Errors
    /// [`Refused`] when the audit service does not answer, or one of the heads is of another log.
    pub async fn prove(&self, session: &Session) -> Result<ServiceProof, Refused> {
        let proof = session.proof();
        let heads = proof.heads().map_err(|_| not_reliable(&LogError::Broken("what is kept of a Session")))?;
        let ask = async {
            if let Some(view) = session.view_of_proof() {
                self.events.first(&view).await?;
                session.proof_shown();
            }
            let shown = timeout(PATIENCE, self.gate.log.shown(&heads)).await;
            shown.unwrap_or_else(|_| Err(too_slow())).map_err(|why| not_reliable(&why))
        };
        let is_told = || session.view_of_proof().is_none();
        let log = session.proven_log().of(&heads, is_told, ask).await?;
        Ok(ServiceProof { log, ..proof })
    }
}

fn too_slow() -> LogError {
    LogError::Call(CallError::Unreachable { service: "the audit service".to_owned(), why: "it is too slow" })
}
